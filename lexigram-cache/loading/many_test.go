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
