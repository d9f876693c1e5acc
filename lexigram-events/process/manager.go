package process

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"slices"
	"time"

	"github.com/lexigram/lexigram-go/contracts/observe"
	"github.com/lexigram/lexigram-go/contracts/saga"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/state"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
	"github.com/lexigram/lexigram-go/lexigram-events/internal/oneline"
)

// A Manager is a [saga.Manager]. It is safe for concurrent use, and any number
// of them in any processes work on one database or store. It starts no
// goroutine that outlives a call; a [Worker] runs what is due.
//
// Errors of the database or store are wrapped with [saga.Err] and keep their sentinels.
type Manager struct {
	book   book
	opts   Options
	defs   map[string]*saga.Definition // by kind
	latest map[string]*saga.Definition // by name
	wake   chan struct{}
}

var _ saga.Manager = (*Manager)(nil)

// New returns a manager of the sagas over db, which has the table of
// [Migrations]. Each saga comes in every version of which instances are under
// way. It does no I/O. What [saga.Check] refuses, and two definitions of one
// version, are errors wrapping [saga.ErrInvalid].
func New(db sqldb.DB, opts Options, sagas ...saga.Saga) (*Manager, error) {
	if db == nil {
		return nil, saga.ErrInvalid.Wrap(nil, "process: the database is nil")
	}
	if _, err := Migrations().FS(db.Dialect()); err != nil {
		return nil, err
	}
	return newManager(opts, sagas, func(Options) book { return sqlBook{db} })
}

// NewInState returns a manager of the sagas over a store that several processes
// may share. Steps that are Atomic are refused with [errors.ErrUnsupported],
// and so is [Manager.List] of what is Completed or Compensated. It is for some
// ten thousand instances under way at most: a worker reads all of them to find those that are due.
func NewInState(s state.Swapper, opts Options, sagas ...saga.Saga) (*Manager, error) {
	if s == nil {
		return nil, saga.ErrInvalid.Wrap(nil, "process: the store is nil")
	}
	for _, one := range sagas {
		if d := one.Definition(); slices.ContainsFunc(d.Steps, func(s saga.Step) bool { return s.Atomic }) {
			return nil, saga.Err.Wrap(errors.ErrUnsupported, "process: saga %q has Atomic steps, and a store of state no transactions", d.Name)
		}
	}
	return newManager(opts, sagas, func(o Options) book {
		return &stateBook{store: s, prefix: o.Prefix, keep: o.Retention, now: o.Clock.Now, mono: o.Clock.Monotonic}
	})
}

func newManager(opts Options, sagas []saga.Saga, open func(Options) book) (*Manager, error) {
	opts, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	m := &Manager{
		book: open(opts), opts: opts, wake: make(chan struct{}, 1),
		defs: map[string]*saga.Definition{}, latest: map[string]*saga.Definition{},
	}
	for _, one := range sagas {
		d := one.Definition()
		if err := saga.Check(d); err != nil {
			return nil, err
		}
		kind := kindOf(d.Name, d.Version)
		if m.defs[kind] != nil {
			return nil, saga.ErrInvalid.Wrap(nil, "process: two definitions of saga %q have version %d", d.Name, d.Version)
		}
		d.Steps = slices.Clone(d.Steps)
		m.defs[kind] = &d
		if last := m.latest[d.Name]; last == nil || last.Version < d.Version {
			m.latest[d.Name] = &d
		}
	}
	return m, nil
}

// begin refuses what no method may begin with.
func begin(ctx context.Context, op, id string) error {
	if err := saga.CheckID(id); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return saga.Err.Wrap(context.Cause(ctx), "process: %s %q", op, id)
	}
	return nil
}

// wrap says what failed, once.
func wrap(err error, op, id string) error {
	if err == nil || errors.Is(err, saga.Err) {
		return err
	}
	return saga.Err.Wrap(err, "process: %s %q", op, id)
}

