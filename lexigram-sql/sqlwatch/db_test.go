package sqlwatch_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/observe"
	"github.com/lexigram/lexigram-go/contracts/observe/observetest"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlwatch"
)

func watch(t *testing.T, db sqldb.DB, o sqlwatch.Options) *sqlwatch.DB {
	t.Helper()
	d, err := sqlwatch.New(db, o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestEntries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var k kept
		f := &fake{rows: 3, takes: time.Second}
		db := watch(t, f, sqlwatch.Options{Logger: &k, Callers: true})
		start := time.Now()
		n, err := db.Exec(t.Context(), "DELETE FROM t WHERE n = $1", 7)
		e := k.last()
		if n != 3 || err != nil || e.Rows != 3 || e.Took != time.Second || !e.At.Equal(start) || e.Args[0] != 7 || e.Tx != 0 || e.Dialect != sqldb.Postgres {
			t.Errorf("%d, %v, %+v", n, err, e)
		}
		if site := sqlwatch.Site(e.PC); !strings.Contains(site, "TestEntries") || !strings.Contains(site, "db_test.go:") {
			t.Errorf("site %q", site)
		}
		rows, err := db.Query(t.Context(), "SELECT n FROM t")
		if err != nil || len(k.entries) != 1 {
			t.Fatalf("%v: a statement is reported with %d entries before its rows are done", err, len(k.entries))
		}
		for rows.Next() {
			continue
		}
		if err := errors.Join(rows.Err(), rows.Close(), rows.Close()); err != nil {
			t.Error(err)
		}
		if e := k.last(); len(k.entries) != 2 || e.Rows != 3 || e.Took != 3*time.Second || e.Err != nil {
			t.Errorf("%d entries, %+v", len(k.entries), e)
		}
		f.err = sqldb.ErrUnique
		if _, err := db.Query(t.Context(), "SELECT 1"); !errors.Is(err, sqldb.ErrUnique) || !errors.Is(k.last().Err, sqldb.ErrUnique) {
			t.Errorf("%v, %+v", err, k.last())
		}
	})
}

func TestTransactionsHaveNumbers(t *testing.T) {
	var k kept
	db := watch(t, &fake{}, sqlwatch.Options{Logger: &k})
	exec := func(ctx context.Context) error { _, err := db.Exec(ctx, "DELETE FROM t"); return err }
	for range 2 {
		err := db.InTx(t.Context(), func(ctx context.Context) error {
			return errors.Join(exec(ctx), db.InTx(ctx, exec), exec(sqldb.Detach(ctx)),
				db.InTx(ctx, exec, sqldb.WithPropagation(sqldb.Separate)))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	var got []uint64
	for _, e := range k.entries {
		got = append(got, e.Tx)
	}
	want := []uint64{1, 1, 0, 2, 3, 3, 0, 4}
	if len(got) != len(want) {
		t.Fatalf("transactions %v, want %v", got, want)
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("transactions %v, want %v", got, want)
		}
	}
}

func TestObserver(t *testing.T) {
	var sink observetest.Recorder
	f := &fake{err: sqldb.Err.Wrap(sqldb.ErrUnique.Wrap(errors.New(`"secret" is there`), "t"), "exec")}
	db := watch(t, f, sqlwatch.Options{Observer: observe.Observer{Sink: &sink}})
	_, _ = db.Exec(t.Context(), "INSERT INTO t VALUES ('secret', $1)", 1)
	span, ok := sink.Span("sql.exec")
	if ok && (strings.Contains(span.Err.Error(), "secret") || errs.KindOf(span.Err) != errs.Conflict) {
		t.Errorf("the span's error is %v", span.Err)
	}
	if !ok || !errors.Is(span.Err, sqldb.ErrUnique) || sink.Total("sql.failures") != 1 {
		t.Errorf("%+v, %d failures", span, int64(sink.Total("sql.failures")))
	}
	for _, a := range span.Attrs {
		if strings.Contains(a.Value.String(), "secret") {
			t.Errorf("attribute %v", a)
		}
	}
}

func TestWhoHoldsTheConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		f := &fake{slots: make(chan struct{}, 1)}
		db := watch(t, f, sqlwatch.Options{Wait: time.Second, Report: slog.New(slog.NewTextHandler(&out, nil))})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		hog := func(ctx context.Context) error {
			<-ctx.Done()
			return context.Cause(ctx)
		}
		done := make(chan error)
		go func() { done <- db.InTx(ctx, hog) }()
		synctest.Wait()
		go func() { _, err := db.Exec(ctx, "DELETE FROM t"); done <- err }()
		time.Sleep(1500 * time.Millisecond)
		synctest.Wait()
		text := out.String()
		for _, want := range []string{"waiting for a connection", "what=statement", "max=1", "transaction since 1s", "TestWhoHoldsTheConnections.func1.2", "db_test.go:"} {
			if !strings.Contains(text, want) {
				t.Errorf("the report lacks %q: %s", want, text)
			}
		}
		out.Reset()
		go func() { done <- db.InTx(ctx, hog) }()
		time.Sleep(1500 * time.Millisecond)
		synctest.Wait()
		if text := out.String(); !strings.Contains(text, "what=transaction") {
			t.Errorf("a transaction that waits: %q", text)
		}
		for range 3 {
			<-done
		}
	})
}

func TestNobodyWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		f := &fake{rows: 1, takes: 5 * time.Second, slots: make(chan struct{}, 1)}
		db := watch(t, f, sqlwatch.Options{Wait: time.Second, Report: slog.New(slog.NewTextHandler(&out, nil))})
		if _, err := db.Exec(t.Context(), "DELETE FROM t"); err != nil { // slow, and has the only connection
			t.Fatal(err)
		}
		err := db.InTx(t.Context(), func(ctx context.Context) error {
			_, err := db.Exec(ctx, "DELETE FROM t WHERE n = 1")
			time.Sleep(time.Minute)
			return err
		})
		if err != nil || out.Len() > 0 {
			t.Errorf("%v: %s", err, out.String())
		}
	})
}

func TestHealth(t *testing.T) {
	f := &fake{rows: 1, slots: make(chan struct{}, 10)}
	db := watch(t, f, sqlwatch.Options{})
	for used, want := range map[int]health.Status{0: health.Healthy, 8: health.Healthy, 9: health.Degraded} {
		for len(f.slots) > 0 {
			<-f.slots
		}
		for range used {
			f.slots <- struct{}{}
		}
		if r := db.CheckHealth(t.Context()); r.Status != want {
			t.Errorf("%d of 10 in use: %+v, want %v", used, r, want)
		}
	}
	f.err = sqldb.ErrUnavailable
	if r := db.CheckHealth(t.Context()); r.Status != health.Unhealthy || r.Message == "" {
		t.Errorf("%+v", r)
	}
}

func TestNewRefuses(t *testing.T) {
	for _, o := range []sqlwatch.Options{{Wait: -1}, {Wait: 1}} {
		if _, err := sqlwatch.New(&fake{}, o); !errors.Is(err, sqldb.ErrArgument) {
			t.Errorf("%+v: %v", o, err)
		}
	}
	if _, err := sqlwatch.New(nil, sqlwatch.Options{}); !errors.Is(err, sqldb.ErrArgument) {
		t.Errorf("nil: %v", err)
	}
}

// bare has no ability at all.
type bare struct{ sqldb.DB }

func TestWhatTheDatabaseCannot(t *testing.T) {
	db := watch(t, bare{&fake{}}, sqlwatch.Options{})
	ctx := t.Context()
	_, settings := db.WithSettings()
	_, listen := db.Listen(ctx, "c")
	_, open := db.Open(ctx, sqldb.Place{})
	_, warm := db.Warm(ctx, 1)
	_, upsert := db.Upsert(ctx, "t", nil, nil, nil)
	for i, err := range []error{
		settings, listen, open, warm, upsert, db.UpsertReturning(ctx, nil, nil, "t", nil, nil, nil), db.Notify(ctx, "c"), db.Close(),
		db.Pinned(ctx, func(context.Context) error { t.Error("called"); return nil }),
	} {
		if !errors.Is(err, errors.ErrUnsupported) || !errors.Is(err, sqldb.Err) {
			t.Errorf("%d: %v", i, err)
		}
	}
	if s := db.PoolStats(); s != (sqldb.PoolStats{}) {
		t.Errorf("%+v", s)
	}
}

func TestExplainRefuses(t *testing.T) {
	db := watch(t, pg{}, sqlwatch.Options{}) // asked, it would panic
	for _, sql := range []string{
		"", "DELETE FROM t", "WITH d AS (DELETE FROM t RETURNING n) SELECT n FROM d", "SELECT 1; DROP TABLE t",
		"SELECT n INTO u FROM t", "EXPLAIN SELECT 1", "ANALYZE SELECT 1", "/* SELECT */ update t set n = 1", "SELECT $1", "(SELECT 1)",
	} {
		if _, err := explain(t, db, sql); !errors.Is(err, sqldb.ErrArgument) {
			t.Errorf("%q: %v", sql, err)
		}
	}
}

func explain(t *testing.T, db *sqlwatch.DB, sql string) (plan []string, err error) {
	defer func() {
		if p := recover(); p != nil {
			t.Errorf("%q reached the database", sql)
		}
	}()
	return db.Explain(t.Context(), sql)
}

// pg has a dialect, and nothing else.
type pg struct{ sqldb.DB }

func (pg) Dialect() sqldb.Dialect { return sqldb.Postgres }
