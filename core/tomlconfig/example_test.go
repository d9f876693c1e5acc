package tomlconfig_test

import (
	"fmt"

	"github.com/lexigram/lexigram-go/core/tomlconfig"
)

func Example() {
	text := `
[server]
port = 8080
hosts = ["a", "b"]
`
	root, err := tomlconfig.Format{}.Parse([]byte(text))
	if err != nil {
		panic(err)
	}
	server := root.Map[0]
	fmt.Println(server.Key, server.Line, server.Value.Map[0].Value.Scalar)

	_, err = tomlconfig.Format{}.Parse([]byte("[server]\nport = 80\nport = 81\n"))
	fmt.Println(err)
	// Output:
	// server 2 8080
	// line 3: server.port: given twice
}
