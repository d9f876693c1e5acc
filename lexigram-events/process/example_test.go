package process_test

import (
	"context"
	"fmt"
	"time"

	"github.com/lexigram/lexigram-go/contracts/saga"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-events/process"
)

// An Order is what the steps of a checkout work on.
type Order struct{ Item, Reservation string }

func Example() {
	var db sqldb.DB // with the table of process.Migrations
	checkout := process.Saga[Order]{Name: "checkout", Version: 1, Steps: []process.Step[Order]{
		{
			Name: "reserve",
			Do: func(ctx context.Context, o *Order, c *saga.Call) error {
				o.Reservation = c.Key // the same one, however often this is called
				return nil
			},
			Undo: func(ctx context.Context, o *Order, c *saga.Call) error { return nil },
		},
		{Name: "paid", Await: []string{"payments.charge.settled"}, Within: 24 * time.Hour},
		{Name: "ship", Do: func(ctx context.Context, o *Order, c *saga.Call) error { return nil }},
	}}
	fmt.Println(saga.Check(checkout.Definition()))
	place := func(ctx context.Context) error {
		manager, err := process.New(db, process.Options{}, checkout)
		if err != nil {
			return err
		}
		worker, err := process.NewWorker(manager, process.WorkerOptions{})
		if err != nil {
			return err
		}
		if err := worker.Start(ctx); err != nil {
			return err
		}
		return checkout.Start(ctx, manager, "checkout/7", Order{Item: "tea"})
	}
	_ = place
	// Output: <nil>
}
