package erasure_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/lexigram/lexigram-go/lexigram-events/erasure"
	"github.com/lexigram/lexigram-go/lexigram-events/memoryeventstore"
)

func Example() {
	ctx := context.Background()
	store, err := erasure.New(memoryeventstore.New(), erasure.Options{
		Keys:    newEntries(),                                  // such as sqlstate
		Master:  newSealer(new(testing.B), "0123456789abcdef"), // such as core/keys.Envelope
		Subject: func(stream string, _ events.Event) string { return stream },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	moved := events.New("/shop", "shop.customer.moved", []byte("12 Baker Street"))
	_, err = store.Append(ctx, "customer-7", eventstore.NoStream, moved)
	fmt.Println(err)
	existed, err := store.Erase(ctx, "customer-7")
	fmt.Println(existed, err)
	for rec, err := range store.Read(ctx, "customer-7", 0) {
		fmt.Println(rec.Version, rec.Type, erasure.Erased(rec.Event), len(rec.Data), err)
	}
	// Output:
	// <nil>
	// true <nil>
	// 1 shop.customer.moved true 0 <nil>
}
