package flags

import (
	"context"
	"maps"
	"slices"
	"sync/atomic"

	"github.com/lexigram/lexigram-go/contracts/features"
)

// Memory is a [features.Provider] of definitions in the memory of the program, which can
// be replaced as a whole and overridden one by one. An evaluation takes no lock. It is safe for
// concurrent use; the zero value has no flags.
type Memory struct {
	state atomic.Pointer[memoryState]
}

// memoryState never changes.
type memoryState struct {
	flags     map[string]*Flag
	overrides map[string]any
}

var (
	_ features.Setter = (*Memory)(nil)
	_ features.Lister = (*Memory)(nil)
)

// NewMemory returns a provider of flags, which it copies. Two of one key, or one that
// cannot be, is an error wrapping [features.Err], with what is wrong.
func NewMemory(flags ...Flag) (*Memory, error) {
	m := &Memory{}
	if err := m.Replace(flags...); err != nil {
		return nil, err
	}
	return m, nil
}

// Replace makes flags those of the provider, instead of all that it had, in one step.
// What is set stays. With an error nothing changes.
func (m *Memory) Replace(flags ...Flag) error {
	byKey := make(map[string]*Flag, len(flags))
	for _, f := range flags {
		f, err := f.normalize()
		if err != nil {
			return err
		}
		if byKey[f.Key] != nil {
			return features.ErrKey.Wrap(nil, "flags: flag %q is defined twice", f.Key)
		}
		byKey[f.Key] = &f
	}
	m.change(func(s memoryState) memoryState { s.flags = byKey; return s })
	return nil
}

// change replaces the state by what fn makes of it; fn may be called again.
func (m *Memory) change(fn func(memoryState) memoryState) {
	for {
		old := m.state.Load()
		next := fn(loaded(old))
		if m.state.CompareAndSwap(old, &next) {
			return
		}
	}
}

func loaded(s *memoryState) memoryState {
	if s == nil {
		return memoryState{}
	}
	return *s
}

// Flag evaluates a flag; see [features.Provider].
func (m *Memory) Flag(ctx context.Context, key string, s features.Subject) (features.Evaluation, error) {
	if err := begin(ctx, key); err != nil {
		return features.Evaluation{}, err
	}
	state := m.state.Load()
	if state == nil {
		return features.Evaluation{}, notFound(key)
	}
	f := state.flags[key]
	if v, ok := state.overrides[key]; ok {
		e := features.Evaluation{Key: key, Value: v, Type: features.Boolean, Reason: features.Override}
		if f != nil {
			e.Type = f.Type
		}
		return e, nil
	}
	if f == nil {
		return features.Evaluation{}, notFound(key)
	}
	return f.evaluate(s), nil
}

// Set overrides a flag; see [features.Setter].
func (m *Memory) Set(ctx context.Context, key string, value any) error {
	if err := begin(ctx, key); err != nil {
		return err
	}
	if err := features.CheckValue(key, value); err != nil {
		return err
	}
	m.change(func(s memoryState) memoryState {
		overrides := make(map[string]any, len(s.overrides)+1)
		maps.Copy(overrides, s.overrides)
		overrides[key] = value
		s.overrides = overrides
		return s
	})
	return nil
}

// Unset undoes Set; see [features.Setter].
func (m *Memory) Unset(ctx context.Context, key string) error {
	if err := begin(ctx, key); err != nil {
		return err
	}
	m.change(func(s memoryState) memoryState {
		s.overrides = maps.Clone(s.overrides)
		delete(s.overrides, key)
		return s
	})
	return nil
}

// Keys returns the keys of all flags, defined or set; see [features.Lister].
func (m *Memory) Keys(ctx context.Context) ([]string, error) {
	if ctx.Err() != nil {
		return nil, features.Err.Wrap(context.Cause(ctx), "flags: keys")
	}
	s := loaded(m.state.Load())
	keys := slices.AppendSeq(slices.Collect(maps.Keys(s.flags)), maps.Keys(s.overrides))
	slices.Sort(keys)
	return slices.Compact(keys), nil
}

// begin refuses what no method may begin with.
func begin(ctx context.Context, key string) error {
	if err := features.CheckKey(key); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return features.Err.Wrap(context.Cause(ctx), "flags: flag %q", key)
	}
	return nil
}

func notFound(key string) error { return features.ErrFlagNotFound.Wrap(nil, "flags: flag %q", key) }
