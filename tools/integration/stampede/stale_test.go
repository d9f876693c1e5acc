package stampede

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/lexigram-cache/loading"
	"github.com/lexigram/lexigram-go/lexigram-cache/memorycache"
	"github.com/lexigram/lexigram-go/tools/integration/servers"
)

// A truth is what the loaders read, and what was forgotten of it and when.
type truth struct {
	now atomic.Int64

	mu        sync.Mutex
	forgotten []time.Time // of version i+1, when Forget returned
}

// least returns the oldest version that a fetch which begins now may return, if
// forgetting takes lag to be seen.
func (s *truth) least(lag time.Duration) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := len(s.forgotten); i > 0; i-- {
		if time.Since(s.forgotten[i-1]) > lag {
			return int64(i)
		}
	}
	return 0
}

// TestStaleFill has readers fetch a key in four caches with clients of their
// own, while it is written and forgotten as fast as that goes. No reader may get
// a value that was forgotten before it began, or, with values held in process,
// longer than MaxStaleness before.
func TestStaleFill(t *testing.T) {
	rounds := times(t, "LEXIGRAM_STALE_ROUNDS", 500)
	for name, local := range map[string]bool{"store": false, "held in process": true} {
		t.Run(name, func(t *testing.T) {
			url, prefix := servers.Redis(t), "test-"+strings.ToLower(rand.Text())
			var all []*loading.Cache[int64]
			for range 4 {
				_, store := connect(t, url, prefix)
				opts := loading.Options{TTL: time.Hour}
				if local {
					l, err := memorycache.NewLocal(memorycache.LocalOptions{})
					if err != nil {
						t.Fatal(err)
					}
					t.Cleanup(func() { _ = l.Close() })
					opts.Local = l
				}
				all = append(all, over[int64](t, store, opts))
			}
			race(t, all, rounds)
		})
	}
}

func race(t *testing.T, all []*loading.Cache[int64], rounds int) {
	t.Helper()
	var s truth
	var reads, stale, raced atomic.Int64
	load := func(context.Context, string) (int64, error) { return s.now.Load(), nil }
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
					least := s.least(c.MaxStaleness())
					v, err := c.Fetch(t.Context(), "k", load)
					if err != nil {
						t.Error(err)
						return
					}
					if reads.Add(1); v < least {
						stale.Add(1)
					}
				}
			})
		}
	}
	for round := range rounds {
		s.now.Add(1)
		if err := all[round%len(all)].Forget(t.Context(), "k"); err != nil {
			t.Error(err)
			break
		}
		s.mu.Lock()
		s.forgotten = append(s.forgotten, time.Now())
		s.mu.Unlock()
	}
	close(stop)
	wg.Wait()
	for _, c := range all {
		raced.Add(c.Stats().Raced)
	}
	if stale.Load() != 0 {
		t.Errorf("%d of %d reads were stale", stale.Load(), reads.Load())
	}
	t.Logf("%d writes, %d reads, %d fills that an invalidation overtook were dropped, %d reads were stale", rounds, reads.Load(), raced.Load(), stale.Load())
}

// TestCutLine measures how long a process whose line to Redis hangs goes on using
// what it holds, while another process changes it.
func TestCutLine(t *testing.T) {
	server := servers.NewRedis(t)
	line := newLine(t, server.URL())
	prefix := "test-" + strings.ToLower(rand.Text())
	_, near := connect(t, line.url, prefix)
	_, far := connect(t, server.URL(), prefix)
	l, err := memorycache.NewLocal(memorycache.LocalOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	here, there := over[int64](t, near, loading.Options{Local: l}), over[int64](t, far, loading.Options{})
	var source atomic.Int64
	load := func(context.Context, string) (int64, error) { return source.Load(), nil }
	for here.Stats().LocalHits == 0 { // until it holds the value
		if _, err := here.Fetch(t.Context(), "k", load); err != nil {
			t.Fatal(err)
		}
	}
	line.hang()
	source.Store(1)
	if err := there.Forget(t.Context(), "k"); err != nil {
		t.Fatal(err)
	}
	forgotten := time.Now()
	var last time.Duration
	for {
		began := time.Since(forgotten)
		v, err := here.Fetch(t.Context(), "k", load) // from the source, when the store does not answer
		if err != nil {
			t.Fatal(err)
		}
		if v == 1 {
			break
		}
		last = began
	}
	if bound := here.MaxStaleness(); last > bound+250*time.Millisecond { // of which a quarter is the machine's
		t.Errorf("the old value was returned to a caller who came %v after it was forgotten, want %v at most", last, bound)
	}
	t.Logf("with a line that hangs, the old value was last returned to a caller who came %v after it was forgotten; the bound is %v", last, here.MaxStaleness())
	line.resume()
	for start, hits := time.Now(), here.Stats().LocalHits; here.Stats().LocalHits == hits; {
		if _, err := here.Fetch(t.Context(), "k", load); err != nil {
			t.Fatal(err)
		}
		if time.Since(start) > time.Minute {
			t.Fatal(fmt.Sprint("nothing is held a minute after the line works again: ", here.Stats()))
		}
	}
}
