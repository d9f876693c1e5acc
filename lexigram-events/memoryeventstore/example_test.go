package memoryeventstore_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/lexigram/lexigram-go/lexigram-events/memoryeventstore"
)

func Example() {
	ctx := context.Background()
	store := memoryeventstore.New()
	placed := events.New("/orders", "orders.order.placed", []byte(`{"total":7}`))
	paid := events.New("/orders", "orders.order.paid", nil)

	done, err := store.Append(ctx, "order-7", eventstore.NoStream, placed, paid)
	fmt.Println(done.Version, err)
	_, err = store.Append(ctx, "order-7", 1, paid) // by someone who has not seen the second event
	fmt.Println(errors.Is(err, eventstore.ErrConflict))

	for rec, err := range store.Read(ctx, "order-7", 0) {
		fmt.Println(rec.Version, rec.Type, err)
	}
	// Output:
	// 2 <nil>
	// true
	// 1 orders.order.placed <nil>
	// 2 orders.order.paid <nil>
}
