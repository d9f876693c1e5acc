package memorycache

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/contracts/cache/cachetest"
	"github.com/lexigram/lexigram-go/contracts/errs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, opts Options) *Store {
	t.Helper()
	s, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func openLocal(t *testing.T, opts LocalOptions) *Local {
	t.Helper()
	l, err := NewLocal(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func TestConformance(t *testing.T) {
	for name, opts := range map[string]Options{"bytes": {}, "entries": {MaxEntries: 1000}} {
		t.Run(name, func(t *testing.T) {
			var more []cachetest.Option
			if opts.MaxBytes > 0 {
				more = append(more, cachetest.TooLarge(int(opts.MaxBytes)))
			}
			cachetest.Run(t, func(t *testing.T) cache.Store { return open(t, opts) }, more...)
		})
	}
	for name, opts := range map[string]LocalOptions{"exact": {}, "coarse": {Resolution: time.Millisecond}} {
		t.Run(name, func(t *testing.T) {
			cachetest.RunLocal(t, func(t *testing.T) cache.Local { return openLocal(t, opts) })
		})
	}
}

func TestExpiryIsExactToTheMillisecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, Options{})
		l := openLocal(t, LocalOptions{})
		for _, ttl := range []time.Duration{time.Millisecond, 17 * time.Millisecond, time.Second, time.Minute + time.Millisecond, 2 * time.Hour} {
			key := ttl.String()
			if err := s.Set(t.Context(), key, []byte("v"), ttl); err != nil {
				t.Fatal(err)
			}
			l.Set("", key, 1, ttl)
			time.Sleep(ttl - time.Microsecond)
			if _, err := s.Get(t.Context(), key); err != nil {
				t.Errorf("ttl %v: Get a microsecond before = %v", ttl, err)
			}
			if _, ok := l.Get("", key); !ok {
				t.Errorf("ttl %v: the Local has no value a microsecond before", ttl)
			}
			time.Sleep(time.Microsecond)
			if _, err := s.Get(t.Context(), key); !errors.Is(err, cache.ErrMiss) {
				t.Errorf("ttl %v: Get at its end = %v, want ErrMiss", ttl, err)
			}
			if _, ok := l.Get("", key); ok {
				t.Errorf("ttl %v: the Local has a value at its end", ttl)
			}
		}
	})
}

func TestExpiredEntriesAreRemovedUnasked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, Options{})
		for i := range 100 {
			if err := s.Set(t.Context(), fmt.Sprint(i), []byte("v"), time.Second); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if n := s.Len(); n != 0 {
			t.Errorf("Len() = %d long after every ttl, want 0", n)
		}
	})
}

func TestBounds(t *testing.T) {
	value := bytes.Repeat([]byte("v"), 1<<10)
	for name, opts := range map[string]Options{"bytes": {MaxBytes: 100 << 10}, "entries": {MaxEntries: 90}} {
		synctest.Test(t, func(t *testing.T) {
			s := open(t, opts)
			for i := range 10_000 {
				if err := s.Set(t.Context(), fmt.Sprint(i), value, 0); err != nil {
					t.Fatal(err)
				}
			}
			synctest.Wait() // evicts
			if n := s.Len(); n > 100 || n < 50 {
				t.Errorf("bound by %s: %d entries of a KiB are left, want about 90", name, n)
			}
			huge := s.Set(t.Context(), "huge", make([]byte, 1<<20), 0)
			if refused := errors.Is(huge, cache.ErrSize); refused != (name == "bytes") || !refused && huge != nil {
				t.Errorf("bound by %s: Set of a value heavier than the bound = %v", name, huge)
			}
		})
	}
}

func TestOptionsAreChecked(t *testing.T) {
	for _, opts := range []Options{{MaxBytes: -1}, {MaxEntries: -1}, {MaxBytes: 1, MaxEntries: 1}} {
		if _, err := New(opts); !errors.Is(err, errs.ErrValidation) || !errors.Is(err, cache.Err) {
			t.Errorf("New(%+v) = %v, want a validation error", opts, err)
		}
	}
	if _, err := NewLocal(LocalOptions{MaxEntries: -1, Resolution: 1}); !errors.Is(err, errs.ErrValidation) {
		t.Errorf("NewLocal(-1) = %v, want a validation error", err)
	}
}

func TestClosed(t *testing.T) {
	s := open(t, Options{})
	if err := s.Set(t.Context(), "k", []byte("v"), 0); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	_, errGet := s.Get(t.Context(), "k")
	_, errMany := s.GetMany(t.Context(), []string{"k"})
	for method, err := range map[string]error{
		"Get": errGet, "GetMany": errMany, "Set": s.Set(t.Context(), "k", nil, 0), "Delete": s.Delete(t.Context(), "k"),
	} {
		if !errors.Is(err, cache.ErrClosed) || errs.KindOf(err) != errs.Unavailable {
			t.Errorf("%s after Close = %v, want ErrClosed", method, err)
		}
	}
}

func TestCloseUnderLoadConcurrentSafe(t *testing.T) {
	s := open(t, Options{MaxBytes: 1 << 20})
	stopped := make(chan struct{})
	for range 4 {
		go func() {
			defer func() { stopped <- struct{}{} }()
			for i := 0; ; i++ {
				if err := s.Set(context.Background(), fmt.Sprint(i), make([]byte, 100), time.Millisecond); err != nil {
					return
				}
			}
		}()
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	for range 4 {
		<-stopped
	}
}

func TestLocalHitDoesNotAllocate(t *testing.T) {
	l := openLocal(t, LocalOptions{})
	l.Set("", "user:7", t, time.Hour)
	if n := testing.AllocsPerRun(1000, func() { l.Get("", "user:7") }); n > 0 {
		t.Errorf("Get allocates %v times, want 0", n)
	}
}

func BenchmarkLocalHit(b *testing.B) {
	l, err := NewLocal(LocalOptions{})
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	l.Set("", "user:7", b, time.Hour)
	b.ReportAllocs()
	for b.Loop() {
		l.Get("", "user:7")
	}
}

func BenchmarkStoreHit(b *testing.B) {
	s, err := New(Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	ctx := b.Context()
	if err := s.Set(ctx, "user:7", make([]byte, 100), 0); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Get(ctx, "user:7"); err != nil {
			b.Fatal(err)
		}
	}
}
