package cachetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cache"
)

// able returns s as the optional interface T.
func able[T cache.Store](s cache.Store) (T, error) {
	t, ok := s.(T)
	if !ok {
		return t, fmt.Errorf("%T is no %T: %w", s, (*T)(nil), errors.ErrUnsupported)
	}
	return t, nil
}

// wrong says what is wrong, beside err if there is one.
func wrong(err error, format string, args ...any) error {
	return errors.Join(fmt.Errorf(format, args...), err)
}

// calls are one call of each method of the optional interfaces that s has.
func calls(ctx context.Context, s cache.Store, key string) map[string]func() error {
	all := map[string]func() error{}
	if t, ok := s.(cache.Batcher); ok {
		all["GetMany"] = func() error { _, err := t.GetMany(ctx, []string{"other", key}); return err }
	}
	if t, ok := s.(cache.BatchWriter); ok {
		all["SetMany"] = func() error {
			return t.SetMany(ctx, map[string][]byte{"other": []byte("after"), key: []byte("after")}, 0)
		}
		all["DeleteMany"] = func() error { _, err := t.DeleteMany(ctx, []string{"other", key}); return err }
	}
	if t, ok := s.(cache.Exister); ok {
		all["Exists"] = func() error { _, err := t.Exists(ctx, key); return err }
	}
	if t, ok := s.(cache.Counter); ok {
		all["Increment"] = func() error { _, err := t.Increment(ctx, key, 1, 0); return err }
	}
	if t, ok := s.(cache.Swapper); ok {
		all["Create"] = func() error { return t.Create(ctx, key, []byte("after"), 0) }
		all["Swap"] = func() error { return t.Swap(ctx, key, []byte("1"), []byte("after"), 0) }
		all["Remove"] = func() error { return t.Remove(ctx, key, []byte("1")) }
	}
	return all
}

// refused checks that each call is an error that matches want, and that "k" and
// "other" stay as they were. It is errors.ErrUnsupported if s has none of them.
func refused(ctx context.Context, s cache.Store, all map[string]func() error, want error) error {
	answered := false
	for name, call := range all {
		if err := errors.Join(s.Set(ctx, "k", []byte("1"), 0), s.Set(ctx, "other", []byte("1"), 0)); err != nil {
			return err
		}
		err := call()
		if errors.Is(err, errors.ErrUnsupported) {
			continue
		}
		answered = true
		if !errors.Is(err, want) {
			return wrong(err, "%s = %v, want %v", name, err, want)
		}
		if err := errors.Join(holds(ctx, s, "k", []byte("1")), holds(ctx, s, "other", []byte("1"))); err != nil {
			return fmt.Errorf("after %s, which was refused: %w", name, err)
		}
	}
	if !answered {
		return fmt.Errorf("%T has no optional ability: %w", s, errors.ErrUnsupported)
	}
	return nil
}

