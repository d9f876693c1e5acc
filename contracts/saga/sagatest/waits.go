package sagatest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/saga"
)

// keepEvent is a Do that adds the ID of the event to Data.
func keepEvent(_ context.Context, c *saga.Call) error {
	c.Data = append(c.Data, c.Event.ID...)
	return nil
}

func awaiting(s saga.Step, types ...string) saga.Step {
	s.Await = types
	return s
}

var eventRules = []rule{
	{
		name: "an event",
		says: "a step waits for an event of one of its types that is about the instance, before Do; Handle runs no step",
		check: func(ctx context.Context, p *place) error {
			var t tape
			m, in, err := p.run(ctx, saga.Waiting, t.step("a"), awaiting(t.step("b", keepEvent), "pay.*", "cash"), t.step("c"))
			if err != nil {
				return err
			}
			other := event("pay.done", "4", "i")
			other.Headers[events.HeaderTenant] = "acme"
			for _, ev := range []events.Event{event("pay", "1", "i"), event("pay.done", "2", "j"), event("pay.done", "3", ""), other} {
				if err := m.Handle(ctx, ev); err != nil {
					return fmt.Errorf("Handle of what concerns no instance = %w", err)
				}
			}
			if in, err = resume(ctx, m, saga.Waiting); err != nil {
				return err
			}
			if err := m.Handle(ctx, event("pay.done", "5", "i")); err != nil {
				return err
			}
			if err := t.expect("a"); err != nil {
				return err
			}
			in, err = resume(ctx, m, saga.Completed)
			if err == nil && string(in.Data) != "05" {
				err = fmt.Errorf("the step was given event %q, want 5", in.Data)
			}
			return both(err, t.expect("a b c"))
		},
	},
	{
		name: "an early event",
		says: "Handle records an event also before the step awaits it",
		check: func(ctx context.Context, p *place) error {
			var t tape
			m, err := p.started(ctx, define(t.step("a"), awaiting(t.step("b", keepEvent), "b"), awaiting(t.step("c", keepEvent), "c")))
			if err != nil {
				return err
			}
			if err := both(m.Handle(ctx, event("c", "3", "i")), m.Handle(ctx, event("b", "2", "i"))); err != nil {
				return err
			}
			in, err := resume(ctx, m, saga.Completed)
			if err == nil && string(in.Data) != "023" {
				err = fmt.Errorf("the steps were given events %q, want 23", in.Data)
			}
			return err
		},
	},
	{
		name: "an event again",
		says: "an event with a Source and ID that the instance has seen changes nothing",
		check: func(ctx context.Context, p *place) error {
			var t tape
			m, err := p.started(ctx, define(awaiting(t.step("a", keepEvent), "go"), awaiting(t.step("b", keepEvent), "go")))
			if err != nil {
				return err
			}
			once := event("go", "1", "i")
			if err := both(m.Handle(ctx, once), m.Handle(ctx, once)); err != nil {
				return err
			}
			if _, err := resume(ctx, m, saga.Waiting); err != nil {
				return err
			}
			elsewhere := once
			elsewhere.Source = "/elsewhere"
			if err := both(m.Handle(ctx, once), t.expect("a"), m.Handle(ctx, elsewhere)); err != nil {
				return err
			}
			_, err = resume(ctx, m, saga.Completed)
			return both(err, t.expect("a b"))
		},
	},
	{
		name: "an event while a step runs",
		says: "Handle and a step that runs do not undo each other",
		check: func(ctx context.Context, p *place) error {
			var t tape
			var m saga.Manager
			m, in, err := p.runWith(ctx, &m, saga.Completed, t.step("a", func(ctx context.Context, c *saga.Call) error {
				c.Data = append(c.Data, 'a')
				return m.Handle(ctx, event("go", "1", "i"))
			}), awaiting(t.step("b", keepEvent), "go"))
			if err == nil && string(in.Data) != "0a1" {
				err = fmt.Errorf("the data is %q, want %q", in.Data, "0a1")
			}
			return err
		},
	},
	{
		name: "an event that begins",
		says: "if On matches, an instance with the ID that Correlate names begins, unless there is one",
		check: func(ctx context.Context, p *place) error {
			var t tape
			d := define(t.step("a"))
			d.On = []string{"orders.>"}
			d.Correlate = func(ev events.Event) string { return ev.Key }
			d.Begin = func(ev events.Event) ([]byte, error) { return append([]byte("of "), ev.ID...), nil }
			m, err := p.open(d)
			if err != nil {
				return err
			}
			ev := event("orders.placed", "7", "")
			ev.Key, ev.Headers[events.HeaderTenant] = "i", "acme"
			again := ev
			again.ID = "8"
			if err := both(m.Handle(ctx, ev), m.Handle(ctx, ev), m.Handle(ctx, again), t.expect("")); err != nil {
				return err
			}
			in, err := resume(ctx, m, saga.Completed)
			if err == nil && (string(in.Data) != "of 7" || in.Tenant != "acme") {
				err = fmt.Errorf("it began with %q for %q, want event 7 for acme", in.Data, in.Tenant)
			}
			return both(err, t.expect("a"))
		},
	},
}

