package loading_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/lexigram-cache/loading"
)

// processes are caches over one store.
func processes[T any](t *testing.T, n int, s cache.Store, opts loading.Options) []*loading.Cache[T] {
	all := make([]*loading.Cache[T], n)
	for i := range all {
		if opts.Local != nil {
			opts.Local = newLocal()
		}
		all[i] = newCache[T](t, s, opts)
	}
	return all
}

func TestProcessesShareALoad(t *testing.T) {
	for _, local := range []cache.Local{nil, newLocal()} {
		synctest.Test(t, func(t *testing.T) {
			var calls atomic.Int64
			load := counted(&calls)
			began := time.Now()
			var wg sync.WaitGroup
			for _, c := range processes[int](t, 4, newFull(), loading.Options{TTL: time.Hour, Local: local}) {
				for range 250 {
					wg.Go(func() {
						if v, err := c.Fetch(t.Context(), "k", load); v != 1 || err != nil {
							t.Errorf("Fetch = %d, %v, want 1", v, err)
						}
					})
				}
			}
			wg.Wait()
			if calls.Load() != 1 {
				t.Errorf("%d loads, want one", calls.Load())
			}
			if took := time.Since(began); took > 1100*time.Millisecond {
				t.Errorf("they waited %v for a load of a second", took)
			}
		})
	}
}

// passing is a decorator over a store that is no Swapper.
type passing struct{ *mapStore }

func (passing) Create(context.Context, string, []byte, time.Duration) error {
	return errors.ErrUnsupported
}

func (passing) Swap(context.Context, string, []byte, []byte, time.Duration) error {
	return errors.ErrUnsupported
}
func (passing) Remove(context.Context, string, []byte) error { return errors.ErrUnsupported }

func TestDecoratorWithoutLeases(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		c := newCache[int](t, passing{s}, loading.Options{TTL: time.Hour, Tags: []string{"g"}})
		var calls atomic.Int64
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				if v, err := c.Fetch(t.Context(), "k", counted(&calls)); v != 1 || err != nil {
					t.Errorf("Fetch = %d, %v", v, err)
				}
			})
		}
		wg.Wait()
		if v, err := c.Fetch(t.Context(), "k", never[int](t)); v != 1 || err != nil {
			t.Errorf("Fetch afterwards = %d, %v", v, err)
		}
		var first atomic.Bool // the store's miss comes long after another flight has landed
		s.before = func(op, _ string) error {
			if op == "get" && first.CompareAndSwap(false, true) {
				go func() { _, _ = c.Fetch(t.Context(), "late", counted(&calls)) }()
				time.Sleep(time.Hour)
				return cache.ErrMiss
			}
			return nil
		}
		if v, err := c.Fetch(t.Context(), "late", never[int](t)); v != 2 || err != nil {
			t.Errorf("Fetch of what has come meanwhile = %d, %v", v, err)
		}
	})
}

func TestLeaseOfTheDeadEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFull()
		c := newCache[int](t, s, loading.Options{Lease: 3 * time.Second})
		if err := s.Create(t.Context(), "/k", []byte("lof a process that died"), 3*time.Second); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		v, err := c.Fetch(t.Context(), "k", func(context.Context, string) (int, error) { return 1, nil })
		if took := time.Since(began); v != 1 || err != nil || took < 2900*time.Millisecond || took > 3100*time.Millisecond {
			t.Errorf("Fetch = %d, %v after %v, want 1 after the lease of 3 s", v, err, took)
		}
	})
}

func TestLeaseIsRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int64
		load := func(context.Context, string) (int, error) { time.Sleep(time.Minute); return int(calls.Add(1)), nil }
		var wg sync.WaitGroup
		for _, c := range processes[int](t, 2, newFull(), loading.Options{Lease: time.Second}) {
			wg.Go(func() {
				if v, err := c.Fetch(t.Context(), "k", load); v != 1 || err != nil {
					t.Errorf("Fetch = %d, %v, want 1", v, err)
				}
			})
		}
		wg.Wait()
	})
}

func TestFailedLoadLetsGo(t *testing.T) {
	failure := errors.New("down")
	for name, fail := range map[string]func() error{
		"error": func() error { return failure },
		"panic": func() error { panic(failure) },
	} {
		synctest.Test(t, func(t *testing.T) {
			all := processes[int](t, 2, newFull(), loading.Options{Lease: time.Hour})
			go func() {
				_, err := all[0].Fetch(t.Context(), "k", func(context.Context, string) (int, error) { time.Sleep(time.Second); return 0, fail() })
				if !errors.Is(err, failure) {
					t.Errorf("%s: Fetch = %v", name, err)
				}
			}()
			synctest.Wait()
			began := time.Now()
			v, err := all[1].Fetch(t.Context(), "k", func(context.Context, string) (int, error) { return 2, nil })
			if took := time.Since(began); v != 2 || err != nil || took > 1100*time.Millisecond {
				t.Errorf("%s: Fetch of the other process = %d, %v after %v", name, v, err, took)
			}
		})
	}
}

