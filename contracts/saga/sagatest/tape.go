package sagatest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/resilience"
	"github.com/lexigram/lexigram-go/contracts/saga"
)

// Errors of steps: one says that nothing was done, the other leaves it open.
var (
	errRefused = saga.ErrInvalid.Wrap(nil, "test: the step is refused")
	errUnclear = errors.New("the line went dead")
)

// A tape records which steps are called, in order: "name" or, for an Undo, "-name".
type tape struct {
	mu    sync.Mutex
	calls []string
	keys  []string // of the same calls
}

func (p *tape) record(c *saga.Call, call string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls, p.keys = append(p.calls, call), append(p.keys, c.Key)
}

type does = func(ctx context.Context, c *saga.Call) error

// step returns a step that records its calls, and does the first of do to act, the second to undo.
func (p *tape) step(name string, do ...does) saga.Step {
	return saga.Step{
		Name:  name,
		Retry: resilience.RetryConfig{MaxAttempts: 1, BaseDelay: time.Millisecond, Jitter: resilience.NoJitter},
		Do: func(ctx context.Context, c *saga.Call) error {
			p.record(c, name)
			if len(do) > 0 && do[0] != nil {
				return do[0](ctx, c)
			}
			return nil
		},
		Undo: func(ctx context.Context, c *saga.Call) error {
			p.record(c, "-"+name)
			if len(do) > 1 {
				return do[1](ctx, c)
			}
			return nil
		},
	}
}

// expect checks what was called.
func (p *tape) expect(calls string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if got := strings.Join(p.calls, " "); got != calls {
		return fmt.Errorf("called were the steps [%s], want [%s]", got, calls)
	}
	return nil
}

// keysOf returns the keys of the calls, in order.
func (p *tape) keysOf(call string) (keys []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, c := range p.calls {
		if c == call {
			keys = append(keys, p.keys[i])
		}
	}
	return keys
}

func fails(err error) does { return func(context.Context, *saga.Call) error { return err } }

func panics(context.Context, *saga.Call) error { panic("a step panicked") }

// hang is a Do that ends with its context.
func hang(ctx context.Context, _ *saga.Call) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(10 * time.Second):
		return errors.New("nobody ended it")
	}
}

// tries returns s with n attempts.
func tries(n int, s saga.Step) saga.Step {
	s.Retry.MaxAttempts = n
	return s
}

func define(steps ...saga.Step) saga.Definition {
	return saga.Definition{Name: "test", Version: 1, Steps: steps}
}

// started returns a manager of d that has an instance "i" of it, with the data "0".
func (p *place) started(ctx context.Context, d saga.Definition) (saga.Manager, error) {
	m, err := p.open(d)
	if err != nil {
		return nil, err
	}
	return m, m.Start(ctx, d.Name, "i", []byte("0"))
}

// run starts an instance of the steps, resumes it, and checks how it is then.
func (p *place) run(ctx context.Context, status saga.Status, steps ...saga.Step) (saga.Manager, saga.Instance, error) {
	m, err := p.started(ctx, define(steps...))
	if err != nil {
		return nil, saga.Instance{}, err
	}
	in, err := resume(ctx, m, status)
	return m, in, err
}

// resume resumes "i" and checks how it is then, that the error says so, and that Show does.
func resume(ctx context.Context, m saga.Manager, status saga.Status) (saga.Instance, error) {
	in, err := m.Resume(ctx, "i")
	var want error
	switch status {
	case saga.Compensated:
		want = saga.ErrCompensated
	case saga.Failed:
		want = saga.ErrFailed
	}
	if !errors.Is(err, want) {
		return in, fmt.Errorf("Resume = %v, want %v", err, want)
	}
	if in.Status != status {
		return in, fmt.Errorf("Resume = %s, %v, want %s", in.Status, err, status)
	}
	shown, err := m.Show(ctx, "i")
	if err != nil || shown.Status != status || !slices.Equal(shown.Steps, in.Steps) {
		return in, fmt.Errorf("Show = %s %v, %v, want %s %v, as Resume had it", shown.Status, shown.Steps, err, status, in.Steps)
	}
	return in, nil
}

// expectSteps checks the statuses of the steps.
func expectSteps(in saga.Instance, want ...saga.StepStatus) error {
	var got []saga.StepStatus
	for _, s := range in.Steps {
		got = append(got, s.Status)
	}
	if !slices.Equal(got, want) {
		return fmt.Errorf("the steps are %v, want %v", got, want)
	}
	return nil
}

// both returns the first error.
func both(checks ...error) error {
	for _, err := range checks {
		if err != nil {
			return err
		}
	}
	return nil
}
