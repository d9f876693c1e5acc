package onpostgres

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/idempotency"
	"github.com/lexigram/lexigram-go/contracts/lock"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/migrate"
	"github.com/lexigram/lexigram-go/lexigram-sql/postgres"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlidempotency"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqllock"
	"github.com/lexigram/lexigram-go/tools/integration/servers"
)

// childEnv names the work of a process that is killed, and the URL of its database.
const childEnv = "LEXIGRAM_STORES_PROCESS"

// leaseTTL is how long a lease and a claim outlive their process.
const leaseTTL = 500 * time.Millisecond

func connect(t *testing.T, url string) sqldb.DB {
	t.Helper()
	db, err := postgres.Open(t.Context(), postgres.Config{URL: config.NewSecret(url)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// prepare makes the tables of the stores, and one of effects.
func prepare(t *testing.T) (url string, db sqldb.DB) {
	t.Helper()
	url = servers.Postgres(t)
	db = connect(t, url)
	m, err := migrate.New(db, migrate.Options{}, sqllock.Migrations(), sqllock.FenceMigrations(), sqlidempotency.Migrations())
	if err == nil {
		_, err = m.Up(t.Context())
	}
	for _, sql := range []string{"CREATE TABLE effects (what text NOT NULL, fence bigint NOT NULL)", "CREATE TABLE counter (n bigint NOT NULL)", "INSERT INTO counter VALUES (0)"} {
		if err == nil {
			_, err = db.Exec(t.Context(), sql)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return url, db
}

func number(t *testing.T, db sqldb.DB, sql string) (n int64) {
	t.Helper()
	if err := sqldb.QueryRow(t.Context(), db, sql).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestKillLeaseHolder kills a process that holds a lease and extends it, at any moment
// of what it does under it: the name is free when the ttl has passed, and every
// write of the counter stands on the one before.
func TestKillLeaseHolder(t *testing.T) {
	url, db := prepare(t)
	store, err := sqllock.New(db, sqllock.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for round := range 4 {
		runUntil(t, "lease "+url, 3+rand.IntN(20), false)
		fence := uint64(number(t, db, "SELECT max(fence) FROM effects"))
		began := time.Now()
		l, err := lock.Acquire(t.Context(), store, "resource", leaseTTL, lock.Poll(10*time.Millisecond))
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took > leaseTTL+5*time.Second {
			t.Errorf("round %d: the name of the process that was killed was free after %v, with a ttl of %v", round, took, leaseTTL)
		}
		if l.Fence() <= fence {
			t.Errorf("round %d: fence %d after %d", round, l.Fence(), fence)
		}
		if err := addOne(t.Context(), db, fence-1); err == nil {
			t.Errorf("round %d: a smaller fence may write", round)
		}
		if err := l.Release(t.Context()); err != nil {
			t.Error(err)
		}
	}
	n, effects := number(t, db, "SELECT n FROM counter"), number(t, db, "SELECT count(*) FROM effects")
	if n != effects || n == 0 {
		t.Errorf("the counter is %d after %d writes", n, effects)
	}
	t.Logf("%d writes by 4 processes", n)
}

// addOne adds one to the counter, and notes it, under a fence.
func addOne(ctx context.Context, db sqldb.DB, fence uint64) error {
	return db.InTx(ctx, func(ctx context.Context) error {
		if err := sqllock.Guard(ctx, db, "resource", fence); err != nil {
			return err
		}
		var n int64
		if err := sqldb.QueryRow(ctx, db, "SELECT n FROM counter").Scan(&n); err != nil {
			return err
		}
		if _, err := db.Exec(ctx, "UPDATE counter SET n = $1", n+1); err != nil {
			return err
		}
		_, err := db.Exec(ctx, "INSERT INTO effects (what, fence) VALUES ('one', $1)", int64(fence))
		return err
	})
}

// TestKillClaimant kills processes that do things once, at any moment between the claim
// and the commit: in the end all of them are done, and each once.
func TestKillClaimant(t *testing.T) {
	const kills = 5
	url, db := prepare(t)
	for range kills {
		runUntil(t, "claim "+url, 1+rand.IntN(things/kills), false)
	}
	runUntil(t, "claim "+url, 1<<30, true)
	if n := number(t, db, "SELECT count(*) FROM effects"); n != things {
		t.Errorf("%d effects of %d things", n, things)
	}
	if n := number(t, db, "SELECT count(DISTINCT what) FROM effects"); n != things {
		t.Errorf("%d of %d things were done", n, things)
	}
}

// things is how many the processes of TestKillClaimant do.
const things = 40

// runUntil runs a process, and kills it at some moment after n lines; with finish it
// lets it go on to its end.
func runUntil(t *testing.T, work string, n int, finish bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestStoresProcess$", "-test.v")
	cmd.Env = append(os.Environ(), childEnv+"="+work)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	for lines := bufio.NewScanner(out); lines.Scan(); {
		said.WriteString(lines.Text() + "\n")
		if !strings.HasPrefix(lines.Text(), "did ") {
			continue
		}
		if n--; n == 0 {
			time.Sleep(rand.N(10 * time.Millisecond)) // what it does next is somewhere in between
			if err := cmd.Process.Kill(); err != nil {
				t.Error(err)
			}
		}
	}
	if err := cmd.Wait(); n > 0 && (err != nil || !finish) {
		t.Fatalf("the process ended by itself: %v\n%s", err, said.String())
	}
}

// TestStoresProcess is the process of the tests above.
func TestStoresProcess(t *testing.T) {
	work, url, ok := strings.Cut(os.Getenv(childEnv), " ")
	if !ok {
		t.Skip("is run by TestKillLeaseHolder and TestKillClaimant")
	}
	db := connect(t, url)
	var err error
	if work == "lease" {
		err = holdLease(t.Context(), db)
	} else {
		err = doOnce(t.Context(), db)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// holdLease writes under a lease until it is killed.
func holdLease(ctx context.Context, db sqldb.DB) error {
	store, err := sqllock.New(db, sqllock.Options{})
	if err != nil {
		return err
	}
	return lock.With(ctx, store, "resource", leaseTTL, func(ctx context.Context, fence uint64) error {
		for {
			if err := addOne(ctx, db, fence); err != nil {
				return err
			}
			if _, err := io.WriteString(os.Stdout, "did one\n"); err != nil {
				return err
			}
		}
	})
}

// doOnce does every thing that was not done before.
func doOnce(ctx context.Context, db sqldb.DB) error {
	store, err := sqlidempotency.New(db)
	if err != nil {
		return err
	}
	for i := range things {
		key := fmt.Sprint("thing ", i)
		out, err := idempotency.Do(ctx, store, key, "", func(ctx context.Context, c idempotency.Claim) ([]byte, error) {
			return nil, db.InTx(ctx, func(ctx context.Context) error {
				if _, err := db.Exec(ctx, "INSERT INTO effects (what, fence) VALUES ($1, 0)", key); err != nil {
					return err
				}
				time.Sleep(rand.N(5 * time.Millisecond)) // the work
				return store.Complete(ctx, c, nil, time.Hour)
			})
		}, idempotency.Lease(leaseTTL), idempotency.Wait(time.Minute))
		if err == nil && !out.Replayed {
			_, err = fmt.Fprintln(os.Stdout, "did", key)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
