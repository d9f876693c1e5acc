package cachetest

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cache"
)

// RunLocal checks every rule of [cache.Local], each on a Local of its own.
// newLocal returns an empty one and registers its own cleanup on t.
func RunLocal(t *testing.T, newLocal func(t *testing.T) cache.Local, opts ...Option) {
	t.Helper()
	o := newOptions(opts)
	for _, r := range localRules {
		t.Run(r.name, func(t *testing.T) {
			if err := r.check(newLocal(t), o.tick); err != nil {
				t.Errorf("%v\ncache.Local: %s", err, r.says)
			}
		})
	}
}

type localRule struct {
	name  string
	says  string
	check func(l cache.Local, tick time.Duration) error
}

// has checks that l has want under key, or nothing if want is nil.
func has(l cache.Local, key string, want any) error {
	got, ok := l.Get("s", key)
	if ok != (want != nil) || got != want {
		return fmt.Errorf("Get(%s) = %v, %v, want %v", key, got, ok, want)
	}
	return nil
}

var localRules = []localRule{
	{
		name: "get, set and delete",
		says: "Get returns the live value under key; Delete removes it, if there is one",
		check: func(l cache.Local, _ time.Duration) error {
			v := new(int)
			err := has(l, "k", nil)
			l.Delete("s", "k")
			l.Set("s", "k", v, 0)
			l.Set("s", "other", 1, 0)
			err = errors.Join(err, has(l, "k", v))
			l.Set("s", "k", 2, 0)
			err = errors.Join(err, has(l, "k", 2))
			l.Delete("s", "k")
			return errors.Join(err, has(l, "k", nil), has(l, "other", 1))
		},
	},
	{
		name: "local spaces",
		says: "a value stands under a space and a key: what differs in either is another",
		check: func(l cache.Local, _ time.Duration) error {
			names := [][2]string{{"a", "b"}, {"ab", ""}, {"", "ab"}, {"b", "a"}, {"a/", "b"}, {"a", "/b"}}
			for i, n := range names {
				l.Set(n[0], n[1], i, 0)
			}
			for i, n := range names {
				if got, _ := l.Get(n[0], n[1]); got != i {
					return fmt.Errorf("Get(%q, %q) = %v, want %d", n[0], n[1], got, i)
				}
			}
			l.Delete("a", "b")
			if got, ok := l.Get("b", "a"); !ok {
				return fmt.Errorf("Get(b, a) = %v, %v after Delete(a, b)", got, ok)
			}
			return nil
		},
	},
	{
		name: "local expiry",
		says: "a ttl of zero keeps a value until it is deleted or evicted, another until it passed; Set replaces it",
		check: func(l cache.Local, tick time.Duration) error {
			l.Set("s", "expires", 1, tick)
			l.Set("s", "stays", 1, tick)
			l.Set("s", "stays", 2, 0)
			l.Set("s", "lasts", 3, time.Hour)
			time.Sleep(2 * tick)
			return errors.Join(has(l, "expires", nil), has(l, "stays", 2), has(l, "lasts", 3))
		},
	},
	{
		name: "local negative ttl",
		says: "with a negative ttl, key has no value afterwards",
		check: func(l cache.Local, _ time.Duration) error {
			l.Set("s", "k", 1, 0)
			l.Set("s", "k", 2, -1)
			return has(l, "k", nil)
		},
	},
	{
		name: "local concurrent use",
		says: "a Local is safe for concurrent use",
		check: func(l cache.Local, _ time.Duration) error {
			failed := make([]error, 8)
			var wg sync.WaitGroup
			for i := range failed {
				wg.Go(func() {
					own := fmt.Sprint("own", i)
					l.Set("s", own+" stays", i, 0)
					for n := range 100 {
						l.Set("s", "shared", n, 0)
						l.Set("s", own, n, time.Hour)
						failed[i] = errors.Join(failed[i], has(l, own, n))
						l.Get("s", "shared")
						l.Delete("s", "shared")
					}
				})
			}
			wg.Wait()
			for i := range failed {
				failed = append(failed, has(l, fmt.Sprint("own", i, " stays"), i))
			}
			return errors.Join(failed...)
		},
	},
}
