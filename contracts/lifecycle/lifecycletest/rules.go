package lifecycletest

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
)

// A rule is one promise of the contract and the check that tries to break it.
type rule struct {
	name  string
	says  string // the promise, as package lifecycle words it
	boots bool   // the check calls Boot
	stops bool   // it is a rule of a Stopper that is no provider too
	check func(ctx context.Context, s subject) error
}

var rules = []rule{
	{
		name: "name",
		says: "lifecycle.Provider: Name is for people: it is not empty and never changes",
		check: func(_ context.Context, s subject) error {
			if a, b := s.Name(), s.Name(); a == "" || a != b {
				return fmt.Errorf("Name() = %q, then %q", a, b)
			}
			return nil
		},
	},
	{
		name:  "registrations",
		says:  "di.Registration: a Key has a Type and no Name \"*\", Build is not nil, Lifetime is one of three, and a Transient has no Close, for it would never be called",
		check: checkRegistrations,
	},
	{
		name: "register twice",
		says: "lifecycle.Provider: Register has no side effect: it may be called for several registrars and offers each the same",
		check: func(_ context.Context, s subject) error {
			var a, b recorder
			if err := errors.Join(s.register(&a), s.register(&b)); err != nil {
				return err
			}
			if x, y := a.shape(), b.shape(); !slices.Equal(x, y) {
				return fmt.Errorf("Register offered %v, then %v", x, y)
			}
			return nil
		},
	},
	{
		name: "register resolves nothing",
		says: "lifecycle.Provider: Register resolves nothing",
		check: func(_ context.Context, s subject) error {
			var r recorder
			if err := s.register(&r); err != nil {
				return err
			}
			if len(r.resolved) > 0 {
				return fmt.Errorf("Register resolved %v", names(r.resolved))
			}
			return nil
		},
	},
	{
		name: "refused registration",
		says: "lifecycle.Provider: Register returns the registrar's error",
		check: func(_ context.Context, s subject) error {
			var ok recorder
			if err := s.register(&ok); err != nil || len(ok.regs) == 0 {
				return err
			}
			refused := errors.New("refused")
			if err := s.register(&recorder{fail: refused}); !errors.Is(err, refused) {
				return fmt.Errorf("Register = %v, want the error of the registrar", err)
			}
			return nil
		},
	},
	{
		name:  "needs",
		says:  "lifecycle.Booter: Needs never change, from before Register to after Shutdown, and each has a Type",
		check: checkNeeds,
	},
	{
		name:  "priority and deadlines",
		says:  "lifecycle.Prioritizer, lifecycle.Deadliner: the answers never change, and no deadline is negative",
		check: checkTimes,
	},
	{
		name:  "optional",
		says:  "lifecycle.Optional: Optional is asked once its configuration was decoded: it has no side effect, and its answer does not change",
		check: checkOptional,
	},
	{
		name: "failed before boot",
		says: "lifecycle.Failer: Failed returns always the same channel, that is closed when the work ended although nobody stopped it",
		check: func(ctx context.Context, s subject) error {
			return errors.Join(checkFailed(s), s.shutdown(ctx), checkFailed(s))
		},
	},
	{
		name:  "failed after shutdown",
		says:  "lifecycle.Failer: what Drain and Shutdown end did not fail",
		boots: true,
		check: func(ctx context.Context, s subject) error {
			return errors.Join(s.boot(ctx, s.resolver), checkFailed(s), s.shutdown(ctx), checkFailed(s))
		},
	},
	{
		name:  "shutdown before boot",
		stops: true,
		says:  "lifecycle.Stopper: Shutdown works before Boot",
		check: func(ctx context.Context, s subject) error { return s.shutdown(ctx) },
	},
	{
		name:  "shutdown twice before boot",
		stops: true,
		says:  "lifecycle.Stopper: Shutdown is idempotent",
		check: func(ctx context.Context, s subject) error {
			return errors.Join(s.shutdown(ctx), s.shutdown(ctx))
		},
	},
	{
		name:  "shutdown before boot with ended ctx",
		stops: true,
		says:  "lifecycle.Stopper: Shutdown waits until ctx ends, and no longer",
		check: func(ctx context.Context, s subject) error {
			return panicked(s.shutdown(ended(ctx)))
		},
	},
	{
		name:  "shutdown after boot",
		says:  "lifecycle.Stopper: Shutdown releases what Boot acquired; it is idempotent",
		boots: true,
		check: func(ctx context.Context, s subject) error {
			if err := s.boot(ctx, s.resolver); err != nil {
				return errors.Join(err, s.shutdown(ctx))
			}
			return errors.Join(s.shutdown(ctx), s.shutdown(ctx))
		},
	},
	{
		name:  "boot resolves its needs",
		says:  "lifecycle.Booter: Needs are the services that Boot may resolve",
		boots: true,
		check: func(ctx context.Context, s subject) error {
			w := s.watch()
			err := errors.Join(s.boot(ctx, w), s.shutdown(ctx))
			if len(w.other) > 0 {
				return fmt.Errorf("Boot resolved %v, which Needs do not name", names(w.other))
			}
			return err
		},
	},
	{
		name:  "bootstrap resolves its needs",
		says:  "lifecycle.Bootstrapper: Bootstrap may resolve what the provider's Needs name",
		boots: true,
		check: func(ctx context.Context, s subject) error {
			w := s.watch()
			err := errors.Join(s.boot(ctx, s.resolver), s.bootstrap(ctx, w), s.shutdown(ctx))
			if len(w.other) > 0 {
				return fmt.Errorf("Bootstrap resolved %v, which Needs do not name", names(w.other))
			}
			return err
		},
	},
	{
		name:  "whole life",
		says:  "lifecycle.Drainer: Drain stops taking new work and returns when what it had is finished; it runs after Bootstrap and before Shutdown",
		boots: true,
		check: func(ctx context.Context, s subject) error {
			return errors.Join(s.boot(ctx, s.resolver), s.bootstrap(ctx, s.resolver), s.drain(ctx), s.shutdown(ctx))
		},
	},
	{
		name:  "drain with ended ctx",
		says:  "lifecycle.Drainer: Drain returns when ctx ends, and Shutdown is called all the same",
		boots: true,
		check: func(ctx context.Context, s subject) error {
			err := errors.Join(s.boot(ctx, s.resolver), s.bootstrap(ctx, s.resolver), panicked(s.drain(ended(ctx))))
			return errors.Join(err, s.shutdown(ctx))
		},
	},
	{
		name:  "boot with ended ctx",
		says:  "lifecycle.Booter: Boot returns when ctx ends, and Shutdown is called even if Boot failed half way",
		boots: true,
		check: func(ctx context.Context, s subject) error {
			if err := panicked(s.boot(ended(ctx), s.resolver)); err != nil {
				return err
			}
			return s.shutdown(ctx)
		},
	},
	{
		name:  "shutdown with ended ctx",
		says:  "lifecycle.Stopper: Shutdown waits for the work it stops until ctx ends",
		boots: true,
		check: func(ctx context.Context, s subject) error {
			if err := s.boot(ctx, s.resolver); err != nil {
				return errors.Join(err, s.shutdown(ctx))
			}
			if err := panicked(s.shutdown(ended(ctx))); err != nil {
				return err
			}
			return panicked(s.shutdown(ctx))
		},
	},
}

