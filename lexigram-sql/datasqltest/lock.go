package datasqltest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/lock"
	"github.com/lexigram/lexigram-go/contracts/lock/locktest"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqllock"
)

// RunLock checks package sqllock, with the suite of its contract, on the databases
// that open returns, each of them empty. open registers its own cleanup on t.
func RunLock(t *testing.T, open func(t *testing.T) sqldb.DB) {
	t.Helper()
	t.Run("contract", func(t *testing.T) {
		locktest.Run(t, func(t *testing.T) lock.Store { return newLocks(t, open(t)) })
	})
	for name, check := range map[string]func(*testing.T, sqldb.DB){
		"leases are outside transactions": locksDetach,
		"fences outlive the clock":        fencesGrow,
		"sweep":                           locksSweep,
		"waiters are woken":               locksWake,
		"guard":                           guards,
		"guards wait for each other":      guardsWait,
		"torture":                         lockTorture,
	} {
		t.Run(name, func(t *testing.T) {
			db := open(t)
			migrated(t, db, sqllock.Migrations(), sqllock.FenceMigrations())
			check(t, db)
		})
	}
}

func newLocks(t *testing.T, db sqldb.DB) *sqllock.Store {
	t.Helper()
	migrated(t, db, sqllock.Migrations())
	s, err := sqllock.New(db, sqllock.Options{Keep: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// locksDetach takes a lease in a transaction that rolls back.
func locksDetach(t *testing.T, db sqldb.DB) {
	s := newLocks(t, db)
	err := db.InTx(t.Context(), func(ctx context.Context) error {
		if _, err := s.Acquire(ctx, "n", "a", time.Minute); err != nil {
			if db.Dialect() == sqldb.SQLite && errors.Is(err, sqldb.ErrTxBusy) && errors.Is(err, lock.Err) {
				return nil // it has one writer, which this transaction is, and says so at once
			}
			t.Errorf("Acquire inside a transaction: %v", err)
		}
		if _, err := s.Acquire(t.Context(), "n", "b", time.Minute); db.Dialect() == sqldb.SQLite || !errors.Is(err, sqldb.ErrTxOutside) && !errors.Is(err, lock.ErrHeld) {
			t.Errorf("Acquire of what is held: %v", err)
		}
		return errLeft
	})
	if db.Dialect() == sqldb.SQLite {
		if err != nil {
			t.Error(err)
		}
		return
	}
	if _, held := s.Acquire(t.Context(), "n", "b", time.Minute); !errors.Is(err, errLeft) || !errors.Is(held, lock.ErrHeld) {
		t.Errorf("after the rollback, %v: %v, want ErrHeld", err, held)
	}
}

// fencesGrow has a last fence that is ahead of the clock, as after a step back.
func fencesGrow(t *testing.T, db sqldb.DB) {
	s := newLocks(t, db)
	first, err := s.Acquire(t.Context(), "n", "a", time.Minute)
	if micros := uint64(time.Now().UnixMicro()); err != nil || first < micros-1e9 || first > micros+1e9 {
		t.Fatalf("the first fence is %d, %v, and the time %d", first, err, micros)
	}
	if err := s.Release(t.Context(), "n", "a"); err != nil {
		t.Fatal(err)
	}
	ahead := int64(first) + 1e12
	execute(t, db, "UPDATE lexigram_locks SET fence = $1", ahead)
	for i := range int64(3) {
		fence, err := s.Acquire(t.Context(), "n", fmt.Sprint(i), time.Minute)
		if err != nil || fence != uint64(ahead+i+1) {
			t.Errorf("fence %d, %v, want %d", fence, err, ahead+i+1)
		}
		if again, err := newLocks(t, db).Acquire(t.Context(), "n", fmt.Sprint(i), time.Minute); err != nil || again != fence {
			t.Errorf("another process asks again: %d, %v", again, err)
		}
		if err := s.Release(t.Context(), "n", fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
}

func locksSweep(t *testing.T, db sqldb.DB) {
	s := newLocks(t, db)
	for _, name := range []string{"live", "ended", "long ended"} {
		if _, err := s.Acquire(t.Context(), name, "a", time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	const aged = "UPDATE lexigram_locks SET expires_at = expires_at - $2 WHERE name = $1"
	execute(t, db, aged, []byte("ended"), (time.Hour + time.Second).Microseconds())
	execute(t, db, aged, []byte("long ended"), (time.Hour + time.Minute + time.Second).Microseconds())
	for _, want := range []int64{1, 0} {
		if n, err := s.Sweep(t.Context()); err != nil || n != want {
			t.Errorf("Sweep = %d, %v, want %d", n, err, want)
		}
	}
	if n := rowsOf(t, db, "lexigram_locks"); n != 2 {
		t.Errorf("%d rows are left, want 2", n)
	}
}

// locksWake waits with a poll that never comes, where the database notifies.
func locksWake(t *testing.T, db sqldb.DB) {
	s := newLocks(t, db)
	if err := s.Wait(t.Context(), "free"); errors.Is(err, errors.ErrUnsupported) {
		t.Skipf("this database cannot: %v", err)
	} else if err != nil {
		t.Fatal(err)
	}
	for round := range 5 {
		l, err := lock.Acquire(t.Context(), s, "n", time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		got := make(chan error, 1)
		go func() {
			_, err := lock.Acquire(t.Context(), s, "n", time.Minute, lock.Poll(time.Hour))
			got <- err
		}()
		time.Sleep(time.Duration(round) * 20 * time.Millisecond) // it may wait, or not yet
		began := time.Now()
		if err := l.Release(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := <-got; err != nil || time.Since(began) > 5*time.Second {
			t.Errorf("round %d: woken after %v, %v", round, time.Since(began), err)
		}
		execute(t, db, "DELETE FROM lexigram_locks")
	}
	locksListen(t, db, s)
}

// locksListen has many wait on one connection, and a release wake those of its name alone.
func locksListen(t *testing.T, db sqldb.DB, s *sqllock.Store) {
	const waiters = 12
	woken := make(chan string, waiters)
	for _, name := range []string{"kept", "freed"} {
		if _, err := s.Acquire(t.Context(), name, "a", time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	var wg sync.WaitGroup
	for i := range waiters {
		wg.Go(func() {
			name := []string{"kept", "freed"}[i%2]
			if err := s.Wait(ctx, name); err == nil {
				woken <- name
			} else if !errors.Is(err, errLeft) {
				t.Error(err)
			}
		})
	}
	time.Sleep(200 * time.Millisecond) // all of them wait, or begin to
	if n := rowsOf(t, db, "pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"); n != 1 {
		t.Errorf("%d connections listen, want 1", n)
	}
	if err := s.Release(t.Context(), "freed", "a"); err != nil {
		t.Fatal(err)
	}
	for range waiters / 2 {
		select {
		case name := <-woken:
			if name != "freed" {
				t.Errorf("who waits for %q is woken", name)
			}
		case <-time.After(10 * time.Second):
			t.Fatal("not all of the name are woken")
		}
	}
	cancel(errLeft)
	wg.Wait()
	if len(woken) != 0 {
		t.Errorf("who waits for %q is woken", <-woken)
	}
}

func guards(t *testing.T, db sqldb.DB) {
	guard := func(resource string, fence uint64) error {
		return db.InTx(t.Context(), func(ctx context.Context) error { return sqllock.Guard(ctx, db, resource, fence) })
	}
	for _, c := range []struct {
		resource string
		fence    uint64
		want     error
	}{
		{"a", 5, nil},
		{"a", 5, nil},
		{"a", 4, lock.ErrLost},
		{"b", 1, nil},
		{"a", 7, nil},
		{"a", 6, lock.ErrLost},
		{"a\x00\xff", 1, nil},
		{"", 1, lock.ErrName},
		{"a", 1 << 63, lock.ErrLost},
	} {
		if err := guard(c.resource, c.fence); !errors.Is(err, c.want) || err != nil && !errors.Is(err, lock.Err) {
			t.Errorf("Guard(%q, %d) = %v, want %v", c.resource, c.fence, err, c.want)
		}
	}
	if err := sqllock.Guard(t.Context(), db, "a", 9); !errors.Is(err, sqldb.ErrTxOptions) {
		t.Errorf("outside a transaction: %v", err)
	}
	err := db.InTx(t.Context(), func(ctx context.Context) error {
		if err := sqllock.Guard(ctx, db, "a", 1); !errors.Is(err, lock.ErrLost) {
			t.Errorf("Guard of an old fence: %v", err)
		}
		return sqllock.Guard(ctx, db, "c", 1) // a refusal leaves the transaction as it was
	})
	if err != nil {
		t.Error(err)
	}
}

// guardsWait has a transaction of a later fence begin while one of an earlier is open.
func guardsWait(t *testing.T, db sqldb.DB) {
	counts := table(t, db, "n bigint NOT NULL")
	execute(t, db, "INSERT INTO "+counts+" (n) VALUES (0)")
	first, done := make(chan struct{}), make(chan error, 1)
	go func() {
		<-first
		done <- addGuarded(t.Context(), db, counts, 2, 0)
	}()
	err := db.InTx(t.Context(), func(ctx context.Context) error {
		if err := sqllock.Guard(ctx, db, "resource", 1); err != nil {
			return err
		}
		close(first)
		n, err := readCount(ctx, db, counts)
		time.Sleep(50 * time.Millisecond) // the other has time to overtake, if it can
		return errors.Join(err, writeCount(ctx, db, counts, n+1))
	})
	if err := errors.Join(err, <-done); err != nil {
		t.Fatal(err)
	}
	if n, err := readCount(t.Context(), db, counts); err != nil || n != 2 {
		t.Errorf("two added up to %d, %v", n, err)
	}
}

// addGuarded adds one in a transaction that is guarded, pausing between reading and writing.
func addGuarded(ctx context.Context, db sqldb.DB, counts string, fence uint64, pause time.Duration) error {
	return db.InTx(ctx, func(ctx context.Context) error {
		if err := sqllock.Guard(ctx, db, "resource", fence); err != nil {
			return err
		}
		n, err := readCount(ctx, db, counts)
		if err != nil {
			return err
		}
		time.Sleep(pause)
		return writeCount(ctx, db, counts, n+1)
	})
}

func readCount(ctx context.Context, db sqldb.DB, counts string) (n int64, err error) {
	err = sqldb.QueryRow(ctx, db, "SELECT n FROM "+counts).Scan(&n)
	return n, err
}

func writeCount(ctx context.Context, db sqldb.DB, counts string, n int64) error {
	_, err := db.Exec(ctx, "UPDATE "+counts+" SET n = $1", n)
	return err
}

// lockTorture has 16 workers read a number and write one more, under leases of which
// some run out in between: the worker was paused, and does not know. With Guard before
// the write nothing is lost; the same workers without it show that something would be.
func lockTorture(t *testing.T, db sqldb.DB) {
	s := newLocks(t, db)
	if lost, refused := torture(t, db, s, false); lost == 0 {
		t.Errorf("without a guard nothing was lost (%d refused): this check cannot fail", refused)
	}
	lost, refused := torture(t, db, s, true)
	if lost != 0 || refused == 0 {
		t.Errorf("with a guard %d updates were lost, and %d refused", lost, refused)
	}
}

func torture(t *testing.T, db sqldb.DB, s lock.Store, guarded bool) (lost, refused int64) {
	const workers, rounds, ttl = 16, 3, 50 * time.Millisecond
	counts := table(t, db, "n bigint NOT NULL")
	execute(t, db, "INSERT INTO "+counts+" (n) VALUES (0)")
	execute(t, db, "DELETE FROM lexigram_fences")
	var written, late atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for range rounds {
				l, err := lock.Acquire(t.Context(), s, "resource", ttl, lock.Poll(ttl))
				if errors.Is(err, lock.ErrLost) {
					continue // this machine was too slow
				} else if err != nil {
					t.Error(err)
					return
				}
				pause := time.Duration(0)
				if rand.IntN(3) == 0 {
					pause = ttl + rand.N(ttl)
				}
				err = addLate(t.Context(), db, counts, l.Fence(), pause, guarded)
				switch {
				case err == nil:
					written.Add(1)
				case errors.Is(err, lock.ErrLost):
					late.Add(1)
				default:
					t.Error(err)
				}
				if err := l.Release(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	n, err := readCount(t.Context(), db, counts)
	if err != nil {
		t.Fatal(err)
	}
	return written.Load() - n, late.Load()
}

// addLate reads, is paused, and writes, each in a transaction of its own, as what
// reads first and computes for long does. Guarding both is what a fence asks for.
func addLate(ctx context.Context, db sqldb.DB, counts string, fence uint64, pause time.Duration, guarded bool) error {
	guard := func(ctx context.Context) error {
		if !guarded {
			return nil
		}
		return sqllock.Guard(ctx, db, "resource", fence)
	}
	var n int64
	err := db.InTx(ctx, func(ctx context.Context) (err error) {
		if err = guard(ctx); err == nil {
			n, err = readCount(ctx, db, counts)
		}
		return err
	})
	if err != nil {
		return err
	}
	time.Sleep(pause)
	return db.InTx(ctx, func(ctx context.Context) error {
		if err := guard(ctx); err != nil {
			return err
		}
		return writeCount(ctx, db, counts, n+1)
	})
}
