package config_test

import (
	"encoding/json"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/config"
)

func ExampleSecret() {
	password := config.NewSecret("hunter2")
	text, err := json.Marshal(map[string]any{"password": password})
	fmt.Println(string(text), err)
	fmt.Printf("%v %+v %q\n", password, password, password)
	fmt.Println(password.Reveal())
	// Output:
	// {"password":"***"} <nil>
	// *** *** ***
	// hunter2
}

func ExampleSize() {
	var s config.Size
	err := s.UnmarshalText([]byte("64MiB"))
	fmt.Println(int64(s), s, err)
	// Output:
	// 67108864 64MiB <nil>
}
