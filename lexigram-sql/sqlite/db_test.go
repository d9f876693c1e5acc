package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlite"
)

func exec(t *testing.T, db sqldb.Querier, sql string, args ...any) {
	t.Helper()
	if _, err := db.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func count(t *testing.T, db sqldb.Querier, sql string) (n int) {
	t.Helper()
	if err := sqldb.QueryRow(t.Context(), db, sql).Scan(&n); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return n
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	garbage := filepath.Join(dir, "garbage.db")
	if err := os.WriteFile(garbage, []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		config sqlite.Config
		text   string
	}{
		"no path":         {sqlite.Config{}, "path is empty: name a file"},
		"no directory":    {sqlite.Config{Path: filepath.Join(dir, "no", "a.db")}, "make the directory"},
		"a directory":     {sqlite.Config{Path: dir}, "is a directory"},
		"no database":     {sqlite.Config{Path: garbage}, "file is not a database"},
		"under a file":    {sqlite.Config{Path: filepath.Join(garbage, "a.db")}, "not a directory"},
		"NUL":             {sqlite.Config{Path: "a\x00b"}, "NUL"},
		"synchronous":     {sqlite.Config{Path: "a", Synchronous: "off"}, `neither "full" nor "normal"`},
		"negative values": {sqlite.Config{Path: "a", MaxReaders: -1, BusyTimeout: -1, CacheStatements: -1}, "max_readers is negative; busy_timeout is negative; cache_statements is negative"},
	} {
		db, err := sqlite.Open(t.Context(), c.config)
		if err == nil {
			t.Errorf("%s: opened", name)
			_ = db.Close()
			continue
		}
		if !errors.Is(err, sqldb.Err) || !strings.Contains(err.Error(), c.text) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := sqlite.Open(ctx, sqlite.Config{Path: filepath.Join(dir, "b.db")}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestFilesArePrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "odd ?name#%20'.db")
	db, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	exec(t, db, "CREATE TABLE t (n int)")
	for _, suffix := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(path + suffix)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", suffix, info, err)
		}
	}
}

func TestReopen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	for i := range 3 {
		db, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
		if err != nil {
			t.Fatal(err)
		}
		exec(t, db, "CREATE TABLE IF NOT EXISTS t (n int)")
		exec(t, db, "INSERT INTO t VALUES ($1)", i)
		if n := count(t, db, "SELECT count(*) FROM t"); n != i+1 {
			t.Errorf("%d rows, want %d", n, i+1)
		}
		if err := errors.Join(db.Close(), db.Close()); err != nil {
			t.Error(err)
		}
	}
}

