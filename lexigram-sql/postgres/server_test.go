package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/postgres"
)

func table(t *testing.T, db *postgres.DB, columns string) string {
	t.Helper()
	name := fmt.Sprintf("lexigram_pg_%016x", rand.Uint64())
	if _, err := db.Exec(t.Context(), "CREATE TABLE "+name+" ("+columns+")"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := db.Exec(context.WithoutCancel(t.Context()), "DROP TABLE "+name); err != nil {
			t.Error(err)
		}
	})
	return name
}

func TestSettings(t *testing.T) {
	db := open(t, func(c *postgres.Config) {
		c.ApplicationName, c.StatementTimeout = "settings test", 50*time.Millisecond
	})
	var name string
	if err := sqldb.QueryRow(t.Context(), db, "SELECT current_setting('application_name')").Scan(&name); err != nil || name != "settings test" {
		t.Error(name, err)
	}
	if _, err := db.Exec(t.Context(), "SELECT pg_sleep(10)"); !errors.Is(err, os.ErrDeadlineExceeded) || !errors.Is(err, sqldb.Err) {
		t.Errorf("a statement over its timeout: %v", err)
	}
	if r := db.CheckHealth(t.Context()); r.Status != health.Healthy {
		t.Errorf("%+v", r)
	}
}

// A pool that is almost all in use answers, and says so.
func TestCrowded(t *testing.T) {
	db := open(t, func(c *postgres.Config) { c.MaxConns = 10 })
	var hold func(ctx context.Context, n int, want health.Status) error
	hold = func(ctx context.Context, n int, want health.Status) error {
		if n > 0 {
			return db.InTx(sqldb.Detach(ctx), func(ctx context.Context) error { return hold(ctx, n-1, want) })
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

func TestClosed(t *testing.T) {
	db := open(t)
	if err := errors.Join(db.Close(), db.Close()); err != nil {
		t.Error(err)
	}
	if _, err := db.Exec(t.Context(), "SELECT 1"); !errors.Is(err, sqldb.ErrUnavailable) {
		t.Error(err)
	}
	if r := db.CheckHealth(t.Context()); r.Status != health.Unhealthy {
		t.Errorf("%+v", r)
	}
}

// A table that changes under a prepared statement is nobody's error.
func TestStalePlan(t *testing.T) {
	db := open(t, func(c *postgres.Config) { c.MaxConns = 1 })
	name := table(t, db, "n bigint")
	read := func(ctx context.Context) error {
		rows, err := db.Query(ctx, "SELECT * FROM "+name)
		if err != nil {
			return err
		}
		return rows.Close()
	}
	for i := range 3 {
		if err := read(t.Context()); err != nil {
			t.Errorf("outside: %v", err)
		}
		if _, err := db.Exec(t.Context(), fmt.Sprintf("ALTER TABLE %s ADD COLUMN c%d int", name, i)); err != nil {
			t.Fatal(err)
		}
		if i == 1 {
			if err := db.InTx(t.Context(), read); err != nil {
				t.Errorf("in a transaction: %v", err)
			}
		}
	}
}

// Connections that the server has closed are replaced.
func TestTerminated(t *testing.T) {
	db, admin := open(t), open(t)
	var pid int64
	for range 3 {
		if err := sqldb.QueryRow(t.Context(), db, "SELECT CAST(pg_backend_pid() AS bigint)").Scan(&pid); err != nil {
			t.Fatal(err)
		}
		if _, err := admin.Exec(t.Context(), "SELECT pg_terminate_backend(CAST($1 AS int))", pid); err != nil {
			t.Fatal(err)
		}
		err := db.InTx(t.Context(), func(ctx context.Context) error {
			_, err := db.Exec(ctx, "SELECT 1")
			return err
		})
		if err != nil && !errors.Is(err, sqldb.ErrUnavailable) {
			t.Errorf("after a lost connection: %v", err)
		}
	}
}

func TestConnectionLostAtCommit(t *testing.T) {
	direct := open(t)
	u, err := url.Parse(os.Getenv("LEXIGRAM_TEST_POSTGRES"))
	if err != nil || u.Port() == "" {
		t.Skip("NOT TESTED: LEXIGRAM_TEST_POSTGRES is not a URL with a port")
	}
	q := u.Query()
	q.Set("sslmode", "disable")
	u.RawQuery = q.Encode()
	server := u.Host
	for _, deliver := range []bool{false, true} {
		name := table(t, direct, "n bigint")
		u.Host = proxy(t, server, deliver)
		db := open(t, func(c *postgres.Config) { c.URL = config.NewSecret(u.String()) })
		var calls, committed int
		err := db.InTx(t.Context(), func(ctx context.Context) error {
			calls++
			sqldb.OnCommit(ctx, func(context.Context) { committed++ })
			var n int64
			return sqldb.QueryRow(ctx, db, "INSERT INTO "+name+" VALUES (1) RETURNING n").Scan(&n)
		})
		if deliver && (err != nil || committed != 1) || !deliver && (!errors.Is(err, sqldb.ErrUnavailable) || errors.Is(err, sqldb.ErrCommitUnknown) || committed != 0) || calls != 1 {
			t.Errorf("delivered %v: %v after %d calls and %d of OnCommit", deliver, err, calls, committed)
		}
		var n int64
		if err := sqldb.QueryRow(t.Context(), direct, "SELECT count(*) FROM "+name).Scan(&n); err != nil || n != int64(committed) {
			t.Errorf("delivered %v: %d rows, %v", deliver, n, err)
		}
		// Of one that wrote nothing, nothing is known; nor need it be.
		err = db.InTx(t.Context(), func(ctx context.Context) error {
			return sqldb.QueryRow(ctx, db, "SELECT 1").Scan(&n)
		})
		if !errors.Is(err, sqldb.ErrCommitUnknown) {
			t.Errorf("delivered %v: of a transaction that only read: %v", deliver, err)
		}
	}
}
