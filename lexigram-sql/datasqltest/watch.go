package datasqltest

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqldbtest"
	"github.com/lexigram/lexigram-go/lexigram-sql/querycount"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlwatch"
)

// RunWatch checks that a watched database keeps the contract of databases, and
// what sqlwatch and querycount tell of it.
func RunWatch(t *testing.T, open func(t *testing.T) sqldb.DB) {
	watched := func(t *testing.T) (*sqlwatch.DB, *sqlwatch.Log) {
		t.Helper()
		log, err := sqlwatch.NewLog(sqlwatch.LogOptions{})
		if err != nil {
			t.Fatal(err)
		}
		db, err := sqlwatch.New(open(t), sqlwatch.Options{
			Logger: log, Callers: true, Wait: 5 * time.Millisecond, Report: slog.New(slog.DiscardHandler),
		})
		if err != nil {
			t.Fatal(err)
		}
		return db, log
	}
	t.Run("conformance", func(t *testing.T) {
		sqldbtest.Run(t, func(t *testing.T) sqldb.DB {
			db, _ := watched(t)
			return db
		})
	})
	t.Run("entries", func(t *testing.T) {
		db, log := watched(t)
		watchEntries(t, db, log)
	})
	t.Run("explain", func(t *testing.T) {
		db, _ := watched(t)
		watchExplain(t, db)
	})
	t.Run("repeats", func(t *testing.T) { watchRepeats(t, open(t)) })
}

func watchEntries(t *testing.T, db *sqlwatch.DB, log *sqlwatch.Log) {
	name := table(t, db, "n bigint NOT NULL PRIMARY KEY")
	rows := func(yield func([]any, error) bool) {
		_ = yield([]any{1}, nil) && yield([]any{2}, nil)
	}
	if n, err := sqldb.Upsert(t.Context(), db, name, []string{"n"}, []string{"n"}, rows); n != 2 || err != nil {
		t.Fatalf("Upsert = %d, %v", n, err)
	}
	if e := log.Recent(1)[0]; e.Rows != 2 || e.Err != nil || !strings.Contains(e.SQL, name) {
		t.Errorf("Upsert: %+v", e)
	}
	var n int64
	if err := sqldb.QueryRow(t.Context(), db, "SELECT max(n) FROM "+name+" WHERE n > $1", 0).Scan(&n); err != nil || n != 2 {
		t.Fatalf("%d, %v", n, err)
	}
	e := log.Recent(1)[0]
	if e.SQL != "select max(n) from "+name+" where n > ?" || e.Rows != 1 || e.Took <= 0 || !strings.Contains(sqlwatch.Site(e.PC), "watchEntries") {
		t.Errorf("%+v at %s", e, sqlwatch.Site(e.PC))
	}
	if _, err := db.Exec(t.Context(), "INSERT INTO "+name+" (n) VALUES ($1)", 1); err == nil {
		t.Fatal("a key twice = nil")
	}
	if s := log.Stats(time.Minute); s.Fails != 1 || s.Total < 4 {
		t.Errorf("%+v", s)
	}
}

func watchExplain(t *testing.T, db *sqlwatch.DB) {
	name := table(t, db, "n bigint NOT NULL PRIMARY KEY")
	plan, err := db.Explain(t.Context(), "SELECT n FROM "+name+" WHERE n = $1", 7)
	if err != nil || !strings.Contains(strings.Join(plan, "\n"), name) {
		t.Errorf("%q, %v", plan, err)
	}
	if _, err := db.Explain(t.Context(), "SELECT n FROM "+name+"_missing"); err == nil {
		t.Error("the plan of a table that is not there = nil")
	}
	if db.Dialect() == sqldb.SQLite {
		return // one writer
	}
	err = db.InTx(t.Context(), func(ctx context.Context) error { // on a connection of its own
		_, err := db.Explain(ctx, "SELECT 1")
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func watchRepeats(t *testing.T, inner sqldb.DB) {
	name := table(t, inner, "n bigint NOT NULL PRIMARY KEY")
	var c querycount.Counter
	db, err := sqlwatch.New(inner, sqlwatch.Options{Logger: &c, Callers: true})
	if err != nil {
		t.Fatal(err)
	}
	for n := range 3 {
		for _, err := range sqldb.Select(t.Context(), db, func(r sqldb.Rows) (m int, err error) { err = r.Scan(&m); return m, err },
			"SELECT n FROM "+name+" WHERE n = $1", n) {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	got := c.Repeats(2)
	if len(got) != 1 || got[0].Times != 3 || !strings.Contains(got[0].Site, "watchRepeats") {
		t.Errorf("%v", got)
	}
}
