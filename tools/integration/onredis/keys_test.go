package onredis

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache"
)

// signs are those that patterns, hash tags and protocols are made of.
const signs = "ab*?[]^-\\{}:%\x00\r\n\xff"

func word(most int) string {
	b := make([]byte, rand.N(most))
	for i := range b {
		b[i] = signs[rand.N(len(signs))]
	}
	return string(b)
}

// TestPatternsMeanTheSame deletes random patterns of random keys, beside a store that has the same ones.
func TestPatternsMeanTheSame(t *testing.T) {
	each(t, func(t *testing.T, client redis.UniversalClient) {
		ctx, s, other := t.Context(), openCache(t, client, rediscache.Options{}), openCache(t, client, rediscache.Options{})
		for range 60 {
			entries := map[string][]byte{}
			for range 40 {
				entries["k"+word(6)] = nil
			}
			if err := s.SetMany(ctx, entries, time.Hour); err != nil {
				t.Fatal(err)
			}
			if err := other.SetMany(ctx, entries, time.Hour); err != nil {
				t.Fatal(err)
			}
			pattern := "k" + word(5) + "*"
			if cache.CheckPattern(pattern) != nil {
				pattern = cache.EscapePattern(pattern[:len(pattern)-1]) + "*"
			}
			want := 0
			for k := range entries {
				if cache.MatchPattern(pattern, k) {
					want++
				}
			}
			if n, err := s.DeletePattern(ctx, pattern); err != nil || n != want {
				t.Fatalf("DeletePattern(%q) = %d, %v, want %d of %q", pattern, n, err, want, entries)
			}
			if n, err := cache.Clear(ctx, s); err != nil || n != len(entries)-want {
				t.Fatalf("Clear = %d, %v, want %d", n, err, len(entries)-want)
			}
			if n, err := cache.Clear(ctx, other); err != nil || n != len(entries) {
				t.Fatalf("Clear of the other store = %d, %v, want %d: something of its was deleted", n, err, len(entries))
			}
		}
	})
}

// TestWatchTellsOthersChanges changes keys by other means than a store.
func TestWatchTellsOthersChanges(t *testing.T) {
	each(t, func(t *testing.T, client redis.UniversalClient) {
		ctx, p := t.Context(), prefix()
		s := openCache(t, client, rediscache.Options{Prefix: p})
		var mu sync.Mutex
		seen := map[string]time.Time{}
		ready, ended := make(chan struct{}), make(chan struct{})
		ctx, stop := context.WithCancel(ctx)
		go func() {
			defer close(ended)
			_ = s.Watch(ctx, func(key string) {
				mu.Lock()
				defer mu.Unlock()
				if len(seen) == 0 {
					close(ready)
				}
				seen[key] = time.Now()
			})
		}()
		<-ready
		defer func() { stop(); <-ended }()
		told := func(key string) {
			t.Helper()
			for late := time.Now().Add(s.MaxStaleness()); ; time.Sleep(time.Millisecond) {
				mu.Lock()
				_, ok := seen[key]
				mu.Unlock()
				if ok {
					return
				}
				if time.Now().After(late) {
					t.Errorf("%q was not told within %v", key, s.MaxStaleness())
					return
				}
			}
		}
		for _, k := range []string{"raw", "{tag}1", "another", "\x00\r\n"} {
			if err := client.Set(ctx, p+":cache:"+k, "1", 0).Err(); err != nil {
				t.Fatal(err)
			}
			told(k)
		}
		if err := s.Set(ctx, "expires", nil, 20*time.Millisecond); err != nil {
			t.Fatal(err)
		}
		mu.Lock()
		delete(seen, "expires")
		mu.Unlock()
		told("expires")
		if len(seen) != 6 {
			t.Errorf("told %q", seen)
		}
	})
}
