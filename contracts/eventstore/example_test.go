package eventstore_test

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/eventstore"
)

func ExampleCheck() {
	placed := events.New("/orders", "orders.order.placed", []byte(`{"order":7}`))
	fmt.Println(eventstore.Check("order-7", eventstore.NoStream, placed))
	fmt.Println(errors.Is(eventstore.Check("", eventstore.Any, placed), eventstore.ErrInvalid))
	// Output:
	// <nil>
	// true
}

// history is an AllReader of two events that waits for no others.
type history []eventstore.Recorded

func (h history) ReadAll(_ context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		for _, rec := range h {
			if rec.Position > after && !yield(rec, nil) {
				return
			}
		}
	}
}

func (h history) Wait(context.Context, eventstore.Position) error { return errors.New("the end") }

func ExampleSubscribe() {
	log := history{{Stream: "order-7", Version: 1, Position: "01"}, {Stream: "order-8", Version: 1, Position: "02"}}
	for rec, err := range eventstore.Subscribe(context.Background(), log, "01") {
		if err != nil {
			fmt.Println(err)
			break
		}
		fmt.Println(rec.Stream, rec.Version)
	}
	// Output:
	// order-8 1
	// the end
}