var abilityRules = []rule{
	{
		name:     "optional methods: invalid keys",
		says:     "a key that CheckKey refuses is an error wrapping ErrKey from every method, before any effect",
		optional: true,
		check: func(ctx context.Context, s cache.Store, _ time.Duration) error {
			return errors.Join(refused(ctx, s, calls(ctx, s, ""), cache.ErrKey),
				refused(ctx, s, calls(ctx, s, strings.Repeat("k", 1025)), cache.ErrKey))
		},
	},
	{
		name:     "optional methods: a context that has ended",
		says:     "a ctx that has ended is an error wrapping its cause from every method, which then has no effect",
		optional: true,
		check: func(ctx context.Context, s cache.Store, _ time.Duration) error {
			cause := errors.New("the caller left")
			gone, cancel := context.WithCancelCause(ctx)
			cancel(cause)
			all := calls(gone, s, "k")
			if t, ok := s.(cache.PatternDeleter); ok {
				all["DeletePattern"] = func() error { _, err := t.DeletePattern(gone, "*"); return err }
			}
			if t, ok := s.(cache.Meter); ok {
				all["Stats"] = func() error { _, err := t.Stats(gone); return err }
			}
			if t, ok := s.(cache.Watcher); ok {
				all["Watch"] = func() error { return t.Watch(gone, func(string) {}) }
			}
			return refused(ctx, s, all, cause)
		},
	},
	{
		name:     "optional methods: invalid ttl",
		says:     "what CheckTTL refuses is an error wrapping ErrTTL, and the entry stays as it was",
		optional: true,
		check: func(ctx context.Context, s cache.Store, _ time.Duration) error {
			all := map[string]func() error{}
			for _, ttl := range []time.Duration{-1, time.Millisecond - 1} {
				if t, ok := s.(cache.BatchWriter); ok {
					all[fmt.Sprint("SetMany ", ttl)] = func() error { return t.SetMany(ctx, map[string][]byte{"k": []byte("after")}, ttl) }
				}
				if t, ok := s.(cache.Counter); ok {
					all[fmt.Sprint("Increment ", ttl)] = func() error { _, err := t.Increment(ctx, "k", 1, ttl); return err }
				}
				if t, ok := s.(cache.Swapper); ok {
					all[fmt.Sprint("Create ", ttl)] = func() error { return t.Create(ctx, "new", []byte("after"), ttl) }
					all[fmt.Sprint("Swap ", ttl)] = func() error { return t.Swap(ctx, "k", []byte("1"), []byte("after"), ttl) }
				}
			}
			return refused(ctx, s, all, cache.ErrTTL)
		},
	},
	{
		name:     "stats",
		says:     "Stats returns the figures of now; one that the store cannot tell is negative",
		optional: true,
		check: func(ctx context.Context, s cache.Store, _ time.Duration) error {
			m, err := able[cache.Meter](s)
			if err != nil {
				return err
			}
			before, err := m.Stats(ctx)
			if err != nil {
				return err
			}
			if err := errors.Join(s.Set(ctx, "k", []byte("v"), 0), holds(ctx, s, "k", []byte("v")), missing(ctx, s, "absent")); err != nil {
				return err
			}
			after, err := m.Stats(ctx)
			if err != nil {
				return err
			}
			if after.Entries == 0 || after.Bytes == 0 || after.Hits >= 0 && after.Hits <= before.Hits ||
				after.Misses >= 0 && after.Misses <= before.Misses || after.Evictions >= 0 && after.Evictions < before.Evictions {
				return fmt.Errorf("Stats = %+v, and %+v after an entry, a hit and a miss", before, after)
			}
			return nil
		},
	},
}

// sizeRule is about a store that takes no value of n bytes.
func sizeRule(n int) rule {
	return rule{
		name: "too large a value",
		says: "a value larger than the store takes is an error wrapping ErrSize, and the entry stays as it was",
		check: func(ctx context.Context, s cache.Store, _ time.Duration) error {
			if err := s.Set(ctx, "k", []byte("1"), 0); err != nil {
				return err
			}
			large := make([]byte, n)
			writes := map[string]error{"Set": s.Set(ctx, "k", large, 0)}
			if t, ok := s.(cache.BatchWriter); ok {
				writes["SetMany"] = t.SetMany(ctx, map[string][]byte{"k": large}, 0)
			}
			if t, ok := s.(cache.Swapper); ok {
				writes["Create"] = t.Create(ctx, "new", large, 0)
				writes["Swap"] = t.Swap(ctx, "k", []byte("1"), large, 0)
			}
			for name, err := range writes {
				if !errors.Is(err, cache.ErrSize) && !errors.Is(err, errors.ErrUnsupported) {
					return fmt.Errorf("%s of %d bytes = %v, want ErrSize", name, n, err)
				}
			}
			return errors.Join(holds(ctx, s, "k", []byte("1")), missing(ctx, s, "new"))
		},
	}
}
