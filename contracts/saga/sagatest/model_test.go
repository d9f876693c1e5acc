package sagatest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/clock"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/saga"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
)

// A model is the smallest store and manager that keep every rule. With the name
// of a rule in breaks, they break that rule, in the way that real ones do.
type model struct {
	mu     sync.Mutex
	all    map[string]*kept
	breaks string
}

// kept is an instance in the model.
type kept struct {
	saga.Instance
	at       int
	open     bool // an attempt of at is under way
	attempts int  // of at, or of its Undo
	doubt    bool // of at
	due      time.Time
	deadline time.Time
	cancel   string
	seen     []string
	events   map[int]events.Event
	fence    int
	until    time.Time
}

type modelManager struct {
	*model
	clock clock.Clock
	defs  []saga.Definition
}

func newModel(breaks string) *model { return &model{all: map[string]*kept{}, breaks: breaks} }

func (m *model) is(rule string) bool { return m.breaks == rule }

func (m *model) site(c clock.Clock, sagas ...saga.Saga) (saga.Manager, error) {
	mm := &modelManager{model: m, clock: c}
	for _, s := range sagas {
		d := s.Definition()
		if err := saga.Check(d); err != nil && !m.is("definitions that are refused") {
			return nil, err
		}
		if m.is("the declared order") { // as the original does
			d.Steps = slices.SortedFunc(slices.Values(d.Steps), func(a, b saga.Step) int { return cmp.Compare(a.Name, b.Name) })
		}
		mm.defs = append(mm.defs, d)
	}
	slices.SortFunc(mm.defs, func(a, b saga.Definition) int { return cmp.Compare(b.Version, a.Version) })
	if m.is("start") {
		slices.Reverse(mm.defs)
	}
	return mm, nil
}

func (m *modelManager) begin(ctx context.Context, id string) error {
	if err := saga.CheckID(id); err != nil && !m.is("IDs that are refused") {
		return err
	}
	if ctx.Err() != nil && !m.is("a context that has ended") {
		return context.Cause(ctx)
	}
	return nil
}

func (m *modelManager) Start(ctx context.Context, name, id string, data []byte) error {
	if err := m.begin(ctx, id); err != nil {
		return err
	}
	for _, d := range m.defs {
		if d.Name == name || m.is("a saga that is not here") {
			tenant, _ := tenancy.From(ctx)
			return m.create(d, id, string(tenant), data, "")
		}
	}
	return saga.ErrNoSaga
}

func (m *modelManager) create(d saga.Definition, id, tenant string, data []byte, seen string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.all[id]; ok && !m.is("an ID that is taken") {
		return saga.ErrExists
	}
	now := m.clock.Now()
	k := &kept{Instance: saga.Instance{
		ID: id, Saga: d.Name, Version: d.Version, Tenant: tenant, Status: saga.Running, Data: bytes.Clone(data), Began: now, Changed: now,
	}, events: map[int]events.Event{}, seen: []string{seen}}
	for _, s := range d.Steps {
		k.Steps = append(k.Steps, saga.StepRecord{Name: s.Name, Status: saga.Pending})
	}
	m.all[id] = k
	m.enter(k, d, 0)
	return nil
}

func (m *modelManager) enter(k *kept, d saga.Definition, at int) {
	k.at, k.attempts, k.doubt, k.open = at, 0, false, false
	k.due, k.deadline = time.Time{}, time.Time{}
	if at < len(d.Steps) && d.Steps[at].Delay > 0 && !m.is("a delay") {
		k.due = m.clock.Now().Add(d.Steps[at].Delay)
	}
	if at < len(d.Steps) && d.Steps[at].Within > 0 {
		k.deadline = m.clock.Now().Add(d.Steps[at].Within)
	}
}

func (m *modelManager) find(id string) (*kept, error) {
	k, ok := m.all[id]
	if !ok && m.is("an ID that no instance has") {
		return &kept{}, nil
	}
	if !ok {
		return nil, saga.ErrNotFound
	}
	return k, nil
}

func (m *modelManager) Cancel(ctx context.Context, id, reason string) error {
	if err := m.begin(ctx, id); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	k, err := m.find(id)
	switch {
	case err != nil:
		return err
	case k.Status.Final() && m.is("cancel what has ended"):
		k.Status = saga.Compensating
	case k.Status.Final() && !m.is("an ID that no instance has"):
		return saga.ErrEnded
	case k.Status == saga.Compensating && m.is("the first reason"):
		k.Reason = reason
	case k.open && m.is("cancel while a step runs"):
		return nil // and forgotten
	case k.Status != saga.Compensating && !m.is("cancel"):
		k.cancel = reason
	}
	return nil
}

