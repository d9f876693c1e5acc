package jsoncodec_test

import (
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/codec"
	"github.com/lexigram/lexigram-go/core/jsoncodec"
)

func Example() {
	type user struct {
		Name string `json:"name"`
		Mail string `json:"mail"`
	}
	var c jsoncodec.Codec
	data, err := c.Marshal(user{"Ada <ada@example.com>", ""})
	fmt.Println(string(data), err)

	u, err := codec.Decode[user](c, []byte(`{"name": "Ada", "name": "Eve"}`))
	fmt.Println(u, err)
	_, err = codec.Decode[user](c, []byte(`{"name": "Ada", "email": "ada@example.com"}`))
	fmt.Println(err)
	// Output:
	// {"name":"Ada <ada@example.com>","mail":""} <nil>
	// { } jsoncodec: unmarshal into a *jsoncodec_test.user: an object has the name "name" twice
	// jsoncodec: unmarshal into a *jsoncodec_test.user: json: unknown field "email"
}