// Start implements [saga.Runner]. With a database it joins the ambient transaction.
func (m *Manager) Start(ctx context.Context, name, id string, data []byte) error {
	if err := begin(ctx, "start", id); err != nil {
		return err
	}
	d := m.latest[name]
	if d == nil {
		return saga.ErrNoSaga.Wrap(nil, "process: start %q: saga %.40q", id, name)
	}
	tenant, err := tenancy.From(ctx)
	if err != nil && !errors.Is(err, tenancy.ErrNone) {
		return wrap(err, "start", id)
	}
	return wrap(m.create(ctx, newRecord(d, id, string(tenant), data, m.opts.Clock.Now())), "start", id)
}

// create keeps a record that is new, in the trace of ctx, and wakes workers.
func (m *Manager) create(ctx context.Context, r *record) error {
	if _, ok := m.opts.Observer.Sink.(observe.Propagator); ok {
		r.Headers = map[string]string{}
		m.opts.Observer.Inject(ctx, r.Headers)
	}
	if err := m.book.create(ctx, r); err != nil {
		return err
	}
	m.opts.Observer.Count(ctx, "saga.started", 1, slog.String("saga", r.Saga))
	return m.book.notify(ctx, m.wakeUp)
}

// wakeUp wakes the worker of this process.
func (m *Manager) wakeUp() {
	select {
	case m.wake <- struct{}{}:
	default: // it is awake
	}
}

// Cancel implements [saga.Runner].
func (m *Manager) Cancel(ctx context.Context, id, reason string) error {
	if err := begin(ctx, "cancel", id); err != nil {
		return err
	}
	if reason = oneline.Clip(reason); reason == "" {
		reason = "cancelled"
	}
	err := m.change(ctx, id, func(r *record) (bool, error) {
		if r.Status.Final() {
			return false, saga.ErrEnded.Wrap(nil, "process: cancel %q, which is %s", id, r.Status)
		}
		if r.Status == saga.Compensating || r.Cancel != "" {
			return false, nil
		}
		r.Cancel, r.Woken = reason, true
		return true, nil
	})
	return wrap(err, "cancel", id)
}

// change has fn change a record, whoever runs it, again if it has changed
// meanwhile, and wakes workers if fn says that it did.
func (m *Manager) change(ctx context.Context, id string, fn func(*record) (bool, error)) error {
	for tries := 0; ; tries++ {
		old, err := m.book.get(ctx, id)
		if err != nil {
			return err
		}
		next := old.clone()
		changed, err := fn(next)
		if err != nil || !changed {
			return err
		}
		next.Changed = m.opts.Clock.Now().UnixMicro()
		err = m.book.swap(ctx, old, next)
		switch {
		case err == nil:
			return m.book.notify(ctx, m.wakeUp)
		case !errors.Is(err, errChanged):
			return err
		}
		if err := sleep(ctx, time.Duration(min(tries, 20))*time.Millisecond); err != nil {
			return err
		}
	}
}

// sleep returns nil after d, or the cause of the end of ctx.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Show implements [saga.Inspector].
func (m *Manager) Show(ctx context.Context, id string) (saga.Instance, error) {
	if err := begin(ctx, "show", id); err != nil {
		return saga.Instance{}, err
	}
	r, err := m.book.get(ctx, id)
	if err != nil {
		return saga.Instance{}, wrap(err, "show", id)
	}
	return r.instance(), nil
}

// List implements [saga.Inspector]. It reads page by page: no rows stay open
// while the loop's body runs.
func (m *Manager) List(ctx context.Context, f saga.Filter) iter.Seq2[saga.Instance, error] {
	return func(yield func(saga.Instance, error) bool) {
		if ctx.Err() != nil {
			yield(saga.Instance{}, saga.Err.Wrap(context.Cause(ctx), "process: list"))
			return
		}
		for r, err := range m.book.list(ctx, f) {
			if err != nil {
				yield(saga.Instance{}, wrap(err, "list", f.Saga))
				return
			}
			if !yield(r.instance(), nil) {
				return
			}
		}
	}
}

// Purge forgets what was Completed or Compensated longer than Options.Retention
// ago, and returns how many instances that were. A worker does so every minute;
// in a store of state they end by themselves.
func (m *Manager) Purge(ctx context.Context) (int64, error) {
	n, err := m.book.purge(sqldb.Detach(ctx), m.opts.Clock.Now().Add(-m.opts.Retention))
	return n, wrap(err, "purge", "")
}
