package loading_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/lexigram-cache/loading"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newCache[T any](t *testing.T, s cache.Store, opts loading.Options) *loading.Cache[T] {
	t.Helper()
	c, err := loading.New[T](s, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Errorf("Close = %v", err)
		}
	})
	return c
}

// counted returns a load that takes a second and returns the number of its call.
func counted(calls *atomic.Int64) func(context.Context, string) (int, error) {
	return func(ctx context.Context, _ string) (int, error) {
		n := calls.Add(1)
		select {
		case <-time.After(time.Second):
			return int(n), nil
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

func TestOneLoadForMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache[int](t, newStore(), loading.Options{TTL: time.Minute})
		var calls atomic.Int64
		load := counted(&calls)
		var wg sync.WaitGroup
		for range 1000 {
			wg.Go(func() {
				if v, err := c.Fetch(t.Context(), "k", load); v != 1 || err != nil {
					t.Errorf("Fetch = %d, %v, want 1", v, err)
				}
			})
		}
		wg.Wait()
		if v, err := c.Fetch(t.Context(), "k", load); v != 1 || err != nil || calls.Load() != 1 {
			t.Errorf("Fetch afterwards = %d, %v after %d loads, want one", v, err, calls.Load())
		}
	})
}

func TestKeysLoadIndependently(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache[int](t, newStore(), loading.Options{})
		var calls atomic.Int64
		begin := time.Now()
		var wg sync.WaitGroup
		for i := range 10 {
			wg.Go(func() { _, _ = c.Fetch(t.Context(), fmt.Sprint(i), counted(&calls)) })
		}
		wg.Wait()
		if d := time.Since(begin); d != time.Second || calls.Load() != 10 {
			t.Errorf("%d loads took %v, want 10 at the same time", calls.Load(), d)
		}
	})
}

// A caller that finds nothing just before a flight stores its value, and boards
// just after it landed, must find the value and not load it again.
func TestLateCallerLooksAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		c := newCache[int](t, s, loading.Options{})
		var calls atomic.Int64
		var first atomic.Bool
		s.before = func(op, _ string) error {
			if op == "get" && first.CompareAndSwap(false, true) {
				go func() { _, _ = c.Fetch(t.Context(), "k", counted(&calls)) }()
				time.Sleep(time.Hour) // the miss is decided below, after the other flight landed
				return cache.ErrMiss
			}
			return nil
		}
		if v, err := c.Fetch(t.Context(), "k", counted(&calls)); v != 1 || err != nil || calls.Load() != 1 {
			t.Errorf("Fetch = %d, %v after %d loads, want one", v, err, calls.Load())
		}
	})
}

func TestOneLeavesOthersStay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache[int](t, newStore(), loading.Options{})
		var calls atomic.Int64
		cause := errors.New("the user closed the tab")
		ctx, cancel := context.WithCancelCause(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { // the first caller, whose context the load is made from
			if _, err := c.Fetch(ctx, "k", counted(&calls)); !errors.Is(err, cause) || !errors.Is(err, cache.Err) {
				t.Errorf("Fetch of the one who left = %v, want the cause", err)
			}
		})
		synctest.Wait()
		wg.Go(func() {
			if v, err := c.Fetch(t.Context(), "k", counted(&calls)); v != 1 || err != nil {
				t.Errorf("Fetch of the one who stayed = %d, %v, want 1", v, err)
			}
		})
		synctest.Wait()
		cancel(cause)
		wg.Wait()
	})
}

func TestLoadEndsWhenAllHaveLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache[int](t, newStore(), loading.Options{})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		slow := func(ctx context.Context, _ string) (int, error) {
			<-ctx.Done()
			time.Sleep(time.Second) // it takes a while to notice
			close(ended)
			return 0, ctx.Err()
		}
		go func() { _, _ = c.Fetch(ctx, "k", slow) }()
		synctest.Wait()
		cancel()
		synctest.Wait()
		// A caller that comes while it winds down waits, and loads for itself.
		v, err := c.Fetch(t.Context(), "k", func(context.Context, string) (int, error) {
			select {
			case <-ended:
			default:
				t.Error("two loads of one key run at the same time")
			}
			return 2, nil
		})
		if v != 2 || err != nil {
			t.Errorf("Fetch after all have left = %d, %v, want 2", v, err)
		}
	})
}

type ctxKey struct{}

func TestLoadKeepsValues(t *testing.T) {
	c := newCache[string](t, newStore(), loading.Options{})
	ctx := context.WithValue(t.Context(), ctxKey{}, "tenant")
	got, err := c.Fetch(ctx, "k", func(ctx context.Context, _ string) (string, error) { return ctx.Value(ctxKey{}).(string), nil })
	if got != "tenant" || err != nil {
		t.Errorf("Fetch = %q, %v", got, err)
	}
}

