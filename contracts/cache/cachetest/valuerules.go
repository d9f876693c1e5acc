package cachetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cache"
)

// holds checks that s has want under key.
func holds(ctx context.Context, s cache.Store, key string, want []byte) error {
	got, err := s.Get(ctx, key)
	if err != nil || !bytes.Equal(got, want) {
		return fmt.Errorf("Get(%.40q) = %.40q, %v, want %.40q", key, got, err, want)
	}
	return nil
}

// missing checks that s has nothing under key.
func missing(ctx context.Context, s cache.Store, key string) error {
	if v, err := s.Get(ctx, key); !errors.Is(err, cache.ErrMiss) {
		return fmt.Errorf("Get(%.40q) = %.40q, %v, want ErrMiss", key, v, err)
	}
	return nil
}

var valueRules = []rule{
	{
		name: "miss",
		says: "Get returns an error wrapping ErrMiss for a key without an entry",
		check: func(ctx context.Context, s cache.Store, _ time.Duration) error {
			return missing(ctx, s, "absent")
		},
	},
	{
		name: "an empty value",
		says: "an empty value is an entry",
		check: func(ctx context.Context, s cache.Store, _ time.Duration) error {
			for _, v := range [][]byte{{}, nil} {
				if err := errors.Join(s.Set(ctx, "k", v, 0), holds(ctx, s, "k", nil)); err != nil {
					return err
				}
			}
			return nil
		},
	},
	{
		name: "any bytes",
		says: "keys are 1 to 1,024 bytes, whatever they are; values are bytes",
		check: func(ctx context.Context, s cache.Store, _ time.Duration) error {
			var every [256]byte
			for i := range every {
				every[i] = byte(i)
			}
			keys := []string{
				string(every[:]), "a", "A", " a", "a ", "a\x00", "a\x00b", "a\r\n", "\xff\xfe", "*", "k{1}", "{k}1", "a:b", "a/../b",
				strings.Repeat("k", 1024), strings.Repeat("k", 1023), "é", "e\u0301",
			}
			for i, k := range keys {
				if err := s.Set(ctx, k, append(every[:], byte(i)), 0); err != nil {
					return fmt.Errorf("Set(%.40q) = %w", k, err)
				}
			}
			for i, k := range keys {
				if err := holds(ctx, s, k, append(every[:], byte(i))); err != nil {
					return err
				}
			}
			return nil
		},
	},
	{
		name: "a large value",
		says: "Get returns the entry under key, whole",
		check: func(ctx context.Context, s cache.Store, _ time.Duration) error {
			v := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
			return errors.Join(s.Set(ctx, "k", v, 0), holds(ctx, s, "k", v))
		},
	},
	{
		name: "overwrite",
		says: "Set stores value under key, in place of the value that was there",
		check: func(ctx context.Context, s cache.Store, _ time.Duration) error {
			return errors.Join(s.Set(ctx, "k", []byte("a long value"), 0), s.Set(ctx, "k", []byte("short"), 0), holds(ctx, s, "k", []byte("short")))
		},
	},
	{
		name: "value is copied in",
		says: "a caller may reuse its slices",
		check: func(ctx context.Context, s cache.Store, _ time.Duration) error {
			v := []byte("before")
			if err := s.Set(ctx, "k", v, 0); err != nil {
				return err
			}
			copy(v, "after!")
			return holds(ctx, s, "k", []byte("before"))
		},
	},
	{
		name: "value is copied out",
		says: "a caller may reuse its slices",
		check: func(ctx context.Context, s cache.Store, _ time.Duration) error {
			if err := s.Set(ctx, "k", []byte("before"), 0); err != nil {
				return err
			}
			got, err := s.Get(ctx, "k")
			if err != nil {
				return err
			}
			copy(got, "after!")
			return holds(ctx, s, "k", []byte("before"))
		},
	},
	{
		name: "delete",
		says: "Delete removes the entry under key, and no other",
		check: func(ctx context.Context, s cache.Store, _ time.Duration) error {
			return errors.Join(s.Set(ctx, "k", []byte("v"), 0), s.Set(ctx, "k2", []byte("v2"), 0), s.Delete(ctx, "k"),
				missing(ctx, s, "k"), holds(ctx, s, "k2", []byte("v2")))
		},
	},
	{
		name:  "delete absent",
		says:  "a key without an entry is no error",
		check: func(ctx context.Context, s cache.Store, _ time.Duration) error { return s.Delete(ctx, "absent") },
	},
	{
		name:  "concurrent use",
		says:  "a Store is safe for concurrent use",
		check: checkConcurrent,
	},
}

// checkConcurrent has goroutines use one key together and one each alone.
func checkConcurrent(ctx context.Context, s cache.Store, _ time.Duration) error {
	failed := make([]error, 8)
	var wg sync.WaitGroup
	for i := range failed {
		wg.Go(func() {
			own := fmt.Sprint("own", i)
			failed[i] = s.Set(ctx, own+" stays", []byte(own), 0)
			for n := range 50 {
				v := bytes.Repeat([]byte{byte(i)}, 100+n)
				failed[i] = errors.Join(failed[i], s.Set(ctx, "shared", v, 0), s.Set(ctx, own, v, time.Hour), holds(ctx, s, own, v), whole(ctx, s))
				if n%10 == 9 {
					failed[i] = errors.Join(failed[i], s.Delete(ctx, "shared"), s.Delete(ctx, own), missing(ctx, s, own))
				}
				if failed[i] != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	for i := range failed {
		own := fmt.Sprint("own", i)
		failed = append(failed, holds(ctx, s, own+" stays", []byte(own)))
	}
	return errors.Join(failed...)
}

// whole checks that the shared value is one that somebody set.
func whole(ctx context.Context, s cache.Store) error {
	v, err := s.Get(ctx, "shared")
	if errors.Is(err, cache.ErrMiss) {
		return nil
	}
	if err != nil || len(v) < 100 || bytes.Count(v, v[:1]) != len(v) {
		return fmt.Errorf("Get(shared) = %.40q, %v, want a value that was set", v, err)
	}
	return nil
}