func checkRegistrations(_ context.Context, s subject) error {
	var r recorder
	if err := s.register(&r); err != nil {
		return err
	}
	for _, reg := range r.regs {
		switch {
		case reg.Key.Type == nil || reg.Key.Name == "*":
			return fmt.Errorf("%s named %q is registered", name(reg.Key), reg.Key.Name)
		case reg.Build == nil:
			return fmt.Errorf("%v has no Build", reg.Key)
		case reg.Lifetime > di.TransientLifetime:
			return fmt.Errorf("%v has lifetime %d", reg.Key, reg.Lifetime)
		case reg.Lifetime == di.TransientLifetime && reg.Close != nil:
			return fmt.Errorf("%v is transient and has a Close", reg.Key)
		}
		for _, k := range reg.Needs {
			if k.Type == nil {
				return fmt.Errorf("%v needs a key without a type", reg.Key)
			}
		}
	}
	return nil
}

func checkNeeds(ctx context.Context, s subject) error {
	first := slices.Clone(s.needs())
	for _, k := range first {
		if k.Type == nil {
			return errors.New("Needs has a key without a type")
		}
	}
	for _, then := range []struct {
		after string
		do    func() error
	}{
		{"being asked once", func() error { return nil }},
		{"Register", func() error { return s.register(&recorder{}) }},
		{"Shutdown", func() error { return s.shutdown(ctx) }},
	} {
		if err := then.do(); err != nil {
			return err
		}
		if now := s.needs(); !slices.Equal(first, now) {
			return fmt.Errorf("Needs() = %v, and %v after %s", names(first), names(now), then.after)
		}
	}
	return nil
}

func checkTimes(_ context.Context, s subject) error {
	if p, ok := s.Provider.(lifecycle.Prioritizer); ok {
		if a, b := p.Priority(), p.Priority(); a != b {
			return fmt.Errorf("Priority() = %d, then %d", a, b)
		}
	}
	if d, ok := s.Provider.(lifecycle.Deadliner); ok {
		b1, s1 := d.Deadlines()
		b2, s2 := d.Deadlines()
		if b1 < 0 || s1 < 0 || b1 != b2 || s1 != s2 {
			return fmt.Errorf("Deadlines() = %v, %v, then %v, %v", b1, s1, b2, s2)
		}
	}
	return nil
}

func checkOptional(_ context.Context, s subject) error {
	o, ok := s.Provider.(lifecycle.Optional)
	if !ok {
		return nil
	}
	before := o.Optional()
	err := s.register(&recorder{})
	if after := o.Optional(); after != before {
		return fmt.Errorf("Optional() = %v, and %v after Register", before, after)
	}
	return err
}

func checkFailed(s subject) error {
	f, ok := s.Provider.(lifecycle.Failer)
	if !ok {
		return nil
	}
	failed := f.Failed()
	if failed == nil || failed != f.Failed() {
		return errors.New("Failed returns nil, or another channel each time")
	}
	select {
	case <-failed:
		return errors.New("Failed is closed although nothing failed")
	default:
		return nil
	}
}

// ended returns a context that is over.
func ended(ctx context.Context) context.Context {
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	return ctx
}
