package onredis

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache"
)

// TestCrowdConcurrentSafe has so many goroutines at work that they share pipelines.
// Some leave in the middle, and all reuse their slices at once: no key has what
// nobody set.
func TestCrowdConcurrentSafe(t *testing.T) {
	each(t, func(t *testing.T, client redis.UniversalClient) {
		s := openCache(t, client, rediscache.Options{})
		var all sync.WaitGroup
		var left sync.Map
		for g := range 64 {
			all.Go(func() {
				value := make([]byte, 200)
				for n := range 100 {
					key := fmt.Sprint("k", rand.N(20))
					for i := range value {
						value[i] = byte(g)
					}
					ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, errors.New("too slow"))
					if n%10 == 0 {
						ctx, cancel = context.WithTimeout(t.Context(), rand.N(time.Millisecond))
					}
					err := s.Set(ctx, key, value, time.Minute)
					for i := range value { // it is the caller's again
						value[i] = 0xff
					}
					if errors.Is(err, context.DeadlineExceeded) {
						left.Store(g, true)
					} else if err != nil {
						t.Error(err)
					}
					cancel()
					got, err := s.Get(t.Context(), key)
					if errors.Is(err, cache.ErrMiss) {
						continue
					}
					if err != nil || len(got) != 200 || got[0] == 0xff || got[0] != got[199] {
						t.Errorf("Get = %.10x, %v", got, err)
						return
					}
				}
			})
		}
		all.Wait()
		some := 0
		left.Range(func(any, any) bool { some++; return true })
		t.Logf("%d of 64 goroutines left at least once", some)
	})
}
