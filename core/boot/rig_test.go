package boot_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/core/boot"
)

// What a random hook does.
type conduct uint8

const (
	works    conduct = iota // takes its time, and ends early with its context
	breaks                  // returns an error after its time
	panics                  // after its time
	exits                   // its goroutine
	lingers                 // until its context ends, and a while longer
	ignorant                // of its context
	conducts
)

// An act is a hook of a random provider.
type act struct {
	conduct conduct
	takes   time.Duration
}

const grace = time.Second

// stubborn reports whether the application may have to go on without it.
func (a act) stubborn() bool {
	return a.conduct == lingers && a.takes >= grace || a.conduct == ignorant
}

// A unit is a random provider. It offers a token that needs those of needs.
type unit struct {
	rig      *rig
	id       int
	needs    []int
	mays     []int // needs that may be absent
	closure  []int // of needs
	order    []int // of needs and mays: what boots first
	wave     lifecycle.Priority
	optional bool
	plain    bool // has no hook but Register
	badBuild bool // of its token
	graceful bool // its token shuts down by itself
	limit    time.Duration
	acts     [4]act // of boot, bootstrap, drain and shutdown
	tokens   struct{ built, released int }
}

var stages = [...]boot.Stage{boot.Boot, boot.Bootstrap, boot.Drain, boot.Shutdown}

// A span is one call of a hook.
type span struct {
	unit       int
	stage      int
	begin, end int // in the order of all events; end is 0 while it runs
	at         time.Time
	err        error
}

// A rig is a random application and what happened to it.
type rig struct {
	units []*unit
	opts  boot.Options
	waves []lifecycle.Priority // effective

	cancelAfter time.Duration // of Start's context; 0 does not
	stopAfter   time.Duration // Stop while it starts; 0 does not
	stopWithin  time.Duration // deadline of Stop's context; 0 has none

	mu      sync.Mutex
	clock   int
	spans   []*span
	startEr error
	stopErr error
	ready   bool
	health  health.Report
}

func newRig(r *rand.Rand) *rig {
	g := &rig{opts: boot.Options{Grace: grace, BootTimeout: time.Minute, ShutdownTimeout: time.Minute}}
	n := 1 + r.IntN(12)
	if r.IntN(10) == 0 {
		n = 1 + r.IntN(200)
	}
	calm := r.IntN(3) // 0: nothing goes wrong; 1: little; 2: much
	for i := range n {
		u := &unit{rig: g, id: i, wave: lifecycle.Normal, optional: r.IntN(3) == 0, plain: r.IntN(6) == 0, graceful: r.IntN(4) == 0}
		if r.IntN(4) == 0 {
			u.wave = lifecycle.Priority(r.IntN(4) * 20)
		}
		for j := range i {
			switch r.IntN(max(4, i/2)) {
			case 0:
				u.needs = append(u.needs, j)
			case 1:
				u.mays = append(u.mays, j)
			}
		}
		u.close()
		if r.IntN(5) == 0 {
			u.limit = time.Duration(1+r.IntN(20)) * time.Second
		}
		for s := range u.acts {
			u.acts[s] = randomAct(r, calm, n)
		}
		u.badBuild = calm > 0 && r.IntN(8*n) == 0
		g.units = append(g.units, u)
	}
	if r.IntN(6) == 0 {
		g.cancelAfter = time.Duration(1 + r.IntN(int(20*time.Second)))
	}
	if r.IntN(6) == 0 {
		g.stopAfter = time.Duration(1 + r.IntN(int(20*time.Second)))
	}
	if r.IntN(4) == 0 {
		g.stopWithin = time.Duration(1 + r.IntN(int(20*time.Second)))
	}
	g.order()
	return g
}

// close computes what a unit needs directly or not.
func (u *unit) close() {
	for _, j := range u.needs {
		u.closure = append(append(u.closure, j), u.rig.units[j].closure...)
	}
	for _, j := range slices.Concat(u.needs, u.mays) {
		u.order = append(append(u.order, j), u.rig.units[j].order...)
	}
	slices.Sort(u.closure)
	slices.Sort(u.order)
	u.closure, u.order = slices.Compact(u.closure), slices.Compact(u.order)
}

func randomAct(r *rand.Rand, calm, n int) act {
	a := act{takes: time.Duration(r.IntN(4)) * 700 * time.Millisecond}
	often := [...]int{0, 4 * n, 5}[calm]
	if often > 0 && r.IntN(often) == 0 {
		a.conduct = conduct(r.IntN(int(conducts)))
	}
	if a.conduct == ignorant {
		a.takes = time.Duration(1+r.IntN(300))*time.Second + grace/3
	}
	return a
}

// order computes the effective waves: needs come first whatever their priority.
func (g *rig) order() {
	g.waves = make([]lifecycle.Priority, len(g.units))
	for i, u := range g.units {
		g.waves[i] = u.wave
	}
	for i := len(g.units) - 1; i >= 0; i-- {
		if g.units[i].plain {
			continue // needs nothing itself
		}
		for _, j := range g.units[i].order {
			g.waves[j] = min(g.waves[j], g.waves[i])
		}
	}
}

// begin notes the call of a hook.
func (g *rig) begin(id, stage int) *span {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.clock++
	s := &span{unit: id, stage: stage, begin: g.clock, at: time.Now()}
	g.spans = append(g.spans, s)
	return s
}

func (g *rig) finish(s *span) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.clock++
	s.end = g.clock
}

var errExits = errors.New("exited")

