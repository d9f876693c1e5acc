package state

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// Update stores under key, for ttl, what change makes of the value that is
// there; exists is false, and old nil, if there is none. When another was quicker,
// change is called again with what that one stored: it has no effect of its own. An error of
// change is returned as it is, and nothing is stored.
//
// It tries until it succeeds or ctx ends: the error then wraps [ErrChanged] and
// the cause of ctx. A store that is no [Swapper] is [errors.ErrUnsupported].
func Update(ctx context.Context, s Store, key string, ttl time.Duration, change func(old []byte, exists bool) ([]byte, error)) error {
	w, ok := s.(Swapper)
	if !ok {
		return Err.Wrap(errors.ErrUnsupported, "state: update %.40q", key)
	}
	for pause := time.Millisecond; ; pause = min(2*pause, 100*time.Millisecond) {
		done, err := update(ctx, w, key, ttl, change)
		if done {
			return err
		}
		t := time.NewTimer(rand.N(pause))
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return ErrChanged.Wrap(context.Cause(ctx), "state: update %.40q", key)
		}
	}
}

// update tries once, and reports whether that is the end of it.
func update(ctx context.Context, s Swapper, key string, ttl time.Duration, change func([]byte, bool) ([]byte, error)) (done bool, err error) {
	old, err := s.Get(ctx, key)
	exists := err == nil
	if err != nil && !errors.Is(err, ErrNotFound) {
		return true, err
	}
	value, err := change(bytes.Clone(old), exists) // which may write into its argument
	switch {
	case err != nil:
		return true, err
	case exists:
		err = s.Swap(ctx, key, old, value, ttl)
	default:
		err = s.Create(ctx, key, value, ttl)
	}
	return !errors.Is(err, ErrChanged), err
}
