package process

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/saga"
)

var _ events.Handler = new(Manager).Handle

// Handle implements [saga.Router]. With a database it joins the ambient transaction.
func (m *Manager) Handle(ctx context.Context, ev events.Event) error {
	if err := events.Check(ev); err != nil {
		return saga.ErrInvalid.Wrap(err, "process: handle")
	}
	if ctx.Err() != nil {
		return saga.Err.Wrap(context.Cause(ctx), "process: handle %q", ev.ID)
	}
	for _, kind := range slices.Sorted(maps.Keys(m.defs)) {
		d := m.defs[kind]
		begins := m.latest[d.Name] == d && matchesAny(d.On, ev.Type)
		if !begins && !awaits(d, ev.Type) {
			continue
		}
		if err := m.give(ctx, d, ev, begins); err != nil {
			return wrap(err, "handle", ev.ID)
		}
	}
	return nil
}

func matchesAny(patterns []string, typ string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return events.Match(p, typ) })
}

func awaits(d *saga.Definition, typ string) bool {
	return slices.ContainsFunc(d.Steps, func(s saga.Step) bool { return matchesAny(s.Await, typ) })
}

// give records ev with its instance of d, which it may begin.
func (m *Manager) give(ctx context.Context, d *saga.Definition, ev events.Event, begins bool) error {
	var id string
	if err := errs.Catch(func() error { id = correlate(d, ev); return nil }); err != nil {
		return saga.ErrInvalid.Wrap(err, "process: correlate event %q with saga %q", ev.ID, d.Name)
	}
	if id == "" {
		return nil
	}
	if err := saga.CheckID(id); err != nil {
		return err
	}
	if begins {
		if err := m.beginBy(ctx, d, ev, id); err != nil {
			return err
		}
	}
	err := m.change(ctx, id, func(r *record) (bool, error) { return r.take(d, ev), nil })
	if errors.Is(err, saga.ErrNotFound) {
		return nil
	}
	return err
}

func correlate(d *saga.Definition, ev events.Event) string {
	if d.Correlate == nil {
		return ev.Headers[events.HeaderCorrelation]
	}
	return d.Correlate(ev)
}

// beginBy begins an instance, unless there is one.
func (m *Manager) beginBy(ctx context.Context, d *saga.Definition, ev events.Event, id string) error {
	data := ev.Data
	if d.Begin != nil {
		err := errs.Catch(func() (err error) { data, err = d.Begin(ev); return err })
		if err != nil {
			return saga.Err.Wrap(err, "process: begin saga %q with event %q", d.Name, ev.ID)
		}
	}
	_, err := m.book.get(ctx, id)
	if !errors.Is(err, saga.ErrNotFound) {
		return err
	}
	r := newRecord(d, id, ev.Headers[events.HeaderTenant], data, m.opts.Clock.Now())
	r.Seen = []string{eventKey(ev)} // its steps do not get it
	err = m.create(ctx, r)
	if errors.Is(err, saga.ErrExists) {
		return nil
	}
	return err
}

// take gives ev to the first step of r that awaits it and has none, and reports
// whether there is one.
func (r *record) take(d *saga.Definition, ev events.Event) bool {
	if r.Saga != d.Name || r.Version != d.Version || !r.fits(d) || r.Tenant != ev.Headers[events.HeaderTenant] {
		return false
	}
	key := eventKey(ev)
	if (r.Status != saga.Running && r.Status != saga.Waiting) || slices.Contains(r.Seen, key) {
		return false
	}
	for i := r.At; i < len(r.Steps); i++ {
		if r.Steps[i].Event == nil && matchesAny(d.Steps[i].Await, ev.Type) {
			r.Steps[i].Event, r.Seen = &ev, append(r.Seen, key)
			r.Woken = r.Woken || i == r.At && r.Status == saga.Waiting
			return true
		}
	}
	return false
}

// eventKey tells events of one tenant apart.
func eventKey(ev events.Event) string { return ev.Source + "\n" + ev.ID }