func TestErrorsAndPanicsAreSharedAndNotKept(t *testing.T) {
	failure := errors.New("down")
	loads := map[string]struct {
		load func() (int, error)
		want error
	}{
		"error": {func() (int, error) { return 7, failure }, failure},
		"panic": {func() (int, error) { panic("boom") }, errs.ErrPanic},
	}
	for name, l := range loads {
		synctest.Test(t, func(t *testing.T) {
			s := newStore()
			c := newCache[int](t, s, loading.Options{})
			var calls atomic.Int64
			var wg sync.WaitGroup
			for range 10 {
				wg.Go(func() {
					v, err := c.Fetch(t.Context(), "k", func(context.Context, string) (int, error) {
						calls.Add(1)
						time.Sleep(time.Second)
						return l.load()
					})
					if v != 0 || !errors.Is(err, l.want) {
						t.Errorf("%s: Fetch = %d, %v, want 0, %v", name, v, err, l.want)
					}
				})
			}
			wg.Wait()
			if v, err := c.Fetch(t.Context(), "k", func(context.Context, string) (int, error) { return 1, nil }); v != 1 || err != nil || calls.Load() != 1 {
				t.Errorf("%s: Fetch afterwards = %d, %v, after %d loads", name, v, err, calls.Load())
			}
		})
	}
}

func TestGoexitEndsTheWait(t *testing.T) {
	c := newCache[int](t, newStore(), loading.Options{})
	_, err := c.Fetch(t.Context(), "k", func(context.Context, string) (int, error) {
		var inner testing.T
		inner.FailNow()
		return 1, nil
	})
	if err == nil || !strings.Contains(err.Error(), "Goexit") {
		t.Errorf("Fetch = %v, want an error about Goexit", err)
	}
}

func TestStoreFailuresNeverFailARead(t *testing.T) {
	s := newStore()
	s.before = func(op, _ string) error { return errors.New("redis: connection refused") }
	sink := newSink()
	c := newCache[int](t, s, loading.Options{Observer: sink.observer(), Logger: sink.logger()})
	if v, err := c.Fetch(t.Context(), "k", func(context.Context, string) (int, error) { return 3, nil }); v != 3 || err != nil {
		t.Errorf("Fetch over a broken store = %d, %v, want 3", v, err)
	}
	if n := sink.count("failed"); n != 1 {
		t.Errorf("%d failures were counted, want that of get: what cannot be read is not written", n)
	}
	if !strings.Contains(sink.text(), "connection refused") {
		t.Errorf("the log says %q", sink.text())
	}
	if err := c.Forget(t.Context(), "k"); err == nil {
		t.Error("Forget over a broken store = nil: nobody would know that the entry stands")
	}
}

func TestCorruptEntriesAreMisses(t *testing.T) {
	for name, entry := range map[string]string{"empty": "", "foreign": `{"a":1}`, "cut": `v{"a`, "absence": "n"} {
		s := newStore()
		s.entries["p:/k"] = []byte(entry)
		sink := newSink()
		c := newCache[int](t, s, loading.Options{Prefix: "p:", Observer: sink.observer(), Logger: sink.logger()})
		v, err := c.Fetch(t.Context(), "k", func(context.Context, string) (int, error) { return 5, nil })
		if v != 5 || err != nil || sink.count("corrupt") != 1 {
			t.Errorf("%s: Fetch = %d, %v; %d corrupt", name, v, err, sink.count("corrupt"))
		}
		if v, err := c.Fetch(t.Context(), "k", never[int](t)); v != 5 || err != nil {
			t.Errorf("%s: Fetch afterwards = %d, %v, want 5", name, v, err)
		}
		if len(entry) > 2 && strings.Contains(sink.text(), entry) {
			t.Errorf("%s: the log shows the value: %s", name, sink.text())
		}
	}
}

// A codecOf is a codec of two functions.
type codecOf struct {
	marshal   func(any) ([]byte, error)
	unmarshal func([]byte, any) error
}

func (c codecOf) Marshal(v any) ([]byte, error)         { return c.marshal(v) }
func (c codecOf) Unmarshal(data []byte, into any) error { return c.unmarshal(data, into) }

