package eventssqltest_test

import (
	"context"
	"fmt"
	"io/fs"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-events/memoryevents"
	"github.com/lexigram/lexigram-go/lexigram-events/outbox"
	"github.com/lexigram/lexigram-go/lexigram-events/sqlevents"
	"github.com/lexigram/lexigram-go/lexigram-events/sqleventstore"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlite"
)

// An event is handled because the transaction that it tells of has committed.
func Example_outbox() {
	ctx := context.Background()
	db, err := sqlite.Open(ctx, sqlite.Config{Path: sqlite.Memory})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()
	apply(ctx, db) // see lexigram-sql/migrate

	bus := memoryevents.New(memoryevents.Options{})
	box, err := outbox.New(db, outbox.Options{})
	fmt.Println(err)
	relay, err := outbox.NewRelay(db, bus, outbox.RelayOptions{Wake: box.Committed()})
	fmt.Println(err)

	handled := make(chan string)
	_, err = bus.Subscribe(ctx, events.Subscription{Types: []string{"orders.>"}, Group: "mail"},
		func(_ context.Context, ev events.Event) error { handled <- string(ev.Data); return nil })
	fmt.Println(err, relay.Start(ctx))

	err = db.InTx(ctx, func(ctx context.Context) error {
		// … write the order with the same ctx, and then:
		return box.Publish(ctx, events.New("/orders", "orders.order.placed", []byte("order 7")))
	})
	fmt.Println(err, <-handled)
	fmt.Println(relay.Drain(ctx), bus.Close(ctx))
	// Output:
	// <nil>
	// <nil>
	// <nil> <nil>
	// <nil> order 7
	// <nil> <nil>
}

// What was published with a transaction is handled, by whatever process
// subscribes the group.
func Example_sqlevents() {
	ctx := context.Background()
	db, err := sqlite.Open(ctx, sqlite.Config{Path: sqlite.Memory})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()
	applyFile(ctx, db, sqlevents.Migrations(), "0001_events.sql") // see lexigram-sql/migrate

	bus, err := sqlevents.New(db, sqlevents.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	handled := make(chan string)
	_, err = bus.Subscribe(ctx, events.Subscription{Types: []string{"orders.>"}, Group: "mail", Begin: events.Earliest},
		func(_ context.Context, ev events.Event) error { handled <- string(ev.Data); return nil })
	fmt.Println(err)

	err = db.InTx(ctx, func(ctx context.Context) error {
		// … write the order with the same ctx, and then:
		return bus.Publish(ctx, events.New("/orders", "orders.order.placed", []byte("order 7")))
	})
	fmt.Println(err, <-handled)
	fmt.Println(bus.Close(ctx))
	// Output:
	// <nil>
	// <nil> order 7
	// <nil>
}

// What happened is stored together with what is published of it, or neither is.
func Example_sqleventstore() {
	ctx := context.Background()
	db, err := sqlite.Open(ctx, sqlite.Config{Path: sqlite.Memory})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()
	apply(ctx, db) // see lexigram-sql/migrate
	applyFile(ctx, db, sqleventstore.Migrations(), "0001_events.sql")
	box, err := outbox.New(db, outbox.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}

	store, err := sqleventstore.New(db, sqleventstore.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	paid := events.New("/orders", "orders.order.paid", []byte(`{"order":7}`))
	err = db.InTx(ctx, func(ctx context.Context) error {
		if _, err := store.Append(ctx, "order-7", eventstore.NoStream, paid); err != nil {
			return err // errors.Is(err, eventstore.ErrConflict): another was quicker
		}
		return box.Publish(ctx, paid)
	})
	fmt.Println(err)
	for rec, err := range store.ReadAll(ctx, "") { // eventstore.Subscribe goes on with those to come
		fmt.Println(rec.Stream, rec.Version, rec.Type, err)
	}
	// Output:
	// <nil>
	// order-7 1 orders.order.paid <nil>
}

// apply makes the tables of the outbox.
func apply(ctx context.Context, db sqldb.DB) {
	applyFile(ctx, db, outbox.Migrations(), "0001_outbox.sql")
}

// applyFile runs a migration, which is short enough to be cut at semicolons.
func applyFile(ctx context.Context, db sqldb.DB, m sqldb.Migrations, name string) {
	files, err := m.FS(db.Dialect())
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := fs.ReadFile(files, name)
	if err != nil {
		fmt.Println(err)
	}
	for statement := range strings.SplitSeq(strings.TrimSpace(string(text)), ";\n") {
		if _, err := db.Exec(ctx, statement); err != nil {
			fmt.Println(err)
		}
	}
}