var timeRules = []rule{
	{
		name: "an event that does not come",
		says: "Within is how long the step waits, by the manager's clock; then it fails with ErrTimeout",
		check: func(ctx context.Context, p *place) error {
			var t tape
			wait := awaiting(t.step("b"), "go")
			wait.Within = time.Hour
			m, in, err := p.run(ctx, saga.Waiting, t.step("a"), wait)
			if err != nil {
				return err
			}
			if want := p.clock.Now().Add(time.Hour); !in.Due.Equal(want) {
				return fmt.Errorf("it waits until %v, want %v", in.Due, want)
			}
			p.clock.Advance(time.Hour - time.Microsecond)
			if _, err := resume(ctx, m, saga.Waiting); err != nil {
				return fmt.Errorf("before its time: %w", err)
			}
			p.clock.Advance(time.Microsecond)
			in, err = resume(ctx, m, saga.Compensated)
			if err == nil && !strings.Contains(in.Reason, saga.ErrTimeout.Error()) {
				err = fmt.Errorf("the reason is %q, want that of ErrTimeout", in.Reason)
			}
			return both(err, t.expect("a -a"), expectSteps(in, saga.Undone, saga.Refused))
		},
	},
	{
		name: "a delay",
		says: "Delay is how long after the step before it was done the step begins, by the manager's clock",
		check: func(ctx context.Context, p *place) error {
			var t tape
			later := t.step("b")
			later.Delay = 24 * time.Hour
			m, in, err := p.run(ctx, saga.Running, t.step("a"), later)
			if err != nil {
				return err
			}
			if want := p.clock.Now().Add(24 * time.Hour); !in.Due.Equal(want) {
				return fmt.Errorf("it goes on at %v, want %v", in.Due, want)
			}
			p.clock.Advance(24*time.Hour - time.Microsecond)
			if _, err := resume(ctx, m, saga.Running); err != nil {
				return fmt.Errorf("before its time: %w", err)
			}
			if err := t.expect("a"); err != nil {
				return fmt.Errorf("before its time: %w", err)
			}
			p.clock.Advance(time.Microsecond)
			_, err = resume(ctx, m, saga.Completed)
			return both(err, t.expect("a b"))
		},
	},
	{
		name: "a pause",
		says: "a pause between two attempts is waited for, but not one that was under way",
		check: func(ctx context.Context, p *place) error {
			var t tape
			long := tries(2, t.step("a", func(_ context.Context, c *saga.Call) error {
				if c.Attempt == 1 {
					return errUnclear
				}
				return nil
			}))
			long.Retry.BaseDelay, long.Retry.MaxDelay = time.Hour, time.Hour
			m, err := p.started(ctx, define(long))
			if err != nil {
				return err
			}
			short, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
			defer cancel()
			if in, err := m.Resume(short, "i"); !errors.Is(err, context.DeadlineExceeded) || in.Due.IsZero() {
				return fmt.Errorf("Resume that is to wait for an hour = due %v, %v, want the end of ctx", in.Due, err)
			}
			if err := t.expect("a"); err != nil {
				return err
			}
			_, err = resume(ctx, m, saga.Completed)
			return both(err, t.expect("a a"))
		},
	},
}

// runWith is run, and sets *m before it runs.
func (p *place) runWith(ctx context.Context, m *saga.Manager, status saga.Status, steps ...saga.Step) (saga.Manager, saga.Instance, error) {
	opened, err := p.started(ctx, define(steps...))
	if err != nil {
		return nil, saga.Instance{}, err
	}
	*m = opened
	in, err := resume(ctx, opened, status)
	return opened, in, err
}
