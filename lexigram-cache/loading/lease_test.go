package loading_test

import (
	"context"
	"errors"
	"fmt"
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

func TestManyOfOneLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all := processes[string](t, 2, newFull(), loading.Options{NotFound: errNoUser, NegativeTTL: time.Hour})
		var calls atomic.Int64
		load := func(_ context.Context, keys []string) (map[string]string, error) {
			calls.Add(1)
			time.Sleep(time.Second)
			got := map[string]string{}
			for _, k := range keys {
				if k != "absent" {
					got[k] = "of " + k
				}
			}
			return got, nil
		}
		keys := []string{"absent"}
		for i := range 100 {
			keys = append(keys, fmt.Sprint(i), fmt.Sprint(i))
		}
		for range 2 {
			got, err := all[0].FetchMany(t.Context(), keys, load)
			if err != nil || len(got) != 100 || got["7"] != "of 7" {
				t.Errorf("FetchMany = %d values, %v", len(got), err)
			}
		}
		if got, err := all[1].FetchMany(t.Context(), keys, load); err != nil || len(got) != 100 || calls.Load() != 1 {
			t.Errorf("FetchMany of another process = %d values, %v after %d loads", len(got), err, calls.Load())
		}
		if _, err := all[1].Fetch(t.Context(), "absent", never[string](t)); !errors.Is(err, errNoUser) {
			t.Errorf("Fetch of what FetchMany did not find = %v", err)
		}
	})
}

// TestManyLeavesWhatOthersLoad: a key that another process loads holds up only who asks for it.
func TestManyLeavesWhatOthersLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all := processes[string](t, 2, newFull(), loading.Options{})
		slow := func(context.Context, string) (string, error) { time.Sleep(time.Hour); return "slow", nil }
		go func() { _, _ = all[1].Fetch(t.Context(), "elsewhere", slow) }()
		go func() { _, _ = all[0].Fetch(t.Context(), "here", slow) }()
		synctest.Wait()
		var mu sync.Mutex
		var asked []string
		got, err := all[0].FetchMany(t.Context(), []string{"elsewhere", "here", "own", "too"}, func(_ context.Context, keys []string) (map[string]string, error) {
			mu.Lock()
			defer mu.Unlock()
			asked = append(asked, fmt.Sprint(len(keys)))
			return map[string]string{"own": "1", "too": "2"}, nil
		})
		if err != nil || got["elsewhere"] != "slow" || got["here"] != "slow" || got["own"] != "1" || got["too"] != "2" || len(asked) != 1 || asked[0] != "2" {
			t.Errorf("FetchMany = %q, %v after loads of %v", got, err, asked)
		}
	})
}

func TestManyFails(t *testing.T) {
	failure := errors.New("down")
	for name, load := range map[string]func(context.Context, []string) (map[string]int, error){
		"error": func(context.Context, []string) (map[string]int, error) { return map[string]int{"a": 1}, failure },
		"panic": func(context.Context, []string) (map[string]int, error) { panic(failure) },
	} {
		for _, s := range []cache.Store{newStore(), newFull()} {
			c := newCache[int](t, s, loading.Options{})
			if got, err := c.FetchMany(t.Context(), []string{"a", "b"}, load); got != nil || !errors.Is(err, failure) {
				t.Errorf("%s: FetchMany = %v, %v", name, got, err)
			}
			if v, err := c.Fetch(t.Context(), "a", func(context.Context, string) (int, error) { return 2, nil }); v != 2 || err != nil {
				t.Errorf("%s: Fetch afterwards = %d, %v", name, v, err)
			}
		}
	}
	c := newCache[int](t, newFull(), loading.Options{})
	none := func(context.Context, []string) (map[string]int, error) { return nil, nil }
	if got, err := c.FetchMany(t.Context(), []string{"a"}, none); len(got) != 0 || err != nil {
		t.Errorf("FetchMany of what does not exist = %v, %v", got, err)
	}
	if _, err := c.FetchMany(t.Context(), []string{"a", ""}, none); !errors.Is(err, cache.ErrKey) {
		t.Errorf("FetchMany of an empty key = %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.FetchMany(ctx, []string{"a"}, none); !errors.Is(err, context.Canceled) {
		t.Errorf("FetchMany with a context that has ended = %v", err)
	}
}

// TestManyEndsWhenAllHaveLeft: the load of several keys runs while somebody waits for one.
func TestManyEndsWhenAllHaveLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache[int](t, newFull(), loading.Options{})
		var ended atomic.Bool
		load := func(ctx context.Context, keys []string) (map[string]int, error) {
			<-ctx.Done()
			ended.Store(true)
			return nil, ctx.Err()
		}
		ctx, cancel := context.WithCancel(t.Context())
		go func() { _, _ = c.FetchMany(ctx, []string{"a", "b"}, load) }()
		synctest.Wait()
		other, leave := context.WithCancel(t.Context())
		go func() { _, _ = c.Fetch(other, "b", never[int](t)) }()
		synctest.Wait()
		cancel()
		synctest.Wait()
		if ended.Load() {
			t.Error("the load ended although one waits for b")
		}
		leave()
		synctest.Wait()
		if !ended.Load() {
			t.Error("the load runs on although all have left")
		}
	})
}

func TestWarm(t *testing.T) {
	s := newFull()
	all := processes[int](t, 2, s, loading.Options{TTL: time.Hour})
	var keys []string
	for i := range 600 {
		keys = append(keys, fmt.Sprint(i))
	}
	calls := 0
	n, err := all[0].Warm(t.Context(), keys, func(_ context.Context, keys []string) (map[string]int, error) {
		calls++
		got := map[string]int{}
		for i, k := range keys {
			got[k] = i
		}
		return got, nil
	})
	if n != 600 || err != nil || calls != 3 {
		t.Errorf("Warm = %d, %v after %d loads", n, err, calls)
	}
	for _, k := range keys {
		if _, err := all[1].Fetch(t.Context(), k, never[int](t)); err != nil {
			t.Errorf("Fetch(%s) after Warm = %v", k, err)
		}
	}
}
