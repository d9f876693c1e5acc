package cursor_test

import (
	"errors"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/page"
	"github.com/lexigram/lexigram-go/core/cursor"
)

func Example() {
	codec, err := cursor.New(cursor.Options{Keys: []cursor.Key{
		{ID: "2026", Secret: config.NewSecret("an example of 32 bytes or more: 0123456789")},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	type position struct {
		Name string
		ID   int64
	}
	next, err := codec.Encode("users by name", position{"Ada", 42})
	fmt.Println(len(next), err)

	var p position
	err = codec.Decode("users by name", next, &p)
	fmt.Println(p, err)
	err = codec.Decode("invoices by name", next, &p)
	fmt.Println(errors.Is(err, page.ErrCursor), err)
	// Output:
	// 59 <nil>
	// {Ada 42} <nil>
	// true cursor: decode: it was not made here for this list, order and filter
}
