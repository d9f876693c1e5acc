package sagatest

import (
	"context"
	"errors"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/saga"
)

// paused returns a step that waits for the event "go".
func paused(name string) saga.Step { return saga.Step{Name: name, Await: []string{"go"}} }

func event(typ, id, about string) events.Event {
	return events.Event{ID: id, Source: "/test", Type: typ, Schema: 1, Headers: map[string]string{events.HeaderCorrelation: about}}
}

var versionRules = []rule{
	{
		name: "its own version",
		says: "Resume runs an instance on the version that it began on",
		check: func(ctx context.Context, p *place) error {
			var t tape
			one := define(paused("wait"), t.step("old"))
			m, err := p.started(ctx, one)
			if err != nil {
				return err
			}
			if _, err := resume(ctx, m, saga.Waiting); err != nil {
				return err
			}
			two := define(paused("wait"), t.step("new"), t.step("more"))
			two.Version = 2
			if m, err = p.open(one, two); err != nil {
				return err
			}
			if err := both(m.Handle(ctx, event("go", "1", "i")), m.Start(ctx, "test", "j", nil), m.Handle(ctx, event("go", "2", "j"))); err != nil {
				return err
			}
			if _, err := resume(ctx, m, saga.Completed); err != nil {
				return err
			}
			_, err = m.Resume(ctx, "j")
			return both(err, t.expect("old new more"))
		},
	},
	{
		name: "a version that is not here",
		says: "where the version is not here, Resume does nothing and returns ErrVersion",
		check: func(ctx context.Context, p *place) error {
			var t tape
			one := define(t.step("a"))
			if _, err := p.started(ctx, one); err != nil {
				return err
			}
			two := define(t.step("a"))
			two.Version = 2
			return refusesVersion(ctx, p, &t, two, one)
		},
	},
	{
		name: "other steps",
		says: "where the version has other steps, Resume does nothing and returns ErrVersion",
		check: func(ctx context.Context, p *place) error {
			var t tape
			one := define(t.step("a"), t.step("b"))
			if _, err := p.started(ctx, one); err != nil {
				return err
			}
			return refusesVersion(ctx, p, &t, define(t.step("b"), t.step("a")), one)
		},
	},
}

// refusesVersion checks that an instance of good is left alone by a manager of
// other, and that one of good can run it then.
func refusesVersion(ctx context.Context, p *place, t *tape, other, good saga.Definition) error {
	m, err := p.open(other)
	if err != nil {
		return err
	}
	before, err := m.Show(ctx, "i")
	if err != nil {
		return err
	}
	if _, err := m.Resume(ctx, "i"); !errors.Is(err, saga.ErrVersion) {
		return fmt.Errorf("Resume = %v, want ErrVersion", err)
	}
	after, err := m.Show(ctx, "i")
	if err != nil || after.Status != before.Status || !after.Changed.Equal(before.Changed) {
		return fmt.Errorf("Show = %+v, %v, want %+v as before", after, err, before)
	}
	if err := t.expect(""); err != nil {
		return err
	}
	if m, err = p.open(good); err != nil {
		return err
	}
	_, err = resume(ctx, m, saga.Completed)
	return err
}
