package loading_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/lexigram-cache/loading"
)

// stores are one with every ability and one with none.
func stores() map[string]cache.Store {
	return map[string]cache.Store{"full": newFull(), "plain": newStore()}
}

func TestJitter(t *testing.T) {
	s := newStore()
	c := newCache[int](t, s, loading.Options{TTL: 100 * time.Second, Jitter: 0.25})
	distinct := map[time.Duration]bool{}
	for i := range 200 {
		key := fmt.Sprint(i)
		if _, err := c.Fetch(t.Context(), key, func(context.Context, string) (int, error) { return i, nil }); err != nil {
			t.Fatal(err)
		}
		ttl := s.ttls["/"+key]
		if ttl > 100*time.Second || ttl < 75*time.Second {
			t.Fatalf("ttl %v, want 75 to 100 s", ttl)
		}
		distinct[ttl] = true
	}
	if len(distinct) < 100 {
		t.Errorf("%d distinct ttls of 200", len(distinct))
	}
}

func TestSoftTTL(t *testing.T) {
	for _, local := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			opts := loading.Options{TTL: time.Minute, SoftTTL: 30 * time.Second}
			if local {
				opts.Local = newLocal()
			}
			all := processes[int](t, 2, newFull(), opts)
			var calls atomic.Int64
			load := counted(&calls)
			get := func(c *loading.Cache[int], want int) {
				t.Helper()
				began := time.Now()
				if v, err := c.Fetch(t.Context(), "k", load); v != want || err != nil || time.Since(began) > 0 && want > 1 {
					t.Errorf("Fetch = %d, %v after %v, want %d at once", v, err, time.Since(began), want)
				}
			}
			get(all[0], 1)
			get(all[0], 1)
			time.Sleep(31 * time.Second)
			for range 10 {
				get(all[0], 1) // and one refreshes
				get(all[1], 1)
			}
			time.Sleep(2 * time.Second)
			get(all[0], 2)
			get(all[1], 2)
			if calls.Load() != 2 {
				t.Errorf("%d loads, want two", calls.Load())
			}
		})
	}
}

func TestEarlyRefreshKeepsCallersFromWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache[int](t, newFull(), loading.Options{TTL: time.Minute, EarlyRefresh: 2, Local: newLocal()})
		var calls atomic.Int64
		load := counted(&calls)
		fill(t, c, "k", 0)
		if _, err := c.Fetch(t.Context(), "other", load); err != nil { // a load that takes a second
			t.Fatal(err)
		}
		waited := 0
		for range 6_000 {
			time.Sleep(100 * time.Millisecond)
			began := time.Now()
			if _, err := c.Fetch(t.Context(), "other", load); err != nil {
				t.Fatal(err)
			}
			if time.Since(began) > 0 {
				waited++
			}
		}
		if waited > 0 || calls.Load() < 10 || calls.Load() > 13 {
			t.Errorf("in ten minutes of a ttl of one, %d callers waited and %d loads ran", waited, calls.Load())
		}
	})
}

func TestFailedRefreshIsNoFault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, s := range stores() {
			c := newCache[int](t, s, loading.Options{TTL: time.Hour, SoftTTL: time.Minute, Local: newLocal()})
			fill(t, c, "k", 1)
			var calls atomic.Int64
			time.Sleep(2 * time.Minute)
			for range 1000 {
				v, err := c.Fetch(t.Context(), "k", func(context.Context, string) (int, error) { calls.Add(1); return 0, errors.New("down") })
				if v != 1 || err != nil {
					t.Errorf("%s: Fetch = %d, %v", name, v, err)
				}
				time.Sleep(10 * time.Millisecond)
			}
			if n := calls.Load(); n < 5 || n > 20 {
				t.Errorf("%s: %d tries in 10 s", name, n)
			}
		}
	})
}

func TestStaleIfError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, s := range stores() {
			sink := newSink()
			c := newCache[int](t, s, loading.Options{
				TTL: time.Minute, StaleIfError: time.Hour, NotFound: errNoUser, Local: newLocal(), Observer: sink.observer(), Logger: sink.logger(),
			})
			failure := errors.New("down")
			fails := func(context.Context, string) (int, error) { return 0, failure }
			fill(t, c, "k", 1)
			fill(t, c, "gone", 1)
			time.Sleep(2 * time.Minute)
			for range 3 {
				if v, err := c.Fetch(t.Context(), "k", fails); v != 1 || err != nil {
					t.Errorf("%s: Fetch = %d, %v, want the value past its ttl", name, v, err)
				}
			}
			if n := c.Stats().Stale; n != 3 || sink.count("stale") != 3 {
				t.Errorf("%s: Stale = %d", name, n)
			}
			if _, err := c.Fetch(t.Context(), "gone", func(context.Context, string) (int, error) { return 0, errNoUser }); !errors.Is(err, errNoUser) {
				t.Errorf("%s: Fetch of what is gone = %v: no such value is an answer", name, err)
			}
			if v, err := c.Fetch(t.Context(), "k", func(context.Context, string) (int, error) { return 2, nil }); v != 2 || err != nil {
				t.Errorf("%s: Fetch when it works again = %d, %v", name, v, err)
			}
			if v, err := c.Fetch(t.Context(), "k", never[int](t)); v != 2 || err != nil {
				t.Errorf("%s: Fetch afterwards = %d, %v", name, v, err)
			}
		}
		c := newCache[int](t, newFull(), loading.Options{TTL: time.Minute, StaleIfError: time.Hour})
		fill(t, c, "k", 1)
		time.Sleep(62 * time.Minute)
		failure := errors.New("down")
		if _, err := c.Fetch(t.Context(), "k", func(context.Context, string) (int, error) { return 0, failure }); !errors.Is(err, failure) {
			t.Errorf("Fetch long after = %v", err)
		}
	})
}

