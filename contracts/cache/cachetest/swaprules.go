package cachetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cache"
)

// changed checks that err is ErrChanged.
func changed(op string, err error) error {
	if !errors.Is(err, cache.ErrChanged) {
		return wrong(err, "%s = %v, want ErrChanged", op, err)
	}
	return nil
}

var swapRules = []rule{
	{
		name:     "create",
		says:     "Create stores value under key for ttl if key has no entry, and returns ErrChanged if it has one",
		optional: true,
		check: func(ctx context.Context, s cache.Store, tick time.Duration) error {
			w, err := able[cache.Swapper](s)
			if err != nil {
				return err
			}
			if err := w.Create(ctx, "k", []byte("1"), tick); err != nil {
				return err
			}
			if err := changed("Create over an entry", w.Create(ctx, "k", []byte("2"), 0)); err != nil && tick > time.Second {
				return err
			}
			time.Sleep(2 * tick)
			return errors.Join(missing(ctx, s, "k"), s.Set(ctx, "empty", nil, 0), changed("Create over an empty value", w.Create(ctx, "empty", []byte("2"), 0)),
				holds(ctx, s, "empty", nil), w.Create(ctx, "k", []byte("3"), 0), holds(ctx, s, "k", []byte("3")))
		},
	},
	{
		name:     "swap",
		says:     "Swap does as Set if the value under key is old, byte for byte, and returns ErrChanged if it is another or key has no entry",
		optional: true,
		check: func(ctx context.Context, s cache.Store, tick time.Duration) error {
			w, err := able[cache.Swapper](s)
			if err != nil {
				return err
			}
			old := []byte("a\x00b")
			if err := errors.Join(s.Set(ctx, "k", old, 0), s.Set(ctx, "gone", old, 0), s.Delete(ctx, "gone")); err != nil {
				return err
			}
			if err := errors.Join(changed("Swap of another value", w.Swap(ctx, "k", []byte("a"), []byte("x"), 0)),
				changed("Swap of a longer value", w.Swap(ctx, "k", []byte("a\x00bc"), []byte("x"), 0)),
				changed("Swap of no entry", w.Swap(ctx, "absent", nil, []byte("x"), 0)),
				changed("Swap of a deleted entry", w.Swap(ctx, "gone", old, []byte("x"), 0)),
				holds(ctx, s, "k", old), missing(ctx, s, "absent"), missing(ctx, s, "gone")); err != nil {
				return err
			}
			if err := errors.Join(w.Swap(ctx, "k", old, nil, 0), holds(ctx, s, "k", nil), w.Swap(ctx, "k", nil, []byte("2"), 0), holds(ctx, s, "k", []byte("2"))); err != nil {
				return err
			}
			if err := w.Swap(ctx, "k", []byte("2"), []byte("3"), tick); err != nil {
				return err
			}
			time.Sleep(2 * tick)
			return errors.Join(missing(ctx, s, "k"), changed("Swap of an expired entry", w.Swap(ctx, "k", []byte("3"), []byte("4"), 0)))
		},
	},
	{
		name:     "swap resets the ttl",
		says:     "Swap does as Set: a ttl of zero keeps the entry, whatever ttl was there",
		optional: true,
		check: func(ctx context.Context, s cache.Store, tick time.Duration) error {
			w, err := able[cache.Swapper](s)
			if err != nil {
				return err
			}
			for { // the entry has to live until Swap
				if err := s.Set(ctx, "k", []byte("1"), tick); err != nil {
					return err
				}
				err := w.Swap(ctx, "k", []byte("1"), []byte("2"), 0)
				if err == nil {
					break
				}
				if !errors.Is(err, cache.ErrChanged) || tick > time.Second {
					return err
				}
			}
			time.Sleep(2 * tick)
			return holds(ctx, s, "k", []byte("2"))
		},
	},
	{
		name:     "remove",
		says:     "Remove deletes the entry under key if its value is old, and returns ErrChanged if it is another or key has no entry",
		optional: true,
		check: func(ctx context.Context, s cache.Store, _ time.Duration) error {
			w, err := able[cache.Swapper](s)
			if err != nil {
				return err
			}
			return errors.Join(s.Set(ctx, "k", []byte("1"), 0), changed("Remove of another value", w.Remove(ctx, "k", []byte("2"))), holds(ctx, s, "k", []byte("1")),
				w.Remove(ctx, "k", []byte("1")), missing(ctx, s, "k"), changed("Remove of no entry", w.Remove(ctx, "k", nil)))
		},
	},
	{
		name:     "swap copies",
		says:     "a Store copies what it is given, so a caller may reuse its slices",
		optional: true,
		check: func(ctx context.Context, s cache.Store, _ time.Duration) error {
			w, err := able[cache.Swapper](s)
			if err != nil {
				return err
			}
			created, swapped := []byte("before"), []byte("before")
			if err := errors.Join(w.Create(ctx, "created", created, 0), s.Set(ctx, "swapped", nil, 0), w.Swap(ctx, "swapped", nil, swapped, 0)); err != nil {
				return err
			}
			copy(created, "after!")
			copy(swapped, "after!")
			return errors.Join(holds(ctx, s, "created", []byte("before")), holds(ctx, s, "swapped", []byte("before")))
		},
	},
	{
		name:     "one swaps",
		says:     "it changes an entry only if it is what the caller knows, in one step: of several at the same time one succeeds",
		optional: true,
		check: func(ctx context.Context, s cache.Store, _ time.Duration) error {
			w, err := able[cache.Swapper](s)
			if err != nil {
				return err
			}
			ops := map[string]func(key, own string) error{
				"Create": func(key, own string) error { return w.Create(ctx, key+"new", []byte(own), 0) },
				"Swap":   func(key, own string) error { return w.Swap(ctx, key, []byte("old"), []byte(own), 0) },
				"Remove": func(key, _ string) error { return w.Remove(ctx, key, []byte("old")) },
			}
			for name, op := range ops {
				for round := range 20 {
					if err := oneWins(ctx, s, fmt.Sprint(name, round), op); err != nil {
						return wrong(err, "%s: %v", name, err)
					}
				}
			}
			return nil
		},
	},
}

// oneWins has eight goroutines change one entry.
func oneWins(ctx context.Context, s cache.Store, key string, op func(key, own string) error) error {
	if err := s.Set(ctx, key, []byte("old"), 0); err != nil {
		return err
	}
	var won atomic.Int64
	failed := make([]error, 8)
	var wg sync.WaitGroup
	for i := range failed {
		wg.Go(func() {
			switch err := op(key, fmt.Sprint(i)); {
			case err == nil:
				won.Add(1)
			case !errors.Is(err, cache.ErrChanged):
				failed[i] = err
			}
		})
	}
	wg.Wait()
	if err := errors.Join(failed...); err != nil || won.Load() != 1 {
		return wrong(err, "%d of 8 succeeded: %v", won.Load(), err)
	}
	return nil
}
