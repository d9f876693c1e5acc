package postgres_test

import (
	"context"
	"database/sql/driver"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/lexigram/lexigram-go/lexigram-sql/postgres"
)

type panicking struct{}

func (panicking) Value() (driver.Value, error) { panic("boom") }

// A transaction waits for the statement that runs: one that panicked is none.
func TestPanicsEnd(t *testing.T) {
	db := open(t, func(c *postgres.Config) { c.MaxConns = 1 })
	h, name := db.Handle(), table(t, db, "n bigint PRIMARY KEY")
	for what, fn := range map[string]func(ctx context.Context){
		"Exec":     func(ctx context.Context) { _, _ = h.Exec(ctx, "SELECT CAST($1 AS text)", panicking{}) },
		"Query":    func(ctx context.Context) { _, _ = h.Query(ctx, "SELECT CAST($1 AS text)", panicking{}) },
		"QueryRow": func(ctx context.Context) { _ = h.QueryRow(ctx, "SELECT CAST($1 AS text)", panicking{}) },
		"SendBatch": func(ctx context.Context) {
			var b pgx.Batch
			b.Queue("SELECT CAST($1 AS text)", panicking{})
			_ = h.SendBatch(ctx, &b)
		},
		"Upsert": func(ctx context.Context) { // in the second part of its rows
			_, _ = db.Upsert(ctx, name, []string{"n"}, []string{"n"}, func(yield func([]any, error) bool) {
				for n := 0; n < 10_000 && yield([]any{n}, nil); n++ {
				}
				panic("boom")
			})
		},
	} {
		ended := make(chan any, 1)
		go func() {
			defer func() { ended <- recover() }()
			_ = db.InTx(t.Context(), func(ctx context.Context) error { fn(ctx); return nil })
		}()
		select {
		case r := <-ended:
			if r != "boom" {
				t.Errorf("%s: recovered %v", what, r)
			}
		case <-time.After(time.Minute):
			t.Fatalf("%s: the transaction does not end", what)
		}
		if n := count(t, t.Context(), db, name); n != 0 {
			t.Errorf("%s: %d rows are left", what, n)
		}
	}
}