func (m *modelManager) Handle(ctx context.Context, ev events.Event) error {
	if err := events.Check(ev); err != nil && !m.is("events that are refused") {
		return err
	}
	if ctx.Err() != nil && !m.is("a context that has ended") {
		return context.Cause(ctx)
	}
	for i, d := range m.defs {
		id := ev.Headers[events.HeaderCorrelation]
		if d.Correlate != nil {
			id = d.Correlate(ev)
		}
		if id == "" {
			continue
		}
		key := ev.Source + " " + ev.ID
		if i == 0 && matchesAny(d.On, ev.Type) {
			data := ev.Data
			if d.Begin != nil && !m.is("an event that begins") {
				data, _ = d.Begin(ev)
			}
			_ = m.create(d, id, ev.Headers[events.HeaderTenant], data, key)
		}
		m.take(d, id, key, ev)
	}
	return nil
}

func matchesAny(patterns []string, typ string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return events.Match(p, typ) })
}

func (m *modelManager) take(d saga.Definition, id, key string, ev events.Event) {
	m.mu.Lock()
	defer m.mu.Unlock()
	k := m.all[id]
	if k == nil || k.Version != d.Version || (k.Tenant != ev.Headers[events.HeaderTenant] || k.Saga != d.Name) && !m.is("an event") {
		return
	}
	if slices.Contains(k.seen, key) && !m.is("an event again") {
		return
	}
	for i := k.at; i < len(d.Steps); i++ {
		if _, ok := k.events[i]; !ok && matchesAny(d.Steps[i].Await, ev.Type) && !(m.is("an early event") && k.Status != saga.Waiting) {
			k.events[i], k.seen = ev, append(k.seen, key)
			return
		}
	}
}

func (m *modelManager) Show(ctx context.Context, id string) (saga.Instance, error) {
	if err := m.begin(ctx, id); err != nil {
		return saga.Instance{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	k, err := m.find(id)
	if err != nil {
		return saga.Instance{}, err
	}
	return m.copy(k), nil
}

func (m *modelManager) copy(k *kept) saga.Instance {
	in := k.Instance
	if !m.is("copies") {
		in.Data, in.Steps = bytes.Clone(in.Data), slices.Clone(in.Steps)
	}
	if in.Due = k.due; in.Status == saga.Waiting {
		in.Due = k.deadline
	}
	return in
}

func (m *modelManager) List(ctx context.Context, f saga.Filter) iter.Seq2[saga.Instance, error] {
	if f.Status == nil && !m.is("list") {
		f.Status = []saga.Status{saga.Running, saga.Waiting, saga.Compensating, saga.Failed}
	}
	var found []saga.Instance
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, k := range m.all {
		if (f.Saga == "" || f.Saga == k.Saga) && (slices.Contains(f.Status, k.Status) || f.Status == nil) {
			found = append(found, m.copy(k))
		}
	}
	slices.SortFunc(found, func(a, b saga.Instance) int {
		if m.is("list what has ended") {
			return strings.Compare(a.ID, b.ID)
		}
		return a.Began.Compare(b.Began)
	})
	return func(yield func(saga.Instance, error) bool) {
		if ctx.Err() != nil {
			yield(saga.Instance{}, context.Cause(ctx))
			return
		}
		for _, in := range found {
			if !yield(in, nil) {
				return
			}
		}
	}
}

func (m *modelManager) Resume(ctx context.Context, id string) (saga.Instance, error) {
	if err := m.begin(ctx, id); err != nil {
		return saga.Instance{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	k, err := m.find(id)
	if err != nil || k.ID == "" {
		return saga.Instance{}, err
	}
	i := slices.IndexFunc(m.defs, func(d saga.Definition) bool { return d.Name == k.Saga && d.Version == k.Version })
	if m.is("its own version") {
		i = 0
		for len(k.Steps) < len(m.defs[0].Steps) {
			k.Steps = append(k.Steps, saga.StepRecord{Status: saga.Pending})
		}
	}
	if i < 0 && m.is("a version that is not here") {
		i = 0
	}
	if i < 0 || !m.is("other steps") && !m.is("its own version") && !fits(k, m.defs[i]) {
		return m.copy(k), saga.ErrVersion
	}
	if m.clock.Now().Before(k.until) && !m.is("a lease") && !m.is("at the same time") {
		return m.copy(k), saga.ErrBusy
	}
	k.fence++
	k.until = m.clock.Now().Add(time.Minute)
	if m.is("the end of ctx") {
		ctx = context.WithoutCancel(ctx)
	}
	r := &modelRun{modelManager: m, k: k, d: m.defs[i], fence: k.fence}
	err = r.run(ctx)
	if !errors.Is(err, saga.ErrLost) {
		k.until = time.Time{}
	}
	return m.copy(k), err
}

func fits(k *kept, d saga.Definition) bool {
	return slices.EqualFunc(k.Steps, d.Steps, func(a saga.StepRecord, b saga.Step) bool { return a.Name == b.Name })
}