func TestMemory(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	var dbs []*sqlite.DB
	for i := range 2 {
		db, err := sqlite.Open(t.Context(), sqlite.Config{Path: sqlite.Memory})
		if err != nil {
			t.Fatal(err)
		}
		exec(t, db, "CREATE TABLE t (n int)") // one for each
		exec(t, db, "INSERT INTO t VALUES ($1)", i)
		dbs = append(dbs, db)
	}
	for _, db := range dbs {
		if n := count(t, db, "SELECT count(*) FROM t"); n != 1 {
			t.Errorf("%d rows", n)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
	if left, err := os.ReadDir(tmp); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestClosed(t *testing.T) {
	db := open(t)
	rows, err := db.Query(t.Context(), "SELECT 1 UNION ALL SELECT 2")
	if err != nil || !rows.Next() {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	if !rows.Next() || rows.Close() != nil {
		t.Error("the rows at hand did not outlive Close")
	}
	none := func(context.Context) error { return nil }
	_, err = db.Exec(t.Context(), "DELETE FROM t")
	for _, err := range []error{err, db.InTx(t.Context(), none), sqldb.QueryRow(t.Context(), db, "SELECT 1").Scan(new(int))} {
		if !errors.Is(err, sqldb.ErrUnavailable) {
			t.Errorf("after Close: %v", err)
		}
	}
	if r := db.CheckHealth(t.Context()); r.Status != health.Unhealthy || !strings.Contains(r.Message, "closed") {
		t.Errorf("%+v", r)
	}
}

// Readers that are almost all in use answer, and say so.
func TestCrowded(t *testing.T) {
	db, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "a.db"), MaxReaders: 10})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	var hold func(ctx context.Context, n int, want health.Status) error
	hold = func(ctx context.Context, n int, want health.Status) error {
		if n > 0 {
			return db.InTx(sqldb.Detach(ctx), func(ctx context.Context) error { return hold(ctx, n-1, want) }, sqldb.ReadOnly())
		}
		if r := db.CheckHealth(ctx); r.Status != want {
			t.Errorf("%+v, want %v", r, want)
		}
		return nil
	}
	if err := errors.Join(hold(t.Context(), 8, health.Healthy), hold(t.Context(), 9, health.Degraded), hold(t.Context(), 10, health.Degraded)); err != nil {
		t.Error(err)
	}
}

func TestCheckHealth(t *testing.T) {
	db := open(t)
	if r := db.CheckHealth(t.Context()); r.Status != health.Healthy {
		t.Errorf("%+v", r)
	}
	err := db.InTx(t.Context(), func(ctx context.Context) error {
		if r := db.CheckHealth(ctx); r.Status != health.Healthy {
			t.Errorf("inside a transaction: %+v", r)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// Another handle on the file stands for another process.
func TestOtherProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	var dbs [2]*sqlite.DB
	for i := range dbs {
		var err error
		if dbs[i], err = sqlite.Open(t.Context(), sqlite.Config{Path: path, BusyTimeout: 50 * time.Millisecond}); err != nil {
			t.Fatal(err)
		}
		defer dbs[i].Close()
	}
	exec(t, dbs[0], "CREATE TABLE t (n int)")
	err := dbs[0].InTx(t.Context(), func(ctx context.Context) error {
		if _, err := dbs[0].Exec(ctx, "INSERT INTO t VALUES (1)"); err != nil {
			return err
		}
		if n := count(t, dbs[1], "SELECT count(*) FROM t"); n != 0 {
			t.Errorf("the other one reads %d rows before the commit", n)
		}
		if _, err := dbs[1].Exec(ctx, "INSERT INTO t VALUES (2)"); !errors.Is(err, sqldb.ErrSerialization) {
			t.Errorf("a write beside another process's transaction: %v", err)
		}
		err := dbs[1].InTx(ctx, func(context.Context) error { t.Error("began"); return nil }, sqldb.MaxAttempts(1))
		if !errors.Is(err, sqldb.ErrSerialization) {
			t.Errorf("a transaction beside another process's: %v", err)
		}
		ended, cancel := context.WithCancel(ctx)
		cancel()
		if _, err := dbs[1].Exec(ended, "INSERT INTO t VALUES (2)"); !errors.Is(err, context.Canceled) {
			t.Errorf("a wait that was cancelled: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	exec(t, dbs[1], "INSERT INTO t VALUES (2)")
	if n := count(t, dbs[0], "SELECT count(*) FROM t"); n != 2 {
		t.Errorf("%d rows, want 2", n)
	}
}

func TestTwoProcessesConcurrentSafe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	var wg sync.WaitGroup
	for range 3 {
		db, err := sqlite.Open(t.Context(), sqlite.Config{Path: path, Synchronous: "normal", BusyTimeout: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		exec(t, db, "CREATE TABLE IF NOT EXISTS t (n int)")
		for range 2 {
			wg.Go(func() {
				for i := range 20 {
					if _, err := db.Exec(t.Context(), "INSERT INTO t VALUES ($1)", i); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	wg.Wait()
	db, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if n := count(t, db, "SELECT count(*) FROM t"); n != 120 {
		t.Errorf("%d rows, want 120", n)
	}
}

// A write that is interrupted rolls its transaction back; the writer lives on.
func TestInterruptedWrite(t *testing.T) {
	db := open(t)
	exec(t, db, "CREATE TABLE t (n int)")
	for range 3 {
		err := db.InTx(t.Context(), func(ctx context.Context) error {
			if _, err := db.Exec(ctx, "INSERT INTO t VALUES (1)"); err != nil {
				return err
			}
			short, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
			defer cancel()
			_, err := db.Exec(short, "INSERT INTO t WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM s) SELECT i FROM s")
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("an endless statement: %v", err)
			}
			return nil
		})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("InTx: %v", err)
		}
	}
	exec(t, db, "INSERT INTO t VALUES (2)")
	if n := count(t, db, "SELECT count(*) FROM t"); n != 1 {
		t.Errorf("%d rows, want 1", n)
	}
}

func TestDeferredConstraint(t *testing.T) {
	db := open(t)
	exec(t, db, "CREATE TABLE p (id int PRIMARY KEY)")
	exec(t, db, "CREATE TABLE c (p int REFERENCES p (id) DEFERRABLE INITIALLY DEFERRED)")
	err := db.InTx(t.Context(), func(ctx context.Context) error {
		_, err := db.Exec(ctx, "INSERT INTO c VALUES (1)")
		return err
	})
	if !errors.Is(err, sqldb.ErrForeignKey) || errors.Is(err, sqldb.ErrCommitUnknown) {
		t.Errorf("commit: %v", err)
	}
	if n := count(t, db, "SELECT count(*) FROM c"); n != 0 {
		t.Errorf("%d rows", n)
	}
	exec(t, db, "INSERT INTO p VALUES (1)")
}

func TestFull(t *testing.T) {
	db := open(t)
	exec(t, db, "CREATE TABLE t (b blob)")
	err := db.Pinned(t.Context(), func(ctx context.Context) error {
		if _, err := db.Exec(ctx, "PRAGMA max_page_count = 20"); err != nil {
			return err
		}
		return db.InTx(ctx, func(ctx context.Context) error {
			for range 100 {
				if _, err := db.Exec(ctx, "INSERT INTO t VALUES ($1)", make([]byte, 4096)); err != nil {
					return err
				}
			}
			return nil
		})
	})
	if !errors.Is(err, sqldb.ErrUnavailable) || !strings.Contains(err.Error(), "full") {
		t.Errorf("a full database: %v", err)
	}
	if n := count(t, db, "SELECT count(*) FROM t"); n != 0 {
		t.Errorf("%d rows of the transaction that failed", n)
	}
	exec(t, db, "INSERT INTO t VALUES ($1)", []byte("small"))
}

func TestConstraintErrors(t *testing.T) {
	db := open(t)
	exec(t, db, "CREATE TABLE t (a int PRIMARY KEY, b int NOT NULL, c int CONSTRAINT positive CHECK (c > 0), d text, UNIQUE (b, c))")
	exec(t, db, "CREATE UNIQUE INDEX lower_d ON t (lower(d))")
	exec(t, db, "INSERT INTO t VALUES (1, 1, 1, 'x')")
	for _, c := range []struct {
		sql, constraint, table, column, text string
	}{
		{"INSERT INTO t VALUES (1, 2, 2, 'y')", "", "t", "a", "sqlite: exec: sql: unique constraint t.a: UNIQUE constraint failed: t.a"},
		{"INSERT INTO t VALUES (2, 1, 1, 'y')", "", "t", "b, c", "sqlite: exec: sql: unique constraint t.b, c: UNIQUE constraint failed: t.b, t.c"},
		{"INSERT INTO t VALUES (2, 2, 2, 'X')", "lower_d", "", "", "sqlite: exec: sql: unique constraint lower_d: UNIQUE constraint failed: index 'lower_d'"},
		{"INSERT INTO t VALUES (2, NULL, 2, 'y')", "", "t", "b", "sqlite: exec: sql: constraint t.b: NOT NULL constraint failed: t.b"},
		{"INSERT INTO t VALUES (2, 2, 0, 'y')", "positive", "", "", "sqlite: exec: sql: constraint positive: CHECK constraint failed: positive"},
	} {
		_, err := db.Exec(t.Context(), c.sql)
		e, ok := errors.AsType[*sqldb.ConstraintError](err)
		if !ok || e.Constraint != c.constraint || e.Table != c.table || e.Column != c.column || err.Error() != c.text {
			t.Errorf("%s: %+v: %v", c.sql, e, err)
		}
	}
}

func TestStatementCache(t *testing.T) {
	db, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "a.db"), CacheStatements: 3, MaxReaders: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	exec(t, db, "CREATE TABLE t (n int)")
	exec(t, db, "INSERT INTO t VALUES (1)")
	for i := range 20 {
		if n := count(t, db, fmt.Sprintf("SELECT n + %d FROM t", i%7)); n != 1+i%7 {
			t.Errorf("%d", n)
		}
	}
	columns := func() int {
		rows, err := db.Query(t.Context(), "SELECT * FROM t")
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		if !rows.Next() {
			t.Error("no row", rows.Err())
		}
		return len(rows.Columns())
	}
	before := columns()
	exec(t, db, "ALTER TABLE t ADD COLUMN m int") // under a prepared statement
	if after := columns(); before != 1 || after != 2 {
		t.Errorf("%d columns, then %d", before, after)
	}
}

func TestTimesOfOthers(t *testing.T) {
	db := open(t)
	exec(t, db, "CREATE TABLE t (d DATETIME, s text, ts TIMESTAMP DEFAULT CURRENT_TIMESTAMP)")
	exec(t, db, "INSERT INTO t (d, s) VALUES ('2026-11-22 10:00:00', '2026-11-22T11:00:00.5+01:00')")
	var d, s, ts, now time.Time
	var text string
	err := sqldb.QueryRow(t.Context(), db, "SELECT d, s, ts, datetime('now'), d FROM t").Scan(&d, &s, &ts, &now, &text)
	want := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	if err != nil || !d.Equal(want) || !s.Equal(want.Add(500*time.Millisecond)) || ts.IsZero() || now.Location() != time.UTC {
		t.Errorf("%v %v %v %v, %v", d, s, ts, now, err)
	}
	if text != "2026-11-22 10:00:00.000000Z" {
		t.Errorf("a time as text is %q", text)
	}
	if err := sqldb.QueryRow(t.Context(), db, "SELECT 'yesterday'").Scan(&d); !errors.Is(err, sqldb.Err) {
		t.Errorf("text that is no time: %v", err)
	}
}

func TestStrict(t *testing.T) {
	db := open(t)
	var s string
	if err := sqldb.QueryRow(t.Context(), db, `SELECT "no such column"`).Scan(&s); err == nil {
		t.Errorf("a misspelt column is the text %q", s)
	}
	if _, err := db.Exec(t.Context(), "SELECT $1", "a", "b"); err == nil {
		t.Error("one placeholder took two arguments")
	}
	for _, dest := range []any{new(int64), new(bool), new(time.Time), new(struct{}), nil, s, (*string)(nil)} {
		if err := sqldb.QueryRow(t.Context(), db, "SELECT 'text'").Scan(dest); !errors.Is(err, sqldb.Err) {
			t.Errorf("text into a %T: %v", dest, err)
		}
	}
}

// A connection that only reads is used again: what makes it so cannot be switched off.
func TestReadersCannotBeMadeWriters(t *testing.T) {
	db := open(t)
	if _, err := db.Exec(t.Context(), "CREATE TABLE t (a int)"); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{"PRAGMA query_only = 0", "EXPLAIN PRAGMA query_only = 0", "\ufeffpragma main . query_only(0)"} {
		err := db.InTx(t.Context(), func(ctx context.Context) error {
			_, err := db.Exec(ctx, sql)
			return err
		}, sqldb.ReadOnly())
		if !errors.Is(err, errors.ErrUnsupported) || !errors.Is(err, sqldb.Err) {
			t.Errorf("%s: %v", sql, err)
		}
	}
	err := db.InTx(t.Context(), func(ctx context.Context) error {
		_, err := db.Exec(ctx, "INSERT INTO t VALUES (1)")
		return err
	}, sqldb.ReadOnly())
	if !errors.Is(err, sqldb.ErrReadOnly) {
		t.Errorf("a write: %v", err)
	}
}
