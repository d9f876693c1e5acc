package loading_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
	"github.com/lexigram/lexigram-go/lexigram-cache/loading"
)

func TestLocalHitsAskNobody(t *testing.T) {
	s := newFull()
	c := newCache[string](t, s, loading.Options{Local: newLocal(), NotFound: errNoUser, NegativeTTL: time.Hour})
	synced(t, s, 1)
	ctx := tenancy.With(t.Context(), "acme")
	absent := func(context.Context, string) (string, error) { return "", errNoUser }
	for range 2 { // the report of its own writing drops what it holds
		if _, err := c.Fetch(ctx, "k", func(context.Context, string) (string, error) { return "v", nil }); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Fetch(ctx, "absent", absent); !errors.Is(err, errNoUser) {
			t.Fatal(err)
		}
	}
	s.before = func(op, key string) error { t.Errorf("%s %s", op, key); return nil }
	if v, err := c.Fetch(ctx, "k", never[string](t)); v != "v" || err != nil {
		t.Errorf("Fetch = %q, %v", v, err)
	}
	if _, err := c.Fetch(ctx, "absent", never[string](t)); !errors.Is(err, errNoUser) {
		t.Errorf("Fetch of what is absent = %v", err)
	}
	if n := c.Stats().LocalHits; n != 2 {
		t.Errorf("%d local hits", n)
	}
	load := never[string](t)
	if n := testing.AllocsPerRun(100, func() { _, _ = c.Fetch(ctx, "k", load, loading.Tag("t")) }); n > 0 {
		t.Errorf("a hit allocates %v times", n)
	}
}

// synced waits until n caches watch s.
func synced(t *testing.T, s *full, n int) {
	t.Helper()
	for range 5000 {
		s.mu.Lock()
		watches := len(s.watches)
		s.mu.Unlock()
		if watches == n {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("%d caches do not watch the store", n)
}

// held has c hold value under key.
func held(t *testing.T, c *loading.Cache[string], key, value string) {
	t.Helper()
	fill(t, c, key, value)
	fill(t, c, key, value) // what it wrote itself is reported once more
	time.Sleep(time.Second)
	fill(t, c, key, value)
	before := c.Stats().LocalHits
	if v, err := c.Fetch(t.Context(), key, never[string](t)); v != value || err != nil || c.Stats().LocalHits == before {
		t.Fatalf("Fetch = %q, %v: it is not held", v, err)
	}
}

func TestStalenessIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFull()
		s.lag = 300 * time.Millisecond
		all := processes[string](t, 2, s, loading.Options{Local: newLocal()})
		if d := all[0].MaxStaleness(); d != s.lag {
			t.Errorf("MaxStaleness = %v", d)
		}
		synctest.Wait()
		held(t, all[0], "k", "old")
		held(t, all[1], "k", "old")
		if err := all[1].Forget(t.Context(), "k"); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		fill(t, all[1], "k", "new")
		if v, err := all[1].Fetch(t.Context(), "k", never[string](t)); v != "new" || err != nil {
			t.Errorf("Fetch in the process that forgot it = %q, %v", v, err)
		}
		last := time.Duration(0)
		for time.Since(began) < time.Second {
			v, err := all[0].Fetch(t.Context(), "k", never[string](t))
			if err != nil {
				t.Fatal(err)
			}
			if v == "old" {
				last = time.Since(began)
			}
			time.Sleep(time.Millisecond)
		}
		if last == 0 || last > s.lag {
			t.Errorf("the old value was last seen after %v, want up to %v", last, s.lag)
		}
	})
}

