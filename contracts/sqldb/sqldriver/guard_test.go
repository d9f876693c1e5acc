package sqldriver_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqldriver"
)

// The guard takes nobody for somebody else: not another database, not another
// goroutine, and not what comes after.
func TestGuardSparesOthers(t *testing.T) {
	one, two := sqldriver.New(&fake{}, sqldriver.Options{}), sqldriver.New(&fake{}, sqldriver.Options{})
	ctx := t.Context()
	stay, there := make(chan struct{}), make(chan struct{})
	var other sync.WaitGroup
	other.Go(func() { // the guard of two has something to look for
		err := two.InTx(ctx, func(context.Context) error { close(there); <-stay; return nil })
		if err != nil {
			t.Error(err)
		}
	})
	<-there
	err := one.InTx(ctx, func(inner context.Context) error {
		sqldb.OnCommit(inner, func(after context.Context) {
			exec(t, after, one, "after")
			exec(t, ctx, one, "after, with a context from outside")
		})
		exec(t, ctx, two, "in another database")
		exec(t, sqldb.Detach(ctx), one, "detached from where nothing was")
		done := make(chan error)
		go func() { _, err := one.Exec(ctx, "in another goroutine"); done <- err }()
		if err := <-done; err != nil {
			t.Error(err)
		}
		return two.InTx(ctx, func(ctx2 context.Context) error {
			exec(t, inner, one, "the transaction around")
			if _, err := one.Exec(ctx, "deep"); !errors.Is(err, sqldb.ErrTxOutside) {
				t.Errorf("in the function of another database's: %v", err)
			}
			return deep(20, func() error {
				if _, err := two.Exec(ctx, "deeper"); !errors.Is(err, sqldb.ErrTxOutside) {
					t.Errorf("many calls below: %v", err)
				}
				return nil
			})
		})
	})
	close(stay)
	other.Wait()
	if err != nil {
		t.Error(err)
	}
	exec(t, ctx, one, "after it all")
}

// Two goroutines that came the same way are each in a transaction of the other one's database.
func TestGuardSparesTheSameWay(t *testing.T) {
	dbs := [2]*sqldriver.DB{sqldriver.New(&fake{}, sqldriver.Options{}), sqldriver.New(&fake{}, sqldriver.Options{})}
	var inside, all sync.WaitGroup
	inside.Add(2)
	for i, db := range dbs {
		all.Go(func() {
			err := db.InTx(t.Context(), func(ctx context.Context) error {
				inside.Done()
				inside.Wait() // until both are open
				exec(t, ctx, dbs[1-i], "in the other database")
				if _, err := db.Exec(t.Context(), "outside"); !errors.Is(err, sqldb.ErrTxOutside) {
					t.Errorf("outside: %v", err)
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

func deep(n int, fn func() error) error {
	if n == 0 {
		return fn()
	}
	return deep(n-1, fn)
}

func TestHold(t *testing.T) {
	f := &fake{}
	db := sqldriver.New(f, sqldriver.Options{})
	if h, err := db.Hold(t.Context()); h != nil || err != nil {
		t.Errorf("outside: %v, %v", h, err)
	}
	err := db.InTx(t.Context(), func(ctx context.Context) error {
		h, err := db.Hold(ctx)
		if err != nil {
			return err
		}
		if _, err := db.Exec(ctx, "a"); !errors.Is(err, sqldb.ErrTxBusy) {
			t.Errorf("while it is held: %v", err)
		}
		h.Release(nil)
		exec(t, ctx, db, "a")
		if h, err = db.Hold(ctx); err != nil {
			return err
		}
		h.Release(errOwn)
		_, err = db.Exec(ctx, "b")
		if !errors.Is(err, sqldb.ErrTxAborted) {
			t.Errorf("after it failed: %v", err)
		}
		return nil
	})
	if !errors.Is(err, errOwn) {
		t.Error(err)
	}
	wantLog(t, f, "BEGIN | a | ROLLBACK")

	// What is left open is closed.
	closed := 0
	err = db.InTx(t.Context(), func(ctx context.Context) error {
		h, err := db.Hold(ctx)
		if err == nil {
			h.Left(closer(func() error { closed++; h.Release(nil); return nil }))
		}
		return err
	})
	if err != nil || closed != 1 {
		t.Errorf("%v, closed %d times", err, closed)
	}
}

type closer func() error

func (c closer) Close() error { return c() }

// A driver without abilities says so.
func TestUnsupported(t *testing.T) {
	db := sqldriver.New(&fake{}, sqldriver.Options{})
	_, settings := db.WithSettings(sqldb.Setting{Name: "a", Value: "b"})
	pinned := db.Pinned(t.Context(), func(context.Context) error { t.Error("called"); return nil })
	for _, err := range []error{settings, pinned} {
		if !errors.Is(err, errors.ErrUnsupported) || !errors.Is(err, sqldb.Err) {
			t.Error(err)
		}
	}
}

func BenchmarkGuard(b *testing.B) {
	db := sqldriver.New(&fake{}, sqldriver.Options{})
	ctx := b.Context()
	stay, there := make(chan struct{}), make(chan struct{})
	go func() {
		_ = db.InTx(ctx, func(context.Context) error { close(there); <-stay; return nil })
	}()
	read := func(b *testing.B) {
		for b.Loop() {
			if _, err := db.Hold(ctx); err != nil {
				b.Fatal(err)
			}
		}
	}
	<-there
	b.Run("while a transaction is open", func(b *testing.B) { _ = deep(20, func() error { read(b); return nil }) })
	close(stay)
}
