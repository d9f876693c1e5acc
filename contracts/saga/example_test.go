package saga_test

import (
	"context"
	"fmt"
	"time"

	"github.com/lexigram/lexigram-go/contracts/saga"
)

func Example() {
	checkout := saga.Definition{Name: "checkout", Version: 1, Steps: []saga.Step{
		{Name: "reserve", Do: nothing, Undo: nothing},
		{Name: "charge", Do: func(_ context.Context, c *saga.Call) error {
			fmt.Println("charged with the key", c.Key) // the provider keeps it, and charges once
			return nil
		}, Undo: nothing, Timeout: 10 * time.Second},
		{Name: "paid", Await: []string{"payments.charge.settled"}, Within: 24 * time.Hour},
		{Name: "ship", Do: nothing},
	}}
	fmt.Println(saga.Check(checkout))
	place := func(ctx context.Context, m saga.Manager, order []byte) error { // of lexigram-events/process
		return m.Start(ctx, "checkout", "checkout/7", order)
	}
	_ = place
	// Output: <nil>
}
