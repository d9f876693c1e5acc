package migratesqltest

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/migrate"
)

// counted counts what reaches a database.
type counted struct {
	sqldb.DB
	queries, execs, txs atomic.Int64
}

func (c *counted) Query(ctx context.Context, sql string, args ...any) (sqldb.Rows, error) {
	c.queries.Add(1)
	return c.DB.Query(ctx, sql, args...)
}

func (c *counted) Exec(ctx context.Context, sql string, args ...any) (int64, error) {
	c.execs.Add(1)
	return c.DB.Exec(ctx, sql, args...)
}

func (c *counted) InTx(ctx context.Context, fn func(context.Context) error, opts ...sqldb.TxOption) error {
	c.txs.Add(1)
	return c.DB.InTx(ctx, fn, opts...)
}

// nothingPending is two queries, and no lock.
func nothingPending(t *testing.T, e *env) {
	set := e.set("s", "0001_create.sql", createA, "0002_notx.sql", "-- +lexigram no-transaction\n"+insertA)
	up(t, e.migrator(t, set))
	c := &counted{DB: e.db}
	e.db = c
	if got := up(t, e.migrator(t, set)); got != "" || c.queries.Load() != 2 || c.execs.Load() != 0 || c.txs.Load() != 0 {
		t.Errorf("applied %q with %d queries, %d other statements, %d transactions", got, c.queries.Load(), c.execs.Load(), c.txs.Load())
	}
}

// waiting: while one applies, another one waits, as long as its ctx allows, and finds nothing.
func waiting(t *testing.T, e *env) {
	for _, noTx := range []bool{false, true} {
		started, release := make(chan struct{}), make(chan struct{})
		set := e.set("waits")
		if noTx {
			set.Source = "waits outside"
		}
		set.Funcs = []sqldb.MigrationFunc{{Name: "0001_slow", NoTx: noTx, Up: func(context.Context, sqldb.DB) error {
			close(started) // twice would panic
			<-release
			return nil
		}}}
		type result struct {
			applied []migrate.Migration
			err     error
		}
		results := make(chan result, 2)
		run := func(m *migrate.Migrator) {
			applied, err := m.Up(t.Context())
			results <- result{applied, err}
		}
		go run(e.migrator(t, set))
		<-started
		go run(e.migrator(t, set))
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
		applied, err := e.migrator(t, set).Up(ctx)
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) || len(applied) > 0 {
			t.Errorf("who may not wait: %s, %v", names(applied), err)
		}
		select {
		case r := <-results:
			t.Errorf("one did not wait: %+v", r)
		default:
		}
		close(release)
		a, b := <-results, <-results
		if a.err != nil || b.err != nil || len(a.applied)+len(b.applied) != 1 {
			t.Errorf("together they applied %s %s, %v, %v", names(a.applied), names(b.applied), a.err, b.err)
		}
	}
}

// outside: a file without a transaction is recorded when all of it is done, and begins anew otherwise.
func outside(t *testing.T, e *env) {
	const mark = "-- +goose NO TRANSACTION\n"
	index := "CREATE INDEX TABLE_i ON TABLE_a (n);"
	only := "VACUUM"
	if e.db.Dialect() == sqldb.Postgres {
		index = "CREATE INDEX CONCURRENTLY TABLE_i ON TABLE_a (n);"
		only = "VACUUM TABLE_a"
	}
	files := []string{"0001_create.sql", createA, "0002_index.sql", mark + index + only, "0002_index.down.sql", mark + strings.Replace(strings.Split(index, " ON")[0], "CREATE", "DROP", 1), "0003_bad.sql", mark + insertA + "; INSERT INTO TABLE_a (n) VALUES (1)"}
	m := e.migrator(t, e.set("s", files...))
	applied, err := m.Up(t.Context())
	if !errors.Is(err, sqldb.ErrUnique) || !strings.HasPrefix(err.Error(), "migrate: s 0003_bad.sql: statement 3: ") || names(applied) != "s/0001_create.sql s/0002_index.sql" {
		t.Fatalf("%s, %v", names(applied), err)
	}
	if !applied[1].NoTx || applied[0].NoTx || e.count(t, "a") != 2 {
		t.Errorf("%+v, and %d rows", applied, e.count(t, "a"))
	}
	files[7] = mark + "DELETE FROM TABLE_a;" + insertA
	m = e.migrator(t, e.set("s", files...))
	if got := up(t, m); got != "s/0003_bad.sql" || e.count(t, "a") != 2 {
		t.Errorf("after it was mended: %s, and %d rows", got, e.count(t, "a"))
	}
	if _, err := m.Down(t.Context(), "s", 1); !errors.Is(err, migrate.ErrNoDown) {
		t.Error(err)
	}
	m = e.migrator(t, e.set("s", append(files, "0003_bad.down.sql", "DELETE FROM TABLE_a")...))
	if got := down(t, m, "s", 1); got != "s/0003_bad.sql s/0002_index.sql" || e.count(t, "a") != 0 {
		t.Errorf("undone %s", got)
	}
	if n, err := e.db.Exec(t.Context(), strings.ReplaceAll(insertA[:strings.Index(insertA, ";")], "TABLE_", e.name+"_")); n != 1 || err != nil {
		t.Errorf("the lock stayed: %d, %v", n, err)
	}
}

// plain hides that a database lends connections, as one behind a pooler.
type plain struct{ sqldb.DB }