func TestCodecThatFailsOrPanics(t *testing.T) {
	for name, marshal := range map[string]func(any) ([]byte, error){
		"error": func(any) ([]byte, error) { return nil, errors.New("cannot") },
		"panic": func(any) ([]byte, error) { panic("cannot") },
	} {
		s := newStore()
		fails := codecOf{marshal, func([]byte, any) error { panic("never") }}
		c := newCache[int](t, s, loading.Options{Codec: fails})
		if v, err := c.Fetch(t.Context(), "k", func(context.Context, string) (int, error) { return 1, nil }); v != 1 || err != nil || len(s.entries) > 0 {
			t.Errorf("%s: Fetch = %d, %v; stored %q", name, v, err, s.entries)
		}
		fill(t, newCache[int](t, s, loading.Options{}), "k", 1)
		if v, err := c.Fetch(t.Context(), "k", func(context.Context, string) (int, error) { return 2, nil }); v != 2 || err != nil {
			t.Errorf("%s: Fetch of an entry that panics = %d, %v, want 2", name, v, err)
		}
	}
}

// fill has the store hold value under key.
func fill[T any](t *testing.T, c *loading.Cache[T], key string, value T) {
	t.Helper()
	if _, err := c.Fetch(t.Context(), key, func(context.Context, string) (T, error) { return value, nil }); err != nil {
		t.Fatal(err)
	}
}

// never is a load that must not be called.
func never[T any](t *testing.T) func(context.Context, string) (T, error) {
	return func(context.Context, string) (v T, err error) {
		t.Helper()
		t.Error("load was called")
		return v, nil
	}
}

var errNoUser = errors.New("no such user")

func TestAbsenceIsRemembered(t *testing.T) {
	s := newStore()
	c := newCache[int](t, s, loading.Options{TTL: time.Hour, NegativeTTL: time.Second, NotFound: errNoUser})
	calls := 0
	load := func(context.Context, string) (int, error) { calls++; return 0, fmt.Errorf("user 7: %w", errNoUser) }
	for range 3 {
		if _, err := c.Fetch(t.Context(), "7", load); !errors.Is(err, errNoUser) {
			t.Errorf("Fetch = %v, want %v", err, errNoUser)
		}
	}
	if calls != 1 || s.ttls["/7"] != time.Second {
		t.Errorf("%d loads, kept for %v, want one and a second", calls, s.ttls["/7"])
	}
	if err := c.Forget(t.Context(), "7"); err != nil {
		t.Fatal(err)
	}
	if v, err := c.Fetch(t.Context(), "7", func(context.Context, string) (int, error) { return 1, nil }); v != 1 || err != nil {
		t.Errorf("Fetch after Forget = %d, %v, want 1", v, err)
	}
}

func TestArguments(t *testing.T) {
	for _, opts := range []loading.Options{
		{TTL: -1},
		{NegativeTTL: 1, NotFound: errNoUser},
		{NegativeTTL: time.Second},
		{Jitter: 1},
		{Jitter: -0.1},
		{Prefix: strings.Repeat("p", 513)},
		{SoftTTL: time.Minute, TTL: time.Minute},
		{StaleIfError: time.Minute},
		{EarlyRefresh: -1},
		{EarlyRefresh: math.NaN()},
		{CompressOver: -1},
		{Tags: []string{""}},
		{Tags: make([]string, 17)},
		{Lease: -1},
		{LocalTTL: 1},
	} {
		if _, err := loading.New[int](newStore(), opts); !errors.Is(err, errs.ErrValidation) || !errors.Is(err, cache.Err) {
			t.Errorf("New(%+v) = %v, want a validation error", opts, err)
		}
	}
	if _, err := loading.New[int](nil, loading.Options{}); err == nil {
		t.Error("New(nil) = nil")
	}
	c := newCache[int](t, newStore(), loading.Options{})
	if _, err := c.Fetch(t.Context(), "", never[int](t)); !errors.Is(err, cache.ErrKey) {
		t.Errorf("Fetch of an empty key = %v", err)
	}
	if err := c.Forget(t.Context(), ""); !errors.Is(err, cache.ErrKey) {
		t.Errorf("Forget of an empty key = %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Fetch(ctx, "k", never[int](t)); !errors.Is(err, context.Canceled) {
		t.Errorf("Fetch with a context that has ended = %v", err)
	}
}

func TestManyCallersConcurrentSafe(t *testing.T) {
	c := newCache[int](t, newStore(), loading.Options{})
	var running [4]atomic.Int64
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			for n := range 200 {
				k := (i + n) % len(running)
				ctx, cancel := context.WithCancel(t.Context())
				if n%7 == 0 {
					cancel()
				}
				v, err := c.Fetch(ctx, fmt.Sprint(k), func(context.Context, string) (int, error) {
					if running[k].Add(1) > 1 {
						t.Error("two loads of one key run at the same time")
					}
					defer running[k].Add(-1)
					return k, nil
				})
				if err == nil && v != k {
					t.Errorf("Fetch(%d) = %d", k, v)
				}
				cancel()
			}
		})
	}
	wg.Wait()
}
