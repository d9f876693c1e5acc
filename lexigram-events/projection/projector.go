package projection

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/state"
)

// A Projector brings projections up to a log, each in a goroutine of its own
// from Start to Stop. It is safe for concurrent use; make one with [New] or [NewInState].
//
// It reports the gauge "projection.lag", the age in seconds of the oldest event
// that waits to be handled here, the histogram "projection.delay", the age of
// events when they have been handled, and counts "projection.events".
//
// Errors of the log and of the database are wrapped with [Err] and keep their sentinels.
type Projector struct {
	log  eventstore.AllReader
	book book
	opts Options
	defs []*Projection

	mu      sync.Mutex
	started bool
	stopped bool
	drain   chan struct{} // closed: begin no further batch
	cancel  context.CancelFunc
	done    chan struct{}            // closed when the last goroutine has ended
	changes map[string]chan struct{} // by name, closed when its positions move
	behind  map[string]*atomic.Int64 // by name, the time of the oldest event that waits here, microseconds; 0 if none does
}

var _ health.Checker = (*Projector)(nil)

// New returns a projector of the projections that keeps their positions in db,
// which has the table of [Migrations], in the transactions in which they handle
// events. The log may be in db or elsewhere. It does no I/O. Projections and
// options that are not whole are errors wrapping [ErrInvalid].
func New(log eventstore.AllReader, db sqldb.DB, opts Options, projections ...Projection) (*Projector, error) {
	if db == nil {
		return nil, ErrInvalid.Wrap(nil, "projection: the database is nil")
	}
	if _, err := Migrations().FS(db.Dialect()); err != nil {
		return nil, err
	}
	return newProjector(log, opts, projections, func(Options) book { return sqlBook{db} })
}

// NewInState returns a projector that keeps positions in a store of state, for
// read models that are in no database: an event is handled again after a crash.
func NewInState(log eventstore.AllReader, s state.Swapper, opts Options, projections ...Projection) (*Projector, error) {
	if s == nil {
		return nil, ErrInvalid.Wrap(nil, "projection: the store is nil")
	}
	return newProjector(log, opts, projections, func(o Options) book { return stateBook{s, o.Prefix} })
}

func newProjector(log eventstore.AllReader, opts Options, projections []Projection, open func(Options) book) (*Projector, error) {
	if log == nil {
		return nil, ErrInvalid.Wrap(nil, "projection: the log is nil")
	}
	opts, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	p := &Projector{
		log: log, book: open(opts), opts: opts, changes: map[string]chan struct{}{}, behind: map[string]*atomic.Int64{},
		drain: make(chan struct{}), done: make(chan struct{}),
	}
	for _, def := range projections {
		if err := def.check(); err != nil {
			return nil, err
		}
		if p.changes[def.Name] != nil {
			return nil, ErrInvalid.Wrap(nil, "projection: two projections are named %q", def.Name)
		}
		def.Types = slices.Clone(def.Types)
		p.defs = append(p.defs, &def)
		p.changes[def.Name], p.behind[def.Name] = make(chan struct{}), new(atomic.Int64)
	}
	return p, nil
}

// Start begins to follow the log and returns. ctx bounds this call and lends its
// values to handlers. A projector that runs is left alone; one that was stopped
// is an error wrapping [ErrInvalid].
func (p *Projector) Start(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.stopped:
		return ErrInvalid.Wrap(nil, "projection: start a projector that was stopped; make a new one")
	case p.started:
		return nil
	}
	run, cancel := context.WithCancel(context.WithoutCancel(sqldb.Detach(ctx)))
	p.started, p.cancel = true, cancel
	var all sync.WaitGroup
	for _, def := range p.defs {
		all.Go(func() {
			defer p.opts.Observer.Gauge("projection.lag", func() float64 { return p.lagOf(def.Name) }, slog.String("projection", def.Name))()
			p.follow(run, def)
		})
	}
	go func() {
		defer close(p.done)
		defer cancel()
		all.Wait()
	}()
	return nil
}

// Stop cancels the ctx of handlers, whose batch is given up, and waits until they
// have returned or ctx ends. It is idempotent and works before Start.
func (p *Projector) Stop(ctx context.Context) error {
	if !p.end() {
		return nil
	}
	p.cancel()
	return p.wait(ctx, "stop")
}

// Drain finishes the batches that are being handled, and waits for that until
// ctx ends: then it does as Stop, without waiting, and returns the cause. It is
// idempotent and works before Start.
func (p *Projector) Drain(ctx context.Context) error {
	if !p.end() {
		return nil
	}
	err := p.wait(ctx, "drain")
	p.cancel()
	return err
}

// lagOf returns the age, in seconds, of the oldest event that waits to be handled here.
func (p *Projector) lagOf(name string) float64 {
	at := p.behind[name].Load()
	if at == 0 {
		return 0
	}
	return max(0, p.opts.Clock.Now().Sub(time.UnixMicro(at)).Seconds())
}

// end has no further batch begun, and reports whether the projector ever ran.
func (p *Projector) end() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.stopped {
		p.stopped = true
		close(p.drain)
	}
	return p.started
}

func (p *Projector) wait(ctx context.Context, op string) error {
	select {
	case <-p.done:
		return nil
	case <-ctx.Done():
		return Err.Wrap(context.Cause(ctx), "projection: %s", op)
	}
}

// find returns the projection with the name.
func (p *Projector) find(name string) (*Projection, error) {
	for _, def := range p.defs {
		if def.Name == name {
			return def, nil
		}
	}
	return nil, ErrNotFound.Wrap(nil, "projection: %.40q", name)
}

// moved tells who waits that something of the projection has changed.
func (p *Projector) moved(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.changes[name])
	p.changes[name] = make(chan struct{})
}

func (p *Projector) change(name string) <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.changes[name]
}

// wrap says what failed, once.
func wrap(err error, op, name string) error {
	if err == nil || errors.Is(err, Err) {
		return err
	}
	return Err.Wrap(err, "projection: %s %q", op, name)
}
