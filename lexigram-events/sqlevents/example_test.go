package sqlevents_test

import (
	"errors"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/lexigram-events/sqlevents"
)

func ExampleNew() {
	_, err := sqlevents.New(nil, sqlevents.Options{}) // eventssqltest has an example with a database
	fmt.Println(errors.Is(err, events.ErrInvalid))
	// Output: true
}