func TestCloseEndsRefreshes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache[int](t, newFull(), loading.Options{TTL: time.Hour, SoftTTL: time.Minute, Local: newLocal()})
		fill(t, c, "k", 1)
		time.Sleep(2 * time.Minute)
		var ended atomic.Bool
		v, err := c.Fetch(t.Context(), "k", func(ctx context.Context, _ string) (int, error) {
			<-ctx.Done()
			ended.Store(true)
			return 0, ctx.Err()
		})
		if v != 1 || err != nil {
			t.Errorf("Fetch = %d, %v", v, err)
		}
		synctest.Wait()
		if err := c.Close(); err != nil || !ended.Load() {
			t.Errorf("Close = %v; the refresh ended: %v", err, ended.Load())
		}
		if _, err := c.Fetch(t.Context(), "k", never[int](t)); !errors.Is(err, cache.ErrClosed) {
			t.Errorf("Fetch after Close = %v", err)
		}
		none := func(context.Context, []string) (map[string]int, error) { return nil, nil }
		if _, err := c.FetchMany(t.Context(), []string{"k"}, none); !errors.Is(err, cache.ErrClosed) {
			t.Errorf("FetchMany after Close = %v", err)
		}
	})
}

func TestTags(t *testing.T) {
	for _, local := range []bool{false, true} {
		for name, s := range stores() {
			opts := loading.Options{TTL: time.Hour, Tags: []string{"all"}}
			if local && name == "full" {
				opts.Local = newLocal()
			}
			all := processes[string](t, 2, s, opts)
			var calls int
			load := func(_ context.Context, key string) (string, error) { calls++; return fmt.Sprint(key, calls), nil }
			get := func(c *loading.Cache[string], key, want string, tags ...loading.Option) {
				t.Helper()
				for range 3 {
					if got, err := c.Fetch(t.Context(), key, load, tags...); got != want || err != nil {
						t.Errorf("%s, local %v: Fetch(%s) = %q, %v, want %q", name, local, key, got, err, want)
					}
				}
			}
			red, blue := loading.Tag("red"), loading.Tag("blue")
			get(all[0], "a", "a1", red)
			get(all[0], "b", "b2", blue, red)
			get(all[0], "c", "c3", blue)
			get(all[1], "a", "a1", red)
			get(all[1], "b", "b2") // the entry knows its groups
			if err := all[1].ForgetTags(t.Context(), "red", "none"); err != nil {
				t.Fatal(err)
			}
			get(all[0], "c", "c3", blue)
			get(all[0], "a", "a4", red)
			get(all[1], "a", "a4", red)
			get(all[1], "b", "b5", blue, red)
			get(all[0], "b", "b5", blue, red)
			if err := all[0].ForgetTags(t.Context(), "all"); err != nil {
				t.Fatal(err)
			}
			get(all[1], "c", "c6", blue)
			get(all[0], "a", "a7", red)
			if _, err := all[0].Fetch(t.Context(), "d", load, loading.Tag("")); err == nil {
				t.Errorf("%s: Fetch with an empty tag = nil", name)
			}
		}
	}
}

// TestGroupOutlivesItsGeneration: while a group is filled it goes on, and once
// nothing of it can be left its generation goes too.
func TestGroupOutlivesItsGeneration(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFull()
		c := newCache[int](t, s, loading.Options{TTL: time.Hour, Tags: []string{"g"}})
		for i := range 10 {
			fill(t, c, fmt.Sprint(i), i)
			time.Sleep(50 * time.Minute)
			if _, err := c.Fetch(t.Context(), fmt.Sprint(i), never[int](t)); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(2 * time.Hour)
		if _, err := s.Get(t.Context(), "#g"); !errors.Is(err, cache.ErrMiss) {
			t.Errorf("the generation of a group without entries: %v", err)
		}
	})
}

