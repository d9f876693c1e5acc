package statetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/state"
)

// swapper returns s as one, or says that it is none.
func swapper(s state.Store) (state.Swapper, error) {
	if w, ok := s.(state.Swapper); ok {
		return w, nil
	}
	return nil, fmt.Errorf("compare and swap: %w", errors.ErrUnsupported)
}

// changed checks that an operation was refused.
func changed(op string, err error) error {
	if !errors.Is(err, state.ErrChanged) {
		return fmt.Errorf("%s = %v, want ErrChanged", op, err)
	}
	return nil
}

var swapRules = []rule{
	{
		name:     "create",
		hurries:  true,
		says:     "Create stores value for ttl if key has no entry, and returns an error wrapping ErrChanged if it has one",
		optional: true,
		check: func(ctx context.Context, s state.Store, tick time.Duration) error {
			w, err := swapper(s)
			if err != nil {
				return err
			}
			if err := w.Create(ctx, "k", []byte("v"), tick); err != nil {
				return err
			}
			if err := changed("Create of what is there", w.Create(ctx, "k", []byte("w"), time.Hour)); err != nil {
				return err
			}
			if err := holds(ctx, s, "k", []byte("v")); err != nil {
				return err
			}
			time.Sleep(2 * tick) // the ttl that it was created with has passed
			return errors.Join(w.Create(ctx, "k", nil, state.Permanent), changed("Create beside an empty value", w.Create(ctx, "k", nil, 0)))
		},
	},
	{
		name:     "swap",
		hurries:  true,
		says:     "Swap does as Set if the value is old, byte for byte",
		optional: true,
		check: func(ctx context.Context, s state.Store, tick time.Duration) error {
			w, err := swapper(s)
			if err != nil {
				return err
			}
			if err := errors.Join(s.Set(ctx, "k", nil, tick), s.Set(ctx, "ends", []byte{0}, 0)); err != nil {
				return err
			}
			if err := w.Swap(ctx, "k", nil, []byte("v\x00"), time.Hour); err != nil {
				return fmt.Errorf("Swap of an empty value = %w", err)
			}
			if err := errors.Join(w.Swap(ctx, "ends", []byte{0}, []byte{0}, tick), holds(ctx, s, "k", []byte("v\x00"))); err != nil {
				return err
			}
			time.Sleep(2 * tick)
			return errors.Join(holds(ctx, s, "k", []byte("v\x00")), missing(ctx, s, "ends"))
		},
	},
	{
		name:     "swap what has changed",
		says:     "Swap returns an error wrapping ErrChanged if the value is another or key has no entry, and changes nothing",
		optional: true,
		check: func(ctx context.Context, s state.Store, _ time.Duration) error {
			w, err := swapper(s)
			if err != nil {
				return err
			}
			if err := s.Set(ctx, "k", []byte("v"), 0); err != nil {
				return err
			}
			for _, old := range [][]byte{nil, []byte("w"), []byte("V"), []byte("v\x00"), []byte("v "), bytes.Repeat([]byte("v"), 10_000)} {
				if err := changed(fmt.Sprintf("Swap of %.10q for v", old), w.Swap(ctx, "k", old, []byte("w"), 0)); err != nil {
					return err
				}
			}
			for _, old := range [][]byte{nil, []byte("v")} {
				if err := changed("Swap of what is absent", w.Swap(ctx, "absent", old, []byte("w"), 0)); err != nil {
					return err
				}
			}
			return errors.Join(holds(ctx, s, "k", []byte("v")), missing(ctx, s, "absent"))
		},
	},
	{
		name:     "remove",
		says:     "Remove deletes the entry if its value is old, byte for byte, and returns an error wrapping ErrChanged if not",
		optional: true,
		check: func(ctx context.Context, s state.Store, _ time.Duration) error {
			w, err := swapper(s)
			if err != nil {
				return err
			}
			if err := s.Set(ctx, "k", []byte("v"), 0); err != nil {
				return err
			}
			if err := changed("Remove of another value", w.Remove(ctx, "k", []byte("w"))); err != nil {
				return err
			}
			if err := errors.Join(holds(ctx, s, "k", []byte("v")), w.Remove(ctx, "k", []byte("v")), missing(ctx, s, "k")); err != nil {
				return err
			}
			return errors.Join(changed("Remove of what is absent", w.Remove(ctx, "k", nil)), changed("Remove of what is absent", w.Remove(ctx, "k", []byte("v"))))
		},
	},
	{
		name:     "swaps are one step",
		says:     "a Swapper changes an entry only if it is what the caller knows, in one step",
		optional: true,
		check:    checkCount,
	},
}

// checkCount has goroutines add to one number.
func checkCount(ctx context.Context, s state.Store, _ time.Duration) error {
	if _, err := swapper(s); err != nil {
		return err
	}
	const workers, each = 4, 10
	failed := make([]error, workers)
	var wg sync.WaitGroup
	for i := range failed {
		wg.Go(func() {
			for range each {
				failed[i] = state.Update(ctx, s, "n", time.Hour, func(old []byte, exists bool) ([]byte, error) {
					n := 0
					if exists {
						var err error
						if n, err = strconv.Atoi(string(old)); err != nil {
							return nil, err
						}
					}
					return strconv.AppendInt(nil, int64(n+1), 10), nil
				})
				if failed[i] != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(errors.Join(failed...), holds(ctx, s, "n", strconv.AppendInt(nil, workers*each, 10)))
}
