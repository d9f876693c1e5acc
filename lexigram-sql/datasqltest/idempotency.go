package datasqltest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/idempotency"
	"github.com/lexigram/lexigram-go/contracts/idempotency/idempotencytest"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlidempotency"
)

// RunIdempotency checks package sqlidempotency, with the suite of its contract, on the
// databases that open returns, each of them empty. open registers its own cleanup on t.
func RunIdempotency(t *testing.T, open func(t *testing.T) sqldb.DB) {
	t.Helper()
	t.Run("contract", func(t *testing.T) {
		idempotencytest.Run(t, func(t *testing.T) idempotency.Store { return newIdempotency(t, open(t)) })
	})
	for name, check := range map[string]func(*claims, *testing.T){
		"claims are outside transactions":      (*claims).detach,
		"effect and result commit together":    (*claims).commitTogether,
		"a lost claim takes its effect along":  (*claims).losesEffect,
		"nobody waits for a transaction":       (*claims).waitsForNobody,
		"a transaction outlives its claim":     (*claims).outlives,
		"a claim is renewed beside its commit": (*claims).renewsBeside,
		"sweep":                                (*claims).sweeps,
		"once, whatever is paused":             (*claims).once,
	} {
		t.Run(name, func(t *testing.T) {
			db := open(t)
			effects := table(t, db, "key text NOT NULL")
			check(&claims{db: db, store: newIdempotency(t, db), effects: effects}, t)
		})
	}
}

