package yamlconfig_test

import (
	"fmt"

	"github.com/lexigram/lexigram-go/core/yamlconfig"
)

func Example() {
	text := `
country: no   # a string, as in YAML 1.2
server:
  port: 8080
`
	root, err := yamlconfig.Format{}.Parse([]byte(text))
	if err != nil {
		panic(err)
	}
	server := root.Map[1]
	fmt.Printf("%q\n", root.Map[0].Value.Scalar)
	fmt.Println(server.Key, server.Line, server.Value.Map[0].Value.Scalar)

	_, err = yamlconfig.Format{}.Parse([]byte("port: 80\nport: 81\n"))
	fmt.Println(err)
	// Output:
	// "no"
	// server 3 8080
	// line 2: port: given twice
}