// TestForgetTagsCostsOneWrite however many entries the group has.
func TestForgetTagsCostsOneWrite(t *testing.T) {
	s := newFull()
	c := newCache[int](t, s, loading.Options{})
	for i := range 1000 {
		if _, err := c.Fetch(t.Context(), fmt.Sprint(i), func(context.Context, string) (int, error) { return i, nil }, loading.Tag("g")); err != nil {
			t.Fatal(err)
		}
	}
	var ops atomic.Int64
	s.before = func(string, string) error { ops.Add(1); return nil }
	if err := c.ForgetTags(t.Context(), "g"); err != nil || ops.Load() != 1 {
		t.Errorf("ForgetTags = %v after %d operations", err, ops.Load())
	}
}

// TestForgottenGroupIsNotFilled: a load that began before another process ended
// its group is not used by whoever comes afterwards.
func TestForgottenGroupIsNotFilled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all := processes[string](t, 2, newFull(), loading.Options{Local: newLocal()})
		load := func(v string) func(context.Context, string) (string, error) {
			return func(context.Context, string) (string, error) { time.Sleep(time.Minute); return v, nil }
		}
		go func() { _, _ = all[0].Fetch(t.Context(), "k", load("old"), loading.Tag("g")) }()
		synctest.Wait()
		if err := all[1].ForgetTags(t.Context(), "g"); err != nil {
			t.Fatal(err)
		}
		for _, c := range all {
			if v, err := c.Fetch(t.Context(), "k", load("new"), loading.Tag("g")); v != "new" || err != nil {
				t.Errorf("Fetch after ForgetTags = %q, %v", v, err)
			}
		}
	})
}

// TestForgetTagsIsSeenAtOnce in the process that calls it, however late reports are.
func TestForgetTagsIsSeenAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFull()
		s.lag = time.Minute
		c := newCache[string](t, s, loading.Options{Local: newLocal(), Tags: []string{"g"}})
		synctest.Wait()
		fill(t, c, "k", "old")
		time.Sleep(time.Hour)
		fill(t, c, "k", "")
		if err := c.ForgetTags(t.Context(), "g"); err != nil {
			t.Fatal(err)
		}
		if v, err := c.Fetch(t.Context(), "k", func(context.Context, string) (string, error) { return "new", nil }); v != "new" || err != nil {
			t.Errorf("Fetch after ForgetTags = %q, %v", v, err)
		}
	})
}

// TestForgottenGroupIsNotHeld: the report that a group ended comes while an
// entry of it is still on its way.
func TestForgottenGroupIsNotHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFull()
		opts := loading.Options{Tags: []string{"g"}}
		other := newCache[string](t, s, opts)
		fill(t, other, "k", "old")
		opts.Local = newLocal()
		c := newCache[string](t, &late{full: s, by: time.Minute}, opts)
		synctest.Wait()
		go func() { _, _ = c.Fetch(t.Context(), "k", never[string](t)) }()
		synctest.Wait()
		if err := other.ForgetTags(t.Context(), "g"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		if v, err := c.Fetch(t.Context(), "k", func(context.Context, string) (string, error) { return "new", nil }); v != "new" || err != nil {
			t.Errorf("Fetch after ForgetTags = %q, %v", v, err)
		}
	})
}

// TestForgetTagsBeatsALoadThatRuns over a store without leases too.
func TestForgetTagsBeatsALoadThatRuns(t *testing.T) {
	for name, s := range stores() {
		synctest.Test(t, func(t *testing.T) {
			c := newCache[string](t, s, loading.Options{Tags: []string{"g"}})
			load := func(v string) func(context.Context, string) (string, error) {
				return func(context.Context, string) (string, error) { time.Sleep(time.Minute); return v, nil }
			}
			go func() { _, _ = c.Fetch(t.Context(), "k", load("old")) }()
			synctest.Wait()
			if err := c.ForgetTags(t.Context(), "g"); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if v, err := c.Fetch(t.Context(), "k", load("new")); v != "new" || err != nil {
					t.Errorf("%s: Fetch after ForgetTags = %q, %v", name, v, err)
				}
			}
		})
	}
}

func TestCompression(t *testing.T) {
	s := newFull()
	plain, packed := newCache[string](t, s, loading.Options{Prefix: "p"}), newCache[string](t, s, loading.Options{Prefix: "c", CompressOver: 100})
	long := fmt.Sprintf("%0*d", 10_000, 7)
	fill(t, plain, "k", long)
	fill(t, packed, "k", long)
	fill(t, packed, "short", "abc")
	if p, c := len(s.entries["p/k"].value), len(s.entries["c/k"].value); c*10 > p {
		t.Errorf("%d bytes are %d compressed", p, c)
	}
	for key, want := range map[string]string{"k": long, "short": "abc"} {
		if v, err := packed.Fetch(t.Context(), key, never[string](t)); v != want || err != nil {
			t.Errorf("Fetch(%s) = %.20q, %v", key, v, err)
		}
	}
	other := newCache[string](t, s, loading.Options{Prefix: "c"})
	if v, err := other.Fetch(t.Context(), "k", never[string](t)); v != long || err != nil {
		t.Errorf("Fetch of a compressed entry without CompressOver = %.20q, %v", v, err)
	}
}
