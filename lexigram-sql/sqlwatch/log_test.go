package sqlwatch_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/querylogtest"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlwatch"
)

func newLog(t testing.TB, o sqlwatch.LogOptions) *sqlwatch.Log {
	t.Helper()
	l, err := sqlwatch.NewLog(o)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestConformance(t *testing.T) {
	for _, show := range []bool{false, true} {
		t.Run(fmt.Sprintf("values %v", show), func(t *testing.T) {
			querylogtest.Run(t, func(t *testing.T) querylogtest.Log {
				return newLog(t, sqlwatch.LogOptions{Keep: 100, ShowValues: show})
			})
		})
	}
}

// secrets are values in every place of a statement that can hold one.
func secrets() sqldb.QueryLogEntry {
	return sqldb.QueryLogEntry{
		SQL:     "SELECT n FROM t WHERE a = 'hush1' AND b = $tag$hush2$tag$ AND c = 90210 AND d = $1 -- hush3",
		Args:    []any{"hush4", []byte("hush5")},
		Dialect: sqldb.Postgres,
		At:      time.Now(), Took: time.Hour,
		Err: sqldb.ErrConstraint.Wrap(errors.New(`value "hush6" is not good`), "postgres: exec"),
		Tx:  3,
	}
}

func TestNoValueIsShown(t *testing.T) {
	for _, show := range []bool{false, true} {
		var out bytes.Buffer
		l := newLog(t, sqlwatch.LogOptions{ShowValues: show, Logger: slog.New(slog.NewTextHandler(&out, nil))})
		l.LogQuery(t.Context(), secrets())
		recent, slow := l.Recent(1), l.Slow(0, 1)
		all := out.String() + fmt.Sprintf("%+v %+v %s", recent, slow, recent[0].Args)
		if strings.Contains(all, "hush") != show || strings.Contains(all, "90210") != show {
			t.Errorf("with values %v: %s", show, all)
		}
		if !strings.Contains(out.String(), "tx=3") || !strings.Contains(out.String(), "LEX_ERR_DB_004") && !show {
			t.Errorf("%s", out.String())
		}
		if !errors.Is(recent[0].Err, sqldb.ErrConstraint) {
			t.Errorf("%v does not match its sentinel", recent[0].Err)
		}
	}
}

func TestLogIsBounded(t *testing.T) {
	l := newLog(t, sqlwatch.LogOptions{Keep: 3, SampleEvery: 2, Slow: time.Second})
	log := func(rows int64, took time.Duration, err error) {
		l.LogQuery(t.Context(), sqldb.QueryLogEntry{SQL: "SELECT 1", At: time.Now().Add(-took), Took: took, Rows: rows, Err: err})
	}
	for n := range int64(6) {
		log(n, 0, nil) // 1, 3 and 5 are kept
	}
	log(6, time.Minute, nil)
	log(7, 0, sqldb.ErrUnique)
	log(8, time.Second, nil) // which is not over the bound
	var got []int64
	for _, e := range l.Recent(9) {
		got = append(got, e.Rows)
	}
	if fmt.Sprint(got) != "[5 6 7]" {
		t.Errorf("kept %v", got)
	}
	if s := l.Stats(time.Hour); s.Total != 9 || s.Slow != 1 || s.Fails != 1 {
		t.Errorf("%+v", s)
	}
}

func TestLinesAreBounded(t *testing.T) {
	var out bytes.Buffer
	l := newLog(t, sqlwatch.LogOptions{Lines: 2, Logger: slog.New(slog.NewTextHandler(&out, nil))})
	at := time.Unix(1000, 0)
	for range 5 {
		l.LogQuery(t.Context(), sqldb.QueryLogEntry{SQL: "SELECT 1", At: at, Took: time.Minute})
	}
	if n := strings.Count(out.String(), "\n"); n != 2 {
		t.Errorf("%d lines in a second", n)
	}
	l.LogQuery(t.Context(), sqldb.QueryLogEntry{SQL: "SELECT 1", At: at.Add(time.Second), Took: time.Minute})
	if !strings.Contains(out.String(), "not_written=3") {
		t.Error(out.String())
	}
}

func TestLogRefuses(t *testing.T) {
	for _, o := range []sqlwatch.LogOptions{{Slow: -1}, {Keep: -1}, {Keep: 1e7}, {SampleEvery: -1}, {Lines: -1}} {
		_, err := sqlwatch.NewLog(o)
		if _, ok := errors.AsType[*errs.ValidationError](err); !ok || !errors.Is(err, sqldb.Err) {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

func TestFingerprint(t *testing.T) {
	for sql, want := range map[string]string{
		"SELECT  a\n FROM T -- x\n WHERE a='b' AND c = 1.5e3": "select a from t where a=? and c = ?",
		"SELECT a FROM t WHERE a IN ($1, $2,$3) LIMIT 5":      "select a from t where a in (?) limit ?",
		"SELECT a FROM t WHERE a IN (1)":                      "select a from t where a in (?)",
		"INSERT INTO t VALUES ($1, now(), $2)":                "insert into t values (?, now(), ?)",
		"INSERT INTO t VALUES ($1, 2),($3,4), (5, 6),(7,8)":   "insert into t values (?)",
		`SELECT "A", $$x;y$$ FROM t;`:                         `select "A", ? from t`,
		"SELECT 1, 2, a":                                      "select ?, a",
		"SELECT E'it\\'s', 'open":                             "select ?",
		"":                                                    "",
	} {
		if got := sqlwatch.Fingerprint(sql, sqldb.Postgres); got != want {
			t.Errorf("%q:\n got %q\nwant %q", sql, got, want)
		}
	}
}

func FuzzFingerprint(f *testing.F) {
	f.Add("SELECT a FROM t WHERE a IN ($1, '2',\"3\") -- x")
	f.Add("select $a$x$a$, E'\\'', [b], `c`, 1e5")
	f.Fuzz(func(t *testing.T, sql string) {
		for _, d := range []sqldb.Dialect{sqldb.Postgres, sqldb.SQLite} {
			// A value in place of a placeholder changes nothing.
			a := sqlwatch.Fingerprint("SELECT a FROM t WHERE b = $1 AND "+sql, d)
			b := sqlwatch.Fingerprint("SELECT a FROM t WHERE b = 'v' AND "+sql, d)
			if a != b {
				t.Errorf("%q and %q", a, b)
			}
		}
	})
}

func TestStatementsDoNotAllocate(t *testing.T) {
	db, err := sqlwatch.New(&fake{rows: 1}, sqlwatch.Options{Logger: newLog(t, sqlwatch.LogOptions{Keep: 10})})
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	args := []any{"a"}
	for range 20 {
		_, _ = db.Exec(ctx, "DELETE FROM t WHERE a = $1", args...)
	}
	if n := testing.AllocsPerRun(100, func() { _, _ = db.Exec(ctx, "DELETE FROM t WHERE a = $1", args...) }); n != 0 {
		t.Errorf("Exec: %v allocations, want 0", n)
	}
	const own = 1 // the fake's rows
	if n := testing.AllocsPerRun(100, func() { read(ctx, t, db, args) }); n > own+1 {
		t.Errorf("Query: %v allocations, want 1", n-own)
	}
}

func read(ctx context.Context, t testing.TB, db sqldb.DB, args []any) {
	rows, err := db.Query(ctx, "SELECT n FROM t WHERE a = $1", args...)
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		continue
	}
	if err := rows.Close(); err != nil {
		t.Fatal(err)
	}
}

// BenchmarkWatch measures what the view adds to a database that takes no time.
func BenchmarkWatch(b *testing.B) {
	watched := func(o sqlwatch.Options) sqldb.DB {
		db, err := sqlwatch.New(&fake{rows: 1}, o)
		if err != nil {
			b.Fatal(err)
		}
		return db
	}
	log := newLog(b, sqlwatch.LogOptions{})
	for name, db := range map[string]sqldb.DB{
		"bare": &fake{rows: 1}, "log": watched(sqlwatch.Options{Logger: log}),
		"callers": watched(sqlwatch.Options{Logger: log, Callers: true}),
		"wait":    watched(sqlwatch.Options{Logger: log, Wait: time.Minute, Report: slog.New(slog.DiscardHandler)}),
	} {
		args := []any{"a"}
		b.Run("exec/"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = db.Exec(b.Context(), "DELETE FROM t WHERE a = $1", args...)
			}
		})
		b.Run("query/"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				read(b.Context(), b, db, args)
			}
		})
	}
}