// leased: without a connection of its own, a file outside a transaction is kept apart by a lease.
func leased(t *testing.T, e *env) {
	e.db = plain{e.db}
	waiting(t, e)
	outside(t, e)
	var n int64
	if err := sqldb.QueryRow(t.Context(), e.db, "SELECT count(*) FROM "+e.table+"_lease WHERE ends = 0 AND fence > 0").Scan(&n); err != nil || n != 1 {
		t.Errorf("%d leases that ended, %v", n, err)
	}
}

// crashed: a lease that nobody keeps keeps others out until it ends, those in transactions too.
func crashed(t *testing.T, e *env) {
	e.db = plain{e.db}
	up(t, e.migrator(t, e.set("s", "0001_create.sql", createA, "0002_notx.sql", "-- +lexigram no-transaction\n"+insertA)))
	lease := func(ends string) {
		if _, err := e.db.Exec(t.Context(), "UPDATE "+e.table+"_lease SET owner = 'crashed', ends = CAST("+ends+" AS bigint)"); err != nil {
			t.Fatal(err)
		}
	}
	lease("9000000000000000")
	for name, text := range map[string]string{"0003_in.sql": "INSERT INTO TABLE_a (n) VALUES (3)", "0003_out.sql": "-- +lexigram no-transaction\nINSERT INTO TABLE_a (n) VALUES (3)"} {
		m := e.migrator(t, e.set("s", "0001_create.sql", createA, "0002_notx.sql", "-- +lexigram no-transaction\n"+insertA, name, text))
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
		if applied, err := m.Up(ctx); !errors.Is(err, context.DeadlineExceeded) || len(applied) > 0 {
			t.Errorf("%s: %s, %v", name, names(applied), err)
		}
		cancel()
	}
	lease("1000")
	if got := up(t, e.migrator(t, e.set("s", "0001_create.sql", createA, "0002_notx.sql", "-- +lexigram no-transaction\n"+insertA, "0003_out.sql", "-- +lexigram no-transaction\nINSERT INTO TABLE_a (n) VALUES (3)"))); got != "s/0003_out.sql" || e.count(t, "a") != 3 {
		t.Errorf("after the lease ended: %s, %d rows", got, e.count(t, "a"))
	}
}

// outsideConcurrentSafe: those that begin at once take turns outside transactions too.
func outsideConcurrentSafe(t *testing.T, e *env) {
	for _, db := range []sqldb.DB{e.db, plain{e.db}} {
		var inside, calls atomic.Int64
		set := e.set("turns")
		if db != e.db {
			set.Source = "turns with leases"
		}
		set.Funcs = []sqldb.MigrationFunc{{Name: "0001_alone", NoTx: true, Up: func(ctx context.Context, db sqldb.DB) error {
			calls.Add(1)
			if n := inside.Add(1); n != 1 {
				t.Errorf("%d at once", n)
			}
			defer inside.Add(-1)
			for range 20 {
				if _, err := db.Exec(ctx, "SELECT 1"); err != nil {
					return err
				}
			}
			return nil
		}}}
		of := *e
		of.db = db
		race(t, []*migrate.Migrator{of.migrator(t, set), of.migrator(t, set), of.migrator(t, set), of.migrator(t, set)}, 1)
		if calls.Load() != 1 {
			t.Errorf("it was called %d times", calls.Load())
		}
	}
}

// again runs the function of every transaction twice, as after a lost race; between the two it calls lost.
type again struct {
	sqldb.DB
	lost func()
}

func (a again) InTx(ctx context.Context, fn func(context.Context) error, opts ...sqldb.TxOption) error {
	undo := errors.New("undo")
	err := a.DB.InTx(ctx, func(ctx context.Context) error { return errors.Join(fn(ctx), undo) }, opts...)
	if !errors.Is(err, undo) {
		return err
	}
	a.lost()
	return a.DB.InTx(ctx, fn, opts...)
}

// lostRace: who is faster is the one that applied.
func lostRace(t *testing.T, e *env) {
	set := e.set("s", "0001_create.sql", createA)
	other := e.migrator(t, set)
	of := *e
	of.db = again{e.db, func() {
		if got := up(t, other); got != "s/0001_create.sql" {
			t.Errorf("the faster one applied %q", got)
		}
	}}
	if got := up(t, of.migrator(t, set)); got != "" {
		t.Errorf("the slower one applied %s", got)
	}
}

// between calls fn once, after the first transaction.
type between struct {
	sqldb.DB
	fn func()
}

func (b *between) InTx(ctx context.Context, fn func(context.Context) error, opts ...sqldb.TxOption) error {
	err := b.DB.InTx(ctx, fn, opts...)
	if b.fn != nil {
		b.fn()
		b.fn = nil
	}
	return err
}

// leaseTaken: nobody takes a lease that another one took a moment before.
func leaseTaken(t *testing.T, e *env) {
	e.db = plain{e.db}
	up(t, e.migrator(t, e.set("s", "0001_create.sql", "-- +lexigram no-transaction\n"+createA)))
	of := *e
	of.db = &between{DB: e.db, fn: func() {
		if _, err := e.db.Exec(t.Context(), "UPDATE "+e.table+"_lease SET owner = 'another', ends = 9000000000000000"); err != nil {
			t.Error(err)
		}
	}}
	m := of.migrator(t, e.set("s", "0001_create.sql", "-- +lexigram no-transaction\n"+createA, "0002_insert.sql", "-- +lexigram no-transaction\n"+insertA))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if applied, err := m.Up(ctx); !errors.Is(err, context.DeadlineExceeded) || len(applied) > 0 || e.count(t, "a") != 0 {
		t.Errorf("%s, %v, %d rows", names(applied), err, e.count(t, "a"))
	}
}
