package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/postgres"
)

// A statement whose ctx ends costs no connection: not one of 60 is replaced.
func TestCancelledKeepsConnections(t *testing.T) {
	db := open(t, func(c *postgres.Config) { c.MaxConns = 6 })
	if _, err := db.Warm(t.Context(), 6); err != nil {
		t.Fatal(err)
	}
	before := db.PoolStats().Created
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			for range 10 {
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
				_, err := db.Exec(ctx, "SELECT pg_sleep(10)")
				cancel()
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if after := db.PoolStats().Created; after != before {
		t.Errorf("%d connections were replaced", after-before)
	}
	for range 12 { // no cancellation comes late
		if _, err := db.Exec(t.Context(), "SELECT pg_sleep(0.01)"); err != nil {
			t.Error(err)
		}
	}
}

// A listener whose connection is ended by the server gets another one, and a value.
func TestListenReconnects(t *testing.T) {
	db := open(t)
	ch, err := db.Listen(t.Context(), "reconnects")
	if err != nil {
		t.Fatal(err)
	}
	next := func(what string) {
		t.Helper()
		select {
		case _, ok := <-ch:
			if !ok {
				t.Fatal(what + ": closed")
			}
		case <-time.After(10 * time.Second):
			t.Fatal(what + ": no value")
		}
	}
	n, err := db.Exec(t.Context(), "UPDATE pg_database SET datname = datname WHERE false") // the server is there
	if err != nil || n != 0 {
		t.Fatal(n, err)
	}
	if _, err := db.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'LISTEN "reconnects"'`); err != nil {
		t.Fatal(err)
	}
	next("after a reconnect")
	if err := db.Notify(t.Context(), "reconnects"); err != nil {
		t.Fatal(err)
	}
	next("after a notification")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for range ch { // ends: Close has closed it
	}
	if _, err := db.Listen(t.Context(), "reconnects"); !errors.Is(err, sqldb.ErrUnavailable) {
		t.Errorf("Listen after Close: %v", err)
	}
}

// tracer counts statements.
type tracer struct {
	mu   sync.Mutex
	sql  []string
	open int // that have not ended
}

func (tr *tracer) TraceQueryStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceQueryStartData) context.Context {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.sql = append(tr.sql, d.SQL)
	tr.open++
	return ctx
}

func (tr *tracer) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.open--
}

func TestTracer(t *testing.T) {
	tr := &tracer{}
	db := open(t, func(c *postgres.Config) { c.Tracer = tr })
	if _, err := db.Exec(t.Context(), "SELECT 'traced'"); err != nil {
		t.Fatal(err)
	}
	tr.mu.Lock()
	defer tr.mu.Unlock()
	if !strings.Contains(strings.Join(tr.sql, "\n"), "traced") {
		t.Errorf("%q", tr.sql)
	}
}

// Settings cost no round trip: as many as the statement alone.
func TestSettingsRoundTrips(t *testing.T) {
	direct := open(t)
	var trips atomic.Int64
	addr := counting(t, direct.Pool().Config().ConnConfig.Host, direct.Pool().Config().ConnConfig.Port, &trips)
	db := open(t, func(c *postgres.Config) { c.URL = at(t, c.URL, addr); c.MaxConns = 1 })
	view, err := db.WithSettings(sqldb.Setting{Name: "app.tenant", Value: "acme"})
	if err != nil {
		t.Fatal(err)
	}
	read := func(q sqldb.Querier) {
		t.Helper()
		var n int64
		if err := sqldb.QueryRow(t.Context(), q, "SELECT 1").Scan(&n); err != nil {
			t.Fatal(err)
		}
	}
	for what, q := range map[string]sqldb.Querier{"plain": db, "with settings": view} {
		read(q) // prepares
		before := trips.Load()
		read(q)
		if n := trips.Load() - before; n != 1 {
			t.Errorf("%s: %d round trips", what, n)
		}
	}
}

func TestPools(t *testing.T) {
	db := open(t)
	p, err := db.Pools().Pool("primary")
	if err != nil || p.PoolStats().Max != 10 || db.Pools().PoolStats()["primary"].Max != 10 {
		t.Errorf("%v %v", p, err)
	}
	if _, err := db.Pools().Pool("other"); !errors.Is(err, sqldb.ErrNoPool) {
		t.Error(err)
	}
}

// An unknown table or column, or a row that does not fit, says so.
func TestUpsertErrors(t *testing.T) {
	db := open(t)
	name := table(t, db, "n bigint PRIMARY KEY, s varchar(3)")
	rows := func(v ...any) func(func([]any, error) bool) {
		return func(yield func([]any, error) bool) { yield(v, nil) }
	}
	for what, c := range map[string]struct {
		table, column string
		value         any
		text          string
	}{
		"table":  {"no_such", "s", "x", `relation "no_such" does not exist`},
		"column": {name, "no_such", "x", "lacks some of the columns"},
		"length": {name, "s", "four", "value too long"},
		"type":   {name, "n", "four", "invalid input syntax"},
	} {
		_, err := db.Upsert(t.Context(), c.table, []string{c.column}, nil, rows(c.value))
		if !errors.Is(err, sqldb.Err) || !strings.Contains(fmt.Sprint(err), c.text) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := db.Upsert(t.Context(), "public."+name, []string{"n"}, []string{"n"}, rows(1)); err != nil {
		t.Error(err)
	}
}

// Every type comes as it was sent, by COPY and by arrays, also where a key that
// no sample shows is there, so that COPY fails and arrays follow.
func TestUpsertTypes(t *testing.T) {
	db := open(t)
	name := table(t, db, "n int PRIMARY KEY, s smallint, v varchar(10), j jsonb, x json, m numeric, d date, o boolean, more text")
	columns := []string{"n", "s", "v", "j", "x", "m", "d", "o"}
	day := time.Date(2026, 2, 3, 0, 0, 0, 0, time.UTC)
	for _, wide := range []bool{false, true} { // m and d are types that COPY is not used for
		with := columns
		if !wide {
			with = []string{"n", "s", "v", "j", "x", "o"}
		}
		rows := func(yield func([]any, error) bool) {
			for n := range 1000 {
				row := []any{n, n % 100, "v", `{"a": 1}`, `[2]`, 1.5, day, true}
				if !wide {
					row = append(row[:5], true)
				}
				if !yield(row, nil) {
					return
				}
			}
		}
		for _, there := range []bool{false, true} {
			if _, err := db.Exec(t.Context(), "DELETE FROM "+name); err != nil {
				t.Fatal(err)
			}
			if there {
				if _, err := db.Exec(t.Context(), "INSERT INTO "+name+" (n, more) VALUES (7, 'kept')"); err != nil {
					t.Fatal(err)
				}
			}
			n, err := db.Upsert(t.Context(), name, with, []string{"n"}, rows)
			if err != nil || n != 1000 {
				t.Fatalf("wide %v, there %v: %d, %v", wide, there, n, err)
			}
			sql := "SELECT count(*) FROM " + name + " WHERE s = n % 100 AND v = 'v' AND j = '{\"a\":1}' AND CAST(x AS text) = '[2]' AND o AND (more IS NULL OR more = 'kept' AND n = 7)"
			if wide {
				sql += " AND m = 1.5 AND d = '2026-02-03'"
			}
			if got := numberOf(t, db, sql); got != 1000 {
				t.Errorf("wide %v, there %v: %d rows as they were sent", wide, there, got)
			}
		}
	}
}

func numberOf(t *testing.T, db sqldb.Querier, sql string) (n int64) {
	t.Helper()
	if err := sqldb.QueryRow(t.Context(), db, sql).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
