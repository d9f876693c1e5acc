package projection_test

import (
	"context"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-events/projection"
)

func Example() {
	var log eventstore.Log // of sqleventstore
	var db sqldb.DB        // with the table of projection.Migrations
	orders := projection.Projection{
		Name: "orders", Version: 1, Types: []string{"orders.>"},
		Handle: func(ctx context.Context, g projection.Generation, rec eventstore.Recorded) error {
			_, err := db.Exec(ctx, `INSERT INTO orders_seen (generation, stream, events) VALUES ($1, $2, 1)
				ON CONFLICT (generation, stream) DO UPDATE SET events = orders_seen.events + 1`, int64(g), rec.Stream)
			return err
		},
		Drop: func(ctx context.Context, g projection.Generation) error {
			_, err := db.Exec(ctx, "DELETE FROM orders_seen WHERE generation = $1", int64(g))
			return err
		},
	}
	place := func(ctx context.Context, appended eventstore.Appended) (seen int, err error) {
		projector, err := projection.New(log, db, projection.Options{}, orders)
		if err != nil {
			return 0, err
		}
		if err := projector.Start(ctx); err != nil {
			return 0, err
		}
		if err := projector.WaitFor(ctx, "orders", appended.Position); err != nil { // to read what was just written
			return 0, err
		}
		g, err := projector.Live(ctx, "orders")
		if err != nil {
			return 0, err
		}
		err = sqldb.QueryRow(ctx, db, "SELECT events FROM orders_seen WHERE generation = $1 AND stream = $2", int64(g), "order-7").Scan(&seen)
		return seen, err
	}
	_ = place
	fmt.Println(orders.Name, orders.Version)
	// Output: orders 1
}
