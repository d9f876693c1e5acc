package cachetest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cache"
)

// A watching is a Watch that runs.
type watching struct {
	w     cache.Watcher
	keys  chan string
	ended chan error
	stop  context.CancelCauseFunc
}

// watch begins to watch, and returns after the first call of changed.
func watch(ctx context.Context, s cache.Store) (*watching, error) {
	w, err := able[cache.Watcher](s)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancelCause(ctx)
	g := &watching{w: w, keys: make(chan string, 10_000), ended: make(chan error, 1), stop: stop}
	go func() { g.ended <- w.Watch(ctx, func(key string) { g.keys <- key }) }()
	select {
	case first := <-g.keys:
		if first != "" {
			g.end(nil)
			return nil, fmt.Errorf("the first key is %q, want none: every key may have changed", first)
		}
		return g, nil
	case err := <-g.ended:
		stop(nil)
		return nil, fmt.Errorf("Watch = %w", err)
	case <-time.After(10 * time.Second):
		g.end(nil)
		return nil, errors.New("Watch reports nothing within 10 s: it has to begin with every key")
	}
}

func (g *watching) end(cause error) error { g.stop(cause); return <-g.ended }

// tells checks that key is reported in time.
func (g *watching) tells(op, key string) error {
	late := time.After(g.w.MaxStaleness() + time.Second) // of which a second is the machine's
	for {
		select {
		case got := <-g.keys:
			if got == key || got == "" {
				return nil
			}
		case err := <-g.ended:
			g.ended <- err
			return fmt.Errorf("Watch = %w", err)
		case <-late:
			return fmt.Errorf("%s of %q was not reported within MaxStaleness, %v", op, key, g.w.MaxStaleness())
		}
	}
}

var watchRules = []rule{
	{
		name:     "watch begins with every key",
		says:     `Watch calls changed("") as its first call, when from then on nothing is missed`,
		optional: true,
		check: func(ctx context.Context, s cache.Store, _ time.Duration) error {
			g, err := watch(ctx, s)
			if err != nil {
				return err
			}
			defer g.end(nil)
			if d := g.w.MaxStaleness(); d < 0 || d > time.Minute {
				return fmt.Errorf("MaxStaleness = %v", d)
			}
			return errors.Join(s.Set(ctx, "k", []byte("1"), 0), g.tells("Set", "k"))
		},
	},
	{
		name:     "watch tells what changes",
		says:     "Watch calls changed with the key of each entry that is set or deleted, within MaxStaleness",
		optional: true,
		check: func(ctx context.Context, s cache.Store, _ time.Duration) error {
			g, err := watch(ctx, s)
			if err != nil {
				return err
			}
			defer g.end(nil)
			if err := errors.Join(s.Set(ctx, "\x00 any\xff", nil, time.Hour), g.tells("Set", "\x00 any\xff")); err != nil {
				return err
			}
			for name, write := range writes(ctx, s) {
				if name != "Create" {
					if err := errors.Join(s.Set(ctx, name, []byte("1"), 0), g.tells("Set", name)); err != nil {
						return err
					}
				}
				if err := write(name); errors.Is(err, errors.ErrUnsupported) {
					continue
				} else if err != nil {
					return fmt.Errorf("%s: %w", name, err)
				}
				if err := g.tells(name, name); err != nil {
					return err
				}
			}
			return nil
		},
	},
	{
		name:     "watch ends",
		says:     "Watch runs until ctx ends, returns an error wrapping its cause, and reports nothing afterwards; others watch on",
		optional: true,
		check: func(ctx context.Context, s cache.Store, _ time.Duration) error {
			g, err := watch(ctx, s)
			if err != nil {
				return err
			}
			other, err := watch(ctx, s)
			if err != nil {
				return errors.Join(err, g.end(nil))
			}
			defer other.end(nil)
			cause := errors.New("the watcher left")
			if err := g.end(cause); !errors.Is(err, cause) {
				return fmt.Errorf("Watch after its ctx ended = %v, want the cause", err)
			}
			for len(g.keys) > 0 {
				<-g.keys
			}
			if err := errors.Join(s.Set(ctx, "k", []byte("1"), 0), other.tells("Set", "k")); err != nil {
				return err
			}
			if len(g.keys) > 0 {
				return fmt.Errorf("Watch reports %q after it returned", <-g.keys)
			}
			return nil
		},
	},
}

// writes are those that s has, each of a key whose value is "1"; Create's has none.
func writes(ctx context.Context, s cache.Store) map[string]func(key string) error {
	all := map[string]func(key string) error{"Delete": func(key string) error { return s.Delete(ctx, key) }}
	if t, ok := s.(cache.BatchWriter); ok {
		all["SetMany"] = func(key string) error { return t.SetMany(ctx, map[string][]byte{key: nil}, 0) }
		all["DeleteMany"] = func(key string) error { _, err := t.DeleteMany(ctx, []string{"absent", key}); return err }
	}
	if t, ok := s.(cache.PatternDeleter); ok {
		all["DeletePattern"] = func(key string) error { _, err := t.DeletePattern(ctx, "D*P*n"); return err }
	}
	if t, ok := s.(cache.Counter); ok {
		all["Increment"] = func(key string) error { _, err := t.Increment(ctx, key, 1, 0); return err }
	}
	if t, ok := s.(cache.Swapper); ok {
		all["Create"] = func(key string) error { return t.Create(ctx, key, nil, 0) }
		all["Swap"] = func(key string) error { return t.Swap(ctx, key, []byte("1"), nil, 0) }
		all["Remove"] = func(key string) error { return t.Remove(ctx, key, []byte("1")) }
	}
	return all
}
