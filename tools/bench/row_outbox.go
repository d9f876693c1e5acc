package main

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	watermillsql "github.com/ThreeDotsLabs/watermill-sql/v4/pkg/sql"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-events/outbox"
	"github.com/lexigram/lexigram-go/lexigram-sql/postgres"
)

const (
	watermillSQL = "watermill-sql"
	outboxBurst  = 1_000 // events of one operation
	outboxBatch  = 100   // events of one transaction
)

func outboxRow() row {
	return row{
		name: "events: an outbox, PostgreSQL",
		work: "write 1,000 events of 100 bytes of JSON to a table, 100 in a transaction, and have them sent from there and acknowledged; " + watermillSQL + " polls every 10 ms",
		goal: "≥ 10 × the 468 messages a second that " + watermillSQL + " publishes as its own figure",
		met:  func(r result) bool { return r.ours().Ns <= 1e9*outboxBurst/4680 },
		sides: []side{
			{"outbox", startOutbox},
			{watermillSQL, startWatermillSQL},
		},
	}
}

// relaysTo counts what a relay sends.
type relaysTo struct{ *countdown }

func (s relaysTo) Publish(_ context.Context, evs ...events.Event) error {
	for range evs {
		s.handled()
	}
	return nil
}

// burst publishes the events of one operation, and waits until they are handled.
func (c *countdown) burst(publish func(ctx context.Context, n int) error) func(context.Context) error {
	return func(ctx context.Context) error {
		c.left.Store(outboxBurst)
		for range outboxBurst / outboxBatch {
			if err := publish(ctx, outboxBatch); err != nil {
				return err
			}
		}
		select {
		case <-c.done:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func startOutbox(ctx context.Context) (worker, error) {
	server, err := postgres.Open(ctx, postgres.Config{URL: config.NewSecret(serverURL())})
	if err != nil {
		return worker{}, err
	}
	const schema = "lexigram_bench_outbox"
	if _, err := server.Exec(ctx, "DROP SCHEMA IF EXISTS "+schema+" CASCADE"); err != nil {
		return worker{}, errors.Join(err, server.Close())
	}
	db, err := server.Open(ctx, sqldb.Place{Schema: schema, Create: true})
	if err != nil {
		return worker{}, errors.Join(err, server.Close())
	}
	closeAll := func() error { return errors.Join(db.Close(), server.Close()) }
	if err := applyOutbox(ctx, db); err != nil {
		return worker{}, errors.Join(err, closeAll())
	}
	box, err := outbox.New(db, outbox.Options{})
	if err != nil {
		return worker{}, errors.Join(err, closeAll())
	}
	count, body := newCountdown(), outboxBody()
	relay, err := outbox.NewRelay(db, relaysTo{count}, outbox.RelayOptions{Wake: box.Committed()})
	if err == nil {
		err = relay.Start(ctx)
	}
	if err != nil {
		return worker{}, errors.Join(err, closeAll())
	}
	publish := func(ctx context.Context, n int) error {
		evs := make([]events.Event, n)
		for i := range evs {
			evs[i] = events.New("/bench", "bench.happened", body)
		}
		return box.Publish(ctx, evs...)
	}
	return worker{
		ops: each(count.burst(publish)),
		close: func() error {
			return errors.Join(relay.Drain(context.WithoutCancel(ctx)), closeAll())
		},
	}, nil
}

// applyOutbox makes the tables.
func applyOutbox(ctx context.Context, db sqldb.DB) error {
	files, err := outbox.Migrations().FS(db.Dialect())
	if err != nil {
		return err
	}
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return err
	}
	slices.Sort(names)
	for _, name := range names {
		if strings.HasSuffix(name, ".down.sql") {
			continue
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		for statement := range strings.SplitSeq(string(text), ";\n") {
			if strings.TrimSpace(statement) == "" {
				continue
			}
			if _, err := db.Exec(ctx, statement); err != nil {
				return err
			}
		}
	}
	return nil
}

func startWatermillSQL(ctx context.Context) (worker, error) {
	db, err := sql.Open("pgx", serverURL())
	if err != nil {
		return worker{}, err
	}
	const topic = "lexigram_bench"
	if _, err := db.ExecContext(ctx, "DROP TABLE IF EXISTS watermill_"+topic+", watermill_offsets_"+topic); err != nil {
		return worker{}, errors.Join(err, db.Close())
	}
	beginner := watermillsql.BeginnerFromStdSQL(db)
	publisher, err := watermillsql.NewPublisher(beginner, watermillsql.PublisherConfig{
		SchemaAdapter: watermillsql.DefaultPostgreSQLSchema{}, AutoInitializeSchema: true,
	}, watermill.NopLogger{})
	if err != nil {
		return worker{}, errors.Join(err, db.Close())
	}
	subscriber, err := watermillsql.NewSubscriber(beginner, watermillsql.SubscriberConfig{
		SchemaAdapter: watermillsql.DefaultPostgreSQLSchema{}, OffsetsAdapter: watermillsql.DefaultPostgreSQLOffsetsAdapter{},
		InitializeSchema: true, ConsumerGroup: "bench", PollInterval: 10 * time.Millisecond,
	}, watermill.NopLogger{})
	if err != nil {
		return worker{}, errors.Join(err, db.Close())
	}
	count, body := newCountdown(), outboxBody()
	msgs, err := subscriber.Subscribe(ctx, topic)
	if err != nil {
		return worker{}, errors.Join(err, subscriber.Close(), db.Close())
	}
	go func() { // ends when the subscriber is closed
		for m := range msgs {
			m.Ack()
			count.handled()
		}
	}()
	publish := func(_ context.Context, n int) error {
		all := make([]*message.Message, n)
		for i := range all {
			all[i] = message.NewMessage(watermill.NewUUID(), body)
		}
		return publisher.Publish(topic, all...)
	}
	return worker{
		ops:   each(count.burst(publish)),
		close: func() error { return errors.Join(subscriber.Close(), publisher.Close(), db.Close()) },
	}, nil
}

// outboxBody returns JSON, which is what the tables of watermill-sql take.
func outboxBody() []byte { return []byte(`{"order":"` + strings.Repeat("x", 88) + `"}`) }
