package sagatest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/saga"
)

// listed returns the IDs that List yields.
func listed(ctx context.Context, m saga.Manager, f saga.Filter) (string, error) {
	var ids []string
	for in, err := range m.List(ctx, f) {
		if err != nil {
			return strings.Join(ids, " "), err
		}
		ids = append(ids, in.ID)
	}
	return strings.Join(ids, " "), nil
}

// crowd starts instances of two sagas in every status there is.
func (p *place) crowd(ctx context.Context) (saga.Manager, error) {
	var t tape
	other := define(t.step("a", fails(errRefused)))
	other.Name = "other"
	d := define(t.step("a", func(_ context.Context, c *saga.Call) error {
		if c.ID == "z-failed" {
			return errUnclear
		}
		return nil
	}, fails(errUnclear)), paused("wait"))
	m, err := p.open(d, other)
	if err != nil {
		return nil, err
	}
	for _, one := range [][2]string{{"z-failed", "test"}, {"y-running", "test"}, {"x-waiting", "test"}, {"w-compensated", "other"}, {"v-completed", "test"}, {"u-running", "other"}} {
		if err := m.Start(ctx, one[1], one[0], nil); err != nil {
			return nil, err
		}
		p.clock.Advance(time.Second)
	}
	if err := m.Handle(ctx, event("go", "1", "v-completed")); err != nil {
		return nil, err
	}
	for id, want := range map[string]error{"z-failed": saga.ErrFailed, "x-waiting": nil, "w-compensated": saga.ErrCompensated, "v-completed": nil} {
		if _, err := m.Resume(ctx, id); !errors.Is(err, want) {
			return nil, fmt.Errorf("Resume of %s = %v, want %v", id, err, want)
		}
	}
	return m, nil
}

var askRules = []rule{
	{
		name: "list",
		says: "List yields what a Filter chooses, those first that began first; without statuses all but Completed and Compensated",
		check: func(ctx context.Context, p *place) error {
			m, err := p.crowd(ctx)
			if err != nil {
				return err
			}
			for _, c := range []struct {
				f    saga.Filter
				want string
			}{
				{saga.Filter{}, "z-failed y-running x-waiting u-running"},
				{saga.Filter{Saga: "other"}, "u-running"},
				{saga.Filter{Saga: "test", Status: []saga.Status{saga.Failed, saga.Waiting}}, "z-failed x-waiting"},
				{saga.Filter{Status: []saga.Status{}}, ""},
			} {
				if got, err := listed(ctx, m, c.f); err != nil || got != c.want {
					return fmt.Errorf("List(%+v) = %s, %v, want %s", c.f, got, err, c.want)
				}
			}
			return nil
		},
	},
	{
		name: "list what has ended", optional: true,
		says: "List yields the Completed and the Compensated to a Filter that names them",
		check: func(ctx context.Context, p *place) error {
			m, err := p.crowd(ctx)
			if err != nil {
				return err
			}
			got, err := listed(ctx, m, saga.Filter{Status: []saga.Status{saga.Completed, saga.Compensated}})
			if err == nil && got != "w-compensated v-completed" {
				err = fmt.Errorf("List = %s", got)
			}
			return err
		},
	},
	{
		name: "an ID that no instance has",
		says: "an ID that no instance has is an error wrapping ErrNotFound from every method but Start and Handle",
		check: func(ctx context.Context, p *place) error {
			var t tape
			m, err := p.open(define(t.step("a"), paused("b")))
			if err != nil {
				return err
			}
			_, resumed := m.Resume(ctx, "nobody")
			_, shown := m.Show(ctx, "nobody")
			for _, err := range []error{resumed, shown, m.Cancel(ctx, "nobody", "")} {
				if !errors.Is(err, saga.ErrNotFound) {
					return fmt.Errorf("of an ID that no instance has: %v, want ErrNotFound", err)
				}
			}
			if err := m.Handle(ctx, event("go", "1", "nobody")); err != nil {
				return fmt.Errorf("Handle = %w", err)
			}
			return nil
		},
	},
	{
		name: "copies",
		says: "a manager copies what it is given and what it returns",
		check: func(ctx context.Context, p *place) error {
			var t tape
			var kept []byte
			m, err := p.started(ctx, define(t.step("a", func(_ context.Context, c *saga.Call) error {
				kept = c.Data
				return nil
			}), paused("b")))
			if err != nil {
				return err
			}
			in, err := resume(ctx, m, saga.Waiting)
			if err != nil {
				return err
			}
			kept[0], in.Data[0], in.Steps[0].Name = 'x', 'x', "x"
			in, err = m.Show(ctx, "i")
			if err != nil || string(in.Data) != "0" || in.Steps[0].Name != "a" {
				return fmt.Errorf("Show = %q %v, %v after somebody else wrote", in.Data, in.Steps, err)
			}
			return nil
		},
	},
	{
		name: "a context that has ended",
		says: "a ctx that has ended is an error wrapping its cause from every method, which then has no effect",
		check: func(ctx context.Context, p *place) error {
			var t tape
			m, err := p.started(ctx, define(t.step("a"), paused("b")))
			if err != nil {
				return err
			}
			over := errors.New("over")
			gone, cancel := context.WithCancelCause(ctx)
			cancel(over)
			_, resumed := m.Resume(gone, "i")
			_, shown := m.Show(gone, "i")
			_, all := listed(gone, m, saga.Filter{})
			for i, err := range []error{
				m.Start(gone, "test", "j", nil), resumed, m.Cancel(gone, "i", ""), m.Handle(gone, event("go", "1", "i")), shown, all,
			} {
				if !errors.Is(err, over) {
					return fmt.Errorf("method %d of [Start Resume Cancel Handle Show List]: %v, want the cause", i+1, err)
				}
			}
			if _, err := m.Show(ctx, "j"); !errors.Is(err, saga.ErrNotFound) {
				return fmt.Errorf("Start had an effect: %v", err)
			}
			if err := t.expect(""); err != nil {
				return err
			}
			_, err = resume(ctx, m, saga.Waiting)
			return err
		},
	},
	{
		name: "events that are refused",
		says: "an event that events.Check refuses is an error, and changes nothing",
		check: func(ctx context.Context, p *place) error {
			var t tape
			m, err := p.started(ctx, define(t.step("a")))
			if err != nil {
				return err
			}
			ev := event("go", "", "i")
			if err := m.Handle(ctx, ev); !errors.Is(err, events.ErrInvalid) {
				return fmt.Errorf("Handle of an event without an ID = %v, want events.ErrInvalid", err)
			}
			return nil
		},
	},
	{
		name: "atomic steps", optional: true,
		says: "a manager that has no transactions refuses Atomic steps with errors.ErrUnsupported, and runs none",
		check: func(ctx context.Context, p *place) error {
			var t tape
			first, second := tries(2, t.step("a", func(_ context.Context, c *saga.Call) error {
				if c.Attempt == 1 {
					return errUnclear
				}
				c.Data = append(c.Data, 'a')
				return nil
			})), t.step("b", fails(errUnclear))
			first.Atomic, second.Atomic = true, true
			m, err := p.started(ctx, define(first, second))
			if err != nil {
				return err
			}
			in, err := resume(ctx, m, saga.Compensated)
			if err == nil && !slices.Equal(in.Data, []byte("0a")) {
				err = fmt.Errorf("the data is %q, want %q", in.Data, "0a")
			}
			// b was rolled back with its transaction, so it is not in doubt.
			return both(err, t.expect("a a b -a"))
		},
	},
}
