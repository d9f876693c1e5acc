package lifecycletest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
)

// A subject is the provider under test and what its hooks are called with.
type subject struct {
	lifecycle.Provider
	resolver di.Resolver // nil unless the rule boots
	tick     time.Duration
}

func (s subject) register(r di.Registrar) error {
	return s.within("Register", func() error { return s.Register(r) })
}

// needs returns what Boot and Bootstrap may resolve.
func (s subject) needs() []di.Key {
	if b, ok := s.Provider.(lifecycle.Booter); ok {
		return b.Needs()
	}
	return nil
}

func (s subject) boot(ctx context.Context, r di.Resolver) error {
	b, ok := s.Provider.(lifecycle.Booter)
	if !ok {
		return nil
	}
	return s.within("Boot", func() error { return b.Boot(ctx, r) })
}

func (s subject) bootstrap(ctx context.Context, r di.Resolver) error {
	b, ok := s.Provider.(lifecycle.Bootstrapper)
	if !ok {
		return nil
	}
	return s.within("Bootstrap", func() error { return b.Bootstrap(ctx, r) })
}

func (s subject) drain(ctx context.Context) error {
	d, ok := s.Provider.(lifecycle.Drainer)
	if !ok {
		return nil
	}
	return s.within("Drain", func() error { return d.Drain(ctx) })
}

func (s subject) shutdown(ctx context.Context) error {
	st, ok := s.Provider.(lifecycle.Stopper)
	if !ok {
		return nil
	}
	return s.within("Shutdown", func() error { return st.Shutdown(ctx) })
}

// errStuck is a hook that did not return within a tick.
var errStuck = errors.New("did not return")

// within calls a hook and gives up on it after a tick.
func (s subject) within(hook string, call func() error) error {
	done := make(chan error, 1)
	go func() { done <- errs.Catch(call) }()
	stuck := time.NewTimer(s.tick)
	defer stuck.Stop()
	select {
	case err := <-done:
		if err != nil {
			return fmt.Errorf("%s = %w", hook, err)
		}
		return nil
	case <-stuck.C:
		return fmt.Errorf("%s %w within %v", hook, errStuck, s.tick)
	}
}

// panicked returns err if it is a caught panic or a hook that is stuck, and nil
// for an error that the hook chose to return.
func panicked(err error) error {
	if errors.Is(err, errs.ErrPanic) || errors.Is(err, errStuck) {
		return err
	}
	return nil
}

// A recorder is a registrar that keeps what it is given, and fails if told to.
// It is a resolver too, so that it notices a Register that resolves.
type recorder struct {
	regs     []di.Registration
	fail     error
	resolved []di.Key
}

func (r *recorder) Register(reg di.Registration) error {
	if r.fail != nil {
		return r.fail
	}
	r.regs = append(r.regs, reg)
	return nil
}

func (r *recorder) Resolve(_ context.Context, key di.Key) (any, error) {
	r.resolved = append(r.resolved, key)
	return nil, di.ErrNotFrozen.Wrap(nil, "di: resolve %v", key)
}

// Has notices a Register that looks, too.
func (r *recorder) Has(key di.Key) (bool, error) {
	r.resolved = append(r.resolved, key)
	return false, di.ErrNotFrozen.Wrap(nil, "di: find %v", key)
}

// shape is what two registrations of one service have in common.
func (r *recorder) shape() []string {
	var s []string
	for _, reg := range r.regs {
		s = append(s, fmt.Sprint(name(reg.Key), " ", reg.Lifetime, " ", names(reg.Needs)))
	}
	return s
}

func name(k di.Key) string {
	if k.Type == nil {
		return "a key without a type"
	}
	return k.String()
}

func names(keys []di.Key) []string {
	s := make([]string, len(keys))
	for i, k := range keys {
		s[i] = name(k)
	}
	return s
}