// TestAbandonedLoadLetsGo: when all have left, nobody else waits for the lease to end.
func TestAbandonedLoadLetsGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFull()
		c := newCache[int](t, s, loading.Options{Lease: time.Hour})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := c.Fetch(ctx, "k", func(ctx context.Context, _ string) (int, error) { <-ctx.Done(); return 0, ctx.Err() })
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Fetch = %v", err)
		}
		synctest.Wait()
		if len(s.entries) != 0 {
			t.Errorf("the store has %v", s.entries)
		}
	})
}

// TestForgottenFillIsDropped: process a loads the old value, b forgets the key,
// and nobody who comes afterwards gets it, in a too, where the load still runs.
func TestForgottenFillIsDropped(t *testing.T) {
	for _, local := range []cache.Local{nil, newLocal()} {
		synctest.Test(t, func(t *testing.T) {
			all := processes[string](t, 2, newFull(), loading.Options{Local: local})
			a, b := all[0], all[1]
			var source atomic.Value
			source.Store("old")
			load := func(context.Context, string) (string, error) {
				v := source.Load().(string)
				time.Sleep(time.Minute)
				return v, nil
			}
			var wg sync.WaitGroup
			wg.Go(func() { _, _ = a.Fetch(t.Context(), "k", load) })
			synctest.Wait()
			source.Store("new")
			if err := b.Forget(t.Context(), "k"); err != nil {
				t.Fatal(err)
			}
			for _, c := range all {
				for range 3 {
					wg.Go(func() {
						if v, err := c.Fetch(t.Context(), "k", load); v != "new" || err != nil {
							t.Errorf("Fetch after Forget = %q, %v", v, err)
						}
					})
				}
			}
			wg.Wait()
			if v, err := a.Fetch(t.Context(), "k", never[string](t)); v != "new" || err != nil {
				t.Errorf("Fetch afterwards = %q, %v", v, err)
			}
			if n := a.Stats().Raced; n != 1 {
				t.Errorf("%d loads raced, want one", n)
			}
		})
	}
}

// TestForgottenBeforeTheReply: the value was stored and forgotten before the
// process that stored it has the store's reply. Who comes meanwhile gets no old one.
func TestForgottenBeforeTheReply(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFull()
		all := processes[string](t, 2, s, loading.Options{})
		s.after = func(op, _ string) {
			if op == "swap" {
				time.Sleep(time.Minute)
			}
		}
		go func() {
			_, _ = all[0].Fetch(t.Context(), "k", func(context.Context, string) (string, error) { return "old", nil })
		}()
		synctest.Wait()
		if err := all[1].Forget(t.Context(), "k"); err != nil {
			t.Fatal(err)
		}
		if v, err := all[0].Fetch(t.Context(), "k", func(context.Context, string) (string, error) { return "new", nil }); v != "new" || err != nil {
			t.Errorf("Fetch after Forget = %q, %v", v, err)
		}
	})
}

// TestForgetRaces has writers, and readers in four processes, as fast as they can.
func TestForgetRaces(t *testing.T) {
	for name, opts := range map[string]loading.Options{
		"store": {}, "local": {Local: newLocal()}, "early": {Local: newLocal(), TTL: time.Hour, EarlyRefresh: 100, SoftTTL: time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			all := processes[int64](t, 4, newFull(), opts)
			var source, forgotten, stale atomic.Int64
			load := func(context.Context, string) (int64, error) { return source.Load(), nil }
			stop := make(chan struct{})
			var wg sync.WaitGroup
			for _, c := range all {
				for range 2 {
					wg.Go(func() {
						for {
							select {
							case <-stop:
								return
							default:
							}
							least := forgotten.Load()
							v, err := c.Fetch(t.Context(), "k", load)
							if err != nil {
								t.Error(err)
								return
							}
							if v < least {
								stale.Add(1)
							}
						}
					})
				}
			}
			for round := range 2_000 {
				n := source.Add(1)
				if err := all[round%len(all)].Forget(t.Context(), "k"); err != nil {
					t.Fatal(err)
				}
				forgotten.Store(n)
			}
			close(stop)
			wg.Wait()
			if stale.Load() != 0 {
				t.Errorf("%d values were older than the last Forget that had returned", stale.Load())
			}
		})
	}
}