// call runs a hook as its act says.
func (u *unit) call(ctx context.Context, stage int) error {
	s := u.rig.begin(u.id, stage)
	defer u.rig.finish(s)
	s.err = u.acts[stage].do(ctx, s)
	return s.err
}

func (a act) do(ctx context.Context, s *span) error {
	failure := fmt.Errorf("%w: %s of u%d", errBroken, stages[s.stage], s.unit)
	switch a.conduct {
	case lingers:
		<-ctx.Done()
		time.Sleep(a.takes)
		return ctx.Err()
	case ignorant:
		time.Sleep(a.takes)
		return nil
	}
	select {
	case <-time.After(a.takes):
	case <-ctx.Done():
		return ctx.Err()
	}
	switch a.conduct {
	case breaks:
		return failure
	case panics:
		s.err = failure
		panic(failure)
	case exits:
		s.err = errExits
		runtime.Goexit()
	}
	return nil
}

func (u *unit) name() string { return fmt.Sprintf("u%d", u.id) }

func (u *unit) keys() []di.Key {
	var ks []di.Key
	for _, j := range u.needs {
		ks = append(ks, di.KeyOf[*thing](u.rig.units[j].name()))
	}
	for _, j := range u.mays {
		ks = append(ks, di.Optional(di.KeyOf[*thing](u.rig.units[j].name())))
	}
	return ks
}

// A thing is the service of a unit. That of a graceful one shuts down by itself.
type thing struct{ unit *unit }

// Shutdown releases the thing.
func (t *thing) Shutdown(context.Context) error {
	t.unit.rig.mu.Lock()
	defer t.unit.rig.mu.Unlock()
	t.unit.tokens.released++
	return nil
}

func (u *unit) register(r di.Registrar) error {
	opts := []di.Option{di.Named(u.name()), di.Needs(u.keys()...)}
	if !u.graceful {
		opts = append(opts, di.Closed(func(ctx context.Context, t *thing) error { return t.Shutdown(ctx) }))
	}
	return di.Singleton(r, func(ctx context.Context, r di.Resolver) (*thing, error) {
		if err := u.resolveNeeds(ctx, r); err != nil {
			return nil, err
		}
		if u.badBuild {
			return nil, errBroken
		}
		u.rig.mu.Lock()
		defer u.rig.mu.Unlock()
		u.tokens.built++
		return &thing{u}, nil
	}, opts...)
}

func (u *unit) resolveNeeds(ctx context.Context, r di.Resolver) error {
	for _, j := range u.needs {
		if _, err := di.Get[*thing](ctx, r, u.rig.units[j].name()); err != nil {
			return err
		}
	}
	for _, j := range u.mays {
		if _, _, err := di.Maybe[*thing](ctx, r, u.rig.units[j].name()); err != nil {
			return err
		}
	}
	return nil
}

// bare is a provider without hooks, wired one with all.
type (
	bare  struct{ *unit }
	wired struct{ bare }
)

func (b bare) Name() string                     { return b.name() }
func (b bare) Register(r di.Registrar) error    { return b.register(r) }
func (b bare) Priority() lifecycle.Priority     { return b.wave }
func (b bare) Optional() bool                   { return b.optional }
func (b bare) Deadlines() (_, _ time.Duration)  { return b.limit, b.limit }
func (w wired) Needs() []di.Key                 { return w.keys() }
func (w wired) Drain(ctx context.Context) error { return w.call(ctx, 2) }

func (w wired) Boot(ctx context.Context, r di.Resolver) error {
	s := w.rig.begin(w.id, 0)
	defer w.rig.finish(s)
	s.err = errExits // unless it ends in another way
	if s.err = w.resolveNeeds(ctx, r); s.err == nil {
		s.err = errExits
		s.err = w.acts[0].do(ctx, s)
	}
	return s.err
}

func (w wired) Bootstrap(ctx context.Context, r di.Resolver) error {
	if err := w.resolveNeeds(ctx, r); err != nil {
		return err
	}
	return w.call(ctx, 1)
}

func (w wired) Shutdown(ctx context.Context) error { return w.call(ctx, 3) }

// run starts and stops the application.
func (g *rig) run(t *testing.T) {
	a := boot.New(g.opts)
	for _, u := range g.units {
		d := module.Descriptor{Name: u.name(), Needs: u.keys(), Exports: []di.Key{di.KeyOf[*thing](u.name())}}
		if u.plain {
			d.Providers = []lifecycle.Provider{bare{u}}
		} else {
			d.Providers = []lifecycle.Provider{wired{bare{u}}}
		}
		a.Add(d)
	}
	ctx := t.Context()
	if g.cancelAfter > 0 {
		c, cancel := context.WithTimeout(ctx, g.cancelAfter)
		defer cancel()
		ctx = c
	}
	stopped := make(chan error, 1)
	if g.stopAfter > 0 {
		go func() {
			time.Sleep(g.stopAfter)
			stopped <- a.Stop(t.Context())
		}()
	}
	g.startEr = a.Start(ctx)
	if g.startEr == nil {
		g.health = a.Health(t.Context(), health.Readiness)
	}
	ctx = t.Context()
	if g.stopWithin > 0 {
		c, cancel := context.WithTimeout(ctx, g.stopWithin)
		defer cancel()
		ctx = c
	}
	g.stopErr = a.Stop(ctx)
	if g.stopAfter > 0 {
		<-stopped
	}
	if a.State() != boot.Stopped && g.stopWithin == 0 {
		t.Errorf("after Stop the state is %v", a.State())
	}
	<-a.Done()
	time.Sleep(time.Hour) // those that were left end; a goroutine that does not end fails the test
}