func newIdempotency(t *testing.T, db sqldb.DB) *sqlidempotency.Store {
	t.Helper()
	migrated(t, db, sqlidempotency.Migrations())
	s, err := sqlidempotency.New(db)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// claims is what a check works with: a table of effects, which transactions add to.
type claims struct {
	db      sqldb.DB
	store   *sqlidempotency.Store
	effects string
}

func (c *claims) acquire(t *testing.T, key, token string, ttl time.Duration) idempotency.Claim {
	t.Helper()
	claim := idempotency.Claim{Key: key, Token: token, Fingerprint: "f"}
	if _, own, err := c.store.Acquire(t.Context(), claim, ttl); err != nil || !own {
		t.Fatalf("Acquire(%q) by %q = %v, %v", key, token, own, err)
	}
	return claim
}

// effect adds a row and completes the claim, in the transaction of ctx.
func (c *claims) effect(ctx context.Context, claim idempotency.Claim) error {
	if _, err := c.db.Exec(ctx, "INSERT INTO "+c.effects+" (key) VALUES ($1)", claim.Key); err != nil {
		return err
	}
	return c.store.Complete(ctx, claim, []byte("done"), time.Hour)
}

func (c *claims) detach(t *testing.T) {
	var failed error
	err := c.db.InTx(t.Context(), func(ctx context.Context) error {
		_, _, failed = c.store.Acquire(ctx, idempotency.Claim{Key: "k", Token: "a"}, time.Hour)
		return errLeft
	})
	if !errors.Is(err, errLeft) {
		t.Fatal(err)
	}
	if c.db.Dialect() == sqldb.SQLite {
		if !errors.Is(failed, sqldb.ErrTxBusy) || !errors.Is(failed, idempotency.Err) {
			t.Errorf("Acquire inside the transaction of the one writer: %v, want ErrTxBusy at once", failed)
		}
		return
	}
	if r, err := c.store.Get(t.Context(), "k"); failed != nil || err != nil || r.Status != idempotency.Pending {
		t.Errorf("Acquire = %v, and after the rollback Get = %+v, %v", failed, r, err)
	}
}

func (c *claims) commitTogether(t *testing.T) {
	claim := c.acquire(t, "k", "a", time.Hour)
	err := c.db.InTx(t.Context(), func(ctx context.Context) error {
		if err := c.effect(ctx, claim); err != nil {
			return err
		}
		if r, err := c.store.Get(ctx, "k"); err != nil || r.Status != idempotency.Complete {
			t.Errorf("inside the transaction Get = %+v, %v", r, err)
		}
		if r, err := c.store.Get(sqldb.Detach(ctx), "k"); err != nil || r.Status != idempotency.Pending {
			t.Errorf("outside the transaction Get = %+v, %v", r, err)
		}
		return errLeft
	})
	if r, failed := c.store.Get(t.Context(), "k"); !errors.Is(err, errLeft) || failed != nil || r.Status != idempotency.Pending || rowsOf(t, c.db, c.effects) != 0 {
		t.Errorf("after the rollback Get = %+v, %v", r, failed)
	}
	if err := c.db.InTx(t.Context(), func(ctx context.Context) error { return c.effect(ctx, claim) }); err != nil {
		t.Fatal(err)
	}
	if r, err := c.store.Get(t.Context(), "k"); err != nil || string(r.Result) != "done" || rowsOf(t, c.db, c.effects) != 1 {
		t.Errorf("after the commit Get = %+v, %v", r, err)
	}
}

// losesEffect has another take the claim over before the slow one completes.
func (c *claims) losesEffect(t *testing.T) {
	slow := c.acquire(t, "k", "slow", 20*time.Millisecond)
	time.Sleep(25 * time.Millisecond)
	next := c.acquire(t, "k", "next", time.Hour)
	if err := c.db.InTx(t.Context(), func(ctx context.Context) error { return c.effect(ctx, slow) }); !errors.Is(err, idempotency.ErrLost) {
		t.Errorf("the slow one completes: %v, want ErrLost", err)
	}
	if n := rowsOf(t, c.db, c.effects); n != 0 {
		t.Errorf("%d effects of the slow one", n)
	}
	err := c.db.InTx(t.Context(), func(ctx context.Context) error {
		if err := c.store.Complete(ctx, slow, nil, time.Hour); !errors.Is(err, idempotency.ErrLost) {
			t.Errorf("Complete = %v", err)
		}
		return c.effect(ctx, next) // ErrLost left the transaction as it was
	})
	if n := rowsOf(t, c.db, c.effects); err != nil || n != 1 {
		t.Errorf("%d effects, %v", n, err)
	}
}

// whileComplete runs fn while a transaction that has completed claim is open, and then
// rolls that back.
func (c *claims) whileComplete(t *testing.T, claim idempotency.Claim, fn func(ctx context.Context)) {
	t.Helper()
	err := c.db.InTx(t.Context(), func(ctx context.Context) error {
		if err := c.effect(ctx, claim); err != nil {
			return err
		}
		fn(ctx)
		return errLeft
	})
	if !errors.Is(err, errLeft) {
		t.Error(err)
	}
}

// within fails if fn, which takes part in no transaction, waits for one.
func within(ctx context.Context, t *testing.T, what string, fn func(ctx context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := fn(ctx); err != nil {
		t.Errorf("%s: %v", what, err)
	}
}

func (c *claims) waitsForNobody(t *testing.T) {
	claim := c.acquire(t, "k", "a", time.Hour)
	c.whileComplete(t, claim, func(ctx context.Context) {
		within(t.Context(), t, "Acquire by another", func(ctx context.Context) error {
			r, own, err := c.store.Acquire(ctx, idempotency.Claim{Key: "k", Token: "b"}, time.Hour)
			if err == nil && (own || r.Status != idempotency.Pending || r.Fingerprint != "f") {
				err = fmt.Errorf("%+v, %v, want what is pending", r, own)
			}
			return err
		})
		if c.db.Dialect() == sqldb.SQLite {
			return // whose writer the rest would wait for
		}
		within(t.Context(), t, "Release by its owner", func(ctx context.Context) error { return c.store.Release(ctx, claim) })
		within(ctx, t, "Release inside", func(ctx context.Context) error { return c.store.Release(ctx, claim) })
		within(t.Context(), t, "Acquire of another key", func(ctx context.Context) error {
			_, _, err := c.store.Acquire(ctx, idempotency.Claim{Key: "k2", Token: "b"}, time.Hour)
			return err
		})
	})
	if r, err := c.store.Get(t.Context(), "k"); err != nil || r.Status != idempotency.Pending {
		t.Errorf("after the rollback Get = %+v, %v", r, err)
	}
}

// outlives has a transaction that is open past the end of the claim that it completed.
func (c *claims) outlives(t *testing.T) {
	if c.db.Dialect() == sqldb.SQLite {
		t.Skip("there is one writer: who would reclaim waits for the transaction")
	}
	claim := c.acquire(t, "k", "a", 100*time.Millisecond)
	c.whileComplete(t, claim, func(context.Context) {
		time.Sleep(150 * time.Millisecond)
		within(t.Context(), t, "Acquire by another", func(ctx context.Context) error {
			r, own, err := c.store.Acquire(ctx, idempotency.Claim{Key: "k", Token: "b"}, time.Hour)
			if err == nil && (own || r.Status != idempotency.Pending || r.Fingerprint != "f") {
				err = fmt.Errorf("%+v, %v, want what is pending", r, own)
			}
			return err
		})
		within(t.Context(), t, "Sweep", func(ctx context.Context) error {
			if n, err := c.store.Sweep(ctx); err != nil || n != 0 {
				return fmt.Errorf("%d, %w", n, err)
			}
			return nil
		})
	})
	c.acquire(t, "k", "b", time.Hour) // it was rolled back, and has ended
}

func (c *claims) renewsBeside(t *testing.T) {
	if c.db.Dialect() == sqldb.SQLite {
		t.Skip("there is one writer: a renewal waits for the transaction")
	}
	claim := c.acquire(t, "k", "a", time.Hour)
	c.whileComplete(t, claim, func(context.Context) {
		within(t.Context(), t, "Acquire by its owner", func(ctx context.Context) error {
			r, own, err := c.store.Acquire(ctx, claim, 2*time.Hour)
			if err == nil && (!own || r.Status != idempotency.Pending) {
				err = fmt.Errorf("%+v, %v, want its own", r, own)
			}
			return err
		})
	})
}

func (c *claims) sweeps(t *testing.T) {
	for i := range 3 {
		c.acquire(t, fmt.Sprint("gone ", i), "a", time.Millisecond)
	}
	done := c.acquire(t, "done", "a", time.Hour)
	if err := c.store.Complete(t.Context(), done, nil, time.Hour); err != nil {
		t.Fatal(err)
	}
	time.Sleep(5 * time.Millisecond)
	for _, want := range []int64{3, 0} {
		if n, err := c.store.Sweep(t.Context()); err != nil || n != want {
			t.Errorf("Sweep = %d, %v, want %d", n, err, want)
		}
	}
	if n := rowsOf(t, c.db, "lexigram_idempotency"); n != 1 {
		t.Errorf("%d rows are left, want 1", n)
	}
}

// once has callers whose claims run out while they work, and who do not look at their
// context: the work begins more than once, and its effect is there once.
func (c *claims) once(t *testing.T) {
	const keys, callers, ttl = 4, 4, 40 * time.Millisecond
	var began, lost atomic.Int64
	var wg sync.WaitGroup
	for i := range keys * callers {
		wg.Go(func() {
			claim := idempotency.Claim{Key: fmt.Sprint("k", i%keys), Token: fmt.Sprint(i)}
			for {
				r, own, err := c.store.Acquire(t.Context(), claim, ttl)
				if err != nil || r.Status == idempotency.Complete {
					if err != nil {
						t.Error(err)
					}
					return
				}
				if !own {
					time.Sleep(ttl / 8)
					continue
				}
				if began.Add(1) <= keys { // the first ones are paused past their claims
					time.Sleep(2 * ttl)
				}
				err = c.db.InTx(t.Context(), func(ctx context.Context) error { return c.effect(ctx, claim) })
				if errors.Is(err, idempotency.ErrLost) {
					lost.Add(1)
				} else if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	if n := rowsOf(t, c.db, c.effects); n != keys || lost.Load() == 0 {
		t.Errorf("%d effects of %d keys, in %d attempts of which %d lost their claim", n, keys, began.Load(), lost.Load())
	}
}
