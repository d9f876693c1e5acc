package postgres_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/postgres"
)

// BEGIN, and the question for the number of the transaction, cost no round trip.
func TestTransactionRoundTrips(t *testing.T) {
	direct := open(t)
	name := table(t, direct, "n bigint")
	var trips atomic.Int64
	addr := counting(t, direct.Pool().Config().ConnConfig.Host, direct.Pool().Config().ConnConfig.Port, &trips)
	db := open(t, func(c *postgres.Config) { c.URL = at(t, c.URL, addr); c.MaxConns = 1 })
	for what, c := range map[string]struct {
		fn   func(ctx context.Context) error
		want int64
	}{
		"nothing": {func(context.Context) error { return nil }, 0},
		"a write": {func(ctx context.Context) error {
			_, err := db.Exec(ctx, "INSERT INTO "+name+" VALUES ($1)", 1)
			return err
		}, 2},
		"two writes": {func(ctx context.Context) error {
			for range 2 {
				if _, err := db.Exec(ctx, "INSERT INTO "+name+" VALUES ($1)", 1); err != nil {
					return err
				}
			}
			return nil
		}, 3},
		"a read": {func(ctx context.Context) error {
			var n int64
			return sqldb.QueryRow(ctx, db, "SELECT count(*) FROM "+name).Scan(&n)
		}, 2},
	} {
		var before int64
		for range 3 { // the first prepares
			before = trips.Load()
			if err := db.InTx(t.Context(), c.fn); err != nil {
				t.Fatal(what, err)
			}
		}
		if n := trips.Load() - before; n != c.want {
			t.Errorf("%s: %d round trips, want %d", what, n, c.want)
		}
	}
}

// A transaction whose connection was ended before it begins does so on another
// one, whatever comes first, and its function is called once.
func TestTransactionDeadConnection(t *testing.T) {
	db, killer := open(t, func(c *postgres.Config) { c.MaxConns = 1 }), open(t)
	name := table(t, killer, "n bigint PRIMARY KEY")
	row := func(yield func([]any, error) bool) { yield([]any{7}, nil) }
	for what, first := range map[string]func(ctx context.Context) error{
		"a write": func(ctx context.Context) error {
			_, err := db.Exec(ctx, "INSERT INTO "+name+" VALUES ($1)", 7)
			return err
		},
		"a write without arguments": func(ctx context.Context) error {
			_, err := db.Exec(ctx, "INSERT INTO "+name+" VALUES (7)")
			return err
		},
		"rows": func(ctx context.Context) error {
			var n int64
			return sqldb.QueryRow(ctx, db, "INSERT INTO "+name+" VALUES ($1) RETURNING n", 7).Scan(&n)
		},
		"a savepoint": func(ctx context.Context) error {
			return db.InTx(ctx, func(ctx context.Context) error { _, err := db.Exec(ctx, "INSERT INTO "+name+" VALUES (7)"); return err })
		},
		"pgx's own": func(ctx context.Context) error {
			_, err := db.Handle().Exec(ctx, "INSERT INTO "+name+" VALUES ($1)", 7)
			return err
		},
		"an upsert": func(ctx context.Context) error {
			_, err := db.Upsert(ctx, name, []string{"n"}, []string{"n"}, row)
			return err
		},
	} {
		pid := numberOf(t, db, "SELECT CAST(pg_backend_pid() AS bigint)")
		if _, err := killer.Exec(t.Context(), "SELECT pg_terminate_backend(CAST($1 AS integer), 5000)", pid); err != nil {
			t.Fatal(err)
		}
		calls := 0
		err := db.InTx(t.Context(), func(ctx context.Context) error { calls++; return first(ctx) })
		if err != nil || calls != 1 {
			t.Errorf("%s: %v, called %d times", what, err, calls)
		}
		if n, err := killer.Exec(t.Context(), "DELETE FROM "+name+" WHERE n = 7"); err != nil || n != 1 {
			t.Errorf("%s: %d rows, %v", what, n, err)
		}
	}
}

// A statement that BEGIN goes with is prepared anew after its table changed, and
// others make room for those that are too many.
func TestTransactionPrepared(t *testing.T) {
	db := open(t, func(c *postgres.Config) { c.MaxConns = 1 })
	name := table(t, db, "n bigint")
	insert := func(sql string) {
		t.Helper()
		err := db.InTx(t.Context(), func(ctx context.Context) error {
			rows, err := db.Query(ctx, sql, 1)
			if err != nil {
				return err
			}
			for rows.Next() {
			}
			return rows.Close()
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	all := "INSERT INTO " + name + " (n) VALUES ($1) RETURNING *"
	insert(all)
	for _, column := range []string{"a", "b"} {
		if _, err := db.Exec(t.Context(), "ALTER TABLE "+name+" ADD COLUMN "+column+" text"); err != nil {
			t.Fatal(err)
		}
		insert(all)
	}
	for i := range 600 {
		insert(fmt.Sprintf("%s, %d", all, i))
	}
	if n := numberOf(t, db, "SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'lexigram%'"); n > 520 {
		t.Errorf("%d prepared statements", n)
	}
}

// The tracer sees a statement that goes with BEGIN, and how it ended.
func TestTracerOfTransaction(t *testing.T) {
	tr := &tracer{}
	db := open(t, func(c *postgres.Config) { c.Tracer = tr })
	err := db.InTx(t.Context(), func(ctx context.Context) error {
		_, err := db.Exec(ctx, "SELECT 'in a transaction', $1::int", 1)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	tr.mu.Lock()
	defer tr.mu.Unlock()
	if text := strings.Join(tr.sql, "\n"); !strings.Contains(text, "in a transaction") || !strings.Contains(text, "COMMIT") || tr.open != 0 {
		t.Errorf("%q, of which %d did not end", tr.sql, tr.open)
	}
}
