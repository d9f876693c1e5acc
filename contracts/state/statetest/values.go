package statetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lexigram/lexigram-go/contracts/state"
)

// holds checks that s has want under key.
func holds(ctx context.Context, s state.Store, key string, want []byte) error {
	got, err := s.Get(ctx, key)
	if err != nil || !bytes.Equal(got, want) {
		return fmt.Errorf("Get(%.40q) = %.40q, %v, want %.40q", key, got, err, want)
	}
	return nil
}

// missing checks that s has nothing under key.
func missing(ctx context.Context, s state.Store, key string) error {
	if v, err := s.Get(ctx, key); !errors.Is(err, state.ErrNotFound) {
		return fmt.Errorf("Get(%.40q) = %.40q, %v, want ErrNotFound", key, v, err)
	}
	return nil
}

// deletes checks what Delete reports.
func deletes(ctx context.Context, s state.Store, key string, want bool) error {
	if existed, err := s.Delete(ctx, key); err != nil || existed != want {
		return fmt.Errorf("Delete(%.40q) = %v, %v, want %v", key, existed, err, want)
	}
	return nil
}

var valueRules = []rule{
	{
		name:  "not found",
		says:  "Get returns an error wrapping ErrNotFound for a key without an entry",
		check: func(ctx context.Context, s state.Store, _ time.Duration) error { return missing(ctx, s, "absent") },
	},
	{
		name: "an empty value",
		says: "an empty value is an entry",
		check: func(ctx context.Context, s state.Store, _ time.Duration) error {
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
		check: func(ctx context.Context, s state.Store, _ time.Duration) error {
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
		check: func(ctx context.Context, s state.Store, _ time.Duration) error {
			v := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
			return errors.Join(s.Set(ctx, "k", v, 0), holds(ctx, s, "k", v))
		},
	},
	{
		name: "overwrite",
		says: "Set stores value under key, in place of the value that was there",
		check: func(ctx context.Context, s state.Store, _ time.Duration) error {
			return errors.Join(s.Set(ctx, "k", []byte("a long value"), 0), s.Set(ctx, "k", []byte("short"), 0), holds(ctx, s, "k", []byte("short")))
		},
	},
	{
		name: "value is copied in",
		says: "a Store copies what it is given",
		check: func(ctx context.Context, s state.Store, _ time.Duration) error {
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
		says: "a Store copies what it returns",
		check: func(ctx context.Context, s state.Store, _ time.Duration) error {
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
		says: "Delete removes the entry under key, and no other, and reports whether there was one",
		check: func(ctx context.Context, s state.Store, _ time.Duration) error {
			return errors.Join(s.Set(ctx, "k", []byte("v"), 0), s.Set(ctx, "k2", []byte("v2"), 0), deletes(ctx, s, "k", true), deletes(ctx, s, "k", false),
				missing(ctx, s, "k"), holds(ctx, s, "k2", []byte("v2")), deletes(ctx, s, "absent", false))
		},
	},
	{
		name:  "one deletes",
		says:  "of several that delete one entry, exactly one is told so",
		check: checkOneDeletes,
	},
	{
		name: "nothing is forgotten",
		says: "a Store holds entries until they are deleted or their ttl has passed",
		check: func(ctx context.Context, s state.Store, _ time.Duration) error {
			const n = 2_000
			v := bytes.Repeat([]byte("v"), 1_000)
			for i := range n {
				if err := s.Set(ctx, fmt.Sprint("k", i), v, time.Hour); err != nil {
					return err
				}
			}
			for i := range n {
				if err := holds(ctx, s, fmt.Sprint("k", i), v); err != nil {
					return fmt.Errorf("after %d entries: %w", n, err)
				}
			}
			return nil
		},
	},
	{
		name:  "concurrent use",
		says:  "a Store is safe for concurrent use",
		check: checkConcurrent,
	},
}

func checkOneDeletes(ctx context.Context, s state.Store, _ time.Duration) error {
	for round := range 20 {
		key := fmt.Sprint("k", round)
		if err := s.Set(ctx, key, nil, 0); err != nil {
			return err
		}
		var told atomic.Int64
		failed := make([]error, 8)
		var start, wg sync.WaitGroup
		start.Add(1)
		for i := range failed {
			wg.Go(func() {
				start.Wait()
				existed, err := s.Delete(ctx, key)
				if failed[i] = err; existed {
					told.Add(1)
				}
			})
		}
		start.Done()
		wg.Wait()
		if err := errors.Join(failed...); err != nil {
			return err
		}
		if n := told.Load(); n != 1 {
			return fmt.Errorf("%d of %d were told that they deleted one entry", n, len(failed))
		}
	}
	return nil
}

// checkConcurrent has goroutines use one key together and one each alone.
func checkConcurrent(ctx context.Context, s state.Store, _ time.Duration) error {
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
					failed[i] = errors.Join(failed[i], deletes(ctx, s, own, true), missing(ctx, s, own))
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
func whole(ctx context.Context, s state.Store) error {
	v, err := s.Get(ctx, "shared")
	if err != nil || len(v) < 100 || bytes.Count(v, v[:1]) != len(v) {
		return fmt.Errorf("Get(shared) = %.40q, %v, want a value that was set", v, err)
	}
	return nil
}