// TestLostSightDropsAll: when the connection of the reports is lost, nothing
// is held until it is back, because nobody tells what changes meanwhile.
func TestLostSightDropsAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFull()
		all := processes[string](t, 2, s, loading.Options{Local: newLocal()})
		synctest.Wait()
		held(t, all[0], "k", "old")
		var down atomic.Bool
		down.Store(true)
		s.before = func(op, _ string) error {
			if op == "watch" && down.Load() {
				return errors.New("connection refused")
			}
			return nil
		}
		s.cut()
		synctest.Wait()
		if err := all[1].Forget(t.Context(), "k"); err != nil {
			t.Fatal(err)
		}
		fill(t, all[1], "k", "new")
		for range 3 {
			before := all[0].Stats().LocalHits
			if v, err := all[0].Fetch(t.Context(), "k", never[string](t)); v != "new" || err != nil || all[0].Stats().LocalHits != before {
				t.Errorf("Fetch without sight = %q, %v", v, err)
			}
		}
		if n := all[0].Stats().Blind; n == 0 {
			t.Error("nobody was told that the store's changes cannot be seen")
		}
		down.Store(false)
		time.Sleep(10 * time.Second)
		held(t, all[0], "k", "new")
	})
}

// TestReportBeforeTheValue: the report of a change comes while the value from
// before it is still on its way.
func TestReportBeforeTheValue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFull()
		all := processes[string](t, 2, s, loading.Options{Local: newLocal()})
		synctest.Wait()
		fill(t, all[1], "k", "old")
		slow := &late{full: s, by: time.Minute}
		c := newCache[string](t, slow, loading.Options{Local: newLocal()})
		synctest.Wait()
		go func() {
			if v, err := c.Fetch(t.Context(), "k", never[string](t)); v != "old" || err != nil {
				t.Errorf("Fetch that began before = %q, %v", v, err)
			}
		}()
		synctest.Wait()
		if err := all[1].Forget(t.Context(), "k"); err != nil {
			t.Fatal(err)
		}
		fill(t, all[1], "k", "new")
		time.Sleep(2 * time.Minute)
		if v, err := c.Fetch(t.Context(), "k", never[string](t)); v != "new" || err != nil {
			t.Errorf("Fetch afterwards = %q, %v: the old value was held", v, err)
		}
	})
}

// A late store brings what it read a while later.
type late struct {
	*full
	by time.Duration
}

func (s *late) Get(ctx context.Context, key string) ([]byte, error) {
	v, err := s.full.Get(ctx, key)
	time.Sleep(s.by)
	return v, err
}

func (s *late) GetMany(ctx context.Context, keys []string) (map[string][]byte, error) {
	all, err := s.full.GetMany(ctx, keys)
	time.Sleep(s.by)
	return all, err
}

// TestStoreWithoutSight holds values for a while, which is the bound.
func TestStoreWithoutSight(t *testing.T) {
	for name, open := range map[string]func() cache.Store{
		"plain":     func() cache.Store { return newStore() },
		"decorator": func() cache.Store { return sightless{newFull()} },
	} {
		synctest.Test(t, func(t *testing.T) {
			s := open()
			all := processes[string](t, 2, s, loading.Options{Local: newLocal(), LocalTTL: 2 * time.Second})
			synctest.Wait()
			if d := all[0].MaxStaleness(); d != 2*time.Second {
				t.Errorf("%s: MaxStaleness = %v", name, d)
			}
			held(t, all[0], "k", "old")
			if err := all[1].Forget(t.Context(), "k"); err != nil {
				t.Fatal(err)
			}
			fill(t, all[1], "k", "new")
			began, last := time.Now(), time.Duration(0)
			for time.Since(began) < 5*time.Second {
				v, err := all[0].Fetch(t.Context(), "k", never[string](t))
				if err != nil {
					t.Fatal(err)
				}
				if v == "old" {
					last = time.Since(began)
				}
				time.Sleep(time.Millisecond)
			}
			if last == 0 || last > 2*time.Second {
				t.Errorf("%s: the old value was last seen after %v, want up to 2 s", name, last)
			}
		})
	}
}

// sightless has Watch and cannot.
type sightless struct{ *full }

func (sightless) Watch(context.Context, func(string)) error { return errors.ErrUnsupported }

func TestMaxStalenessWithoutLocal(t *testing.T) {
	if d := newCache[int](t, newStore(), loading.Options{}).MaxStaleness(); d != 0 {
		t.Errorf("MaxStaleness = %v", d)
	}
}
