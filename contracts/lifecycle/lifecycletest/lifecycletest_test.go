package lifecycletest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
)

// good is the smallest provider with every optional interface that keeps every rule.
type good struct{ stop, done, failed chan struct{} }

type (
	product struct{}
	other   struct{}
	extra   struct{}
)

func newGood() *good { return &good{failed: make(chan struct{})} }

func (*good) Name() string { return "good" }
func (*good) Needs() []di.Key {
	return []di.Key{di.KeyOf[*other](), di.Optional(di.KeyOf[*extra]())}
}

func (*good) Priority() lifecycle.Priority          { return lifecycle.Normal }
func (g *good) Failed() <-chan struct{}             { return g.failed }
func (*good) Deadlines() (boot, stop time.Duration) { return time.Second, 0 }

func (*good) Optional() bool                               { return true }
func (*good) Bootstrap(context.Context, di.Resolver) error { return nil }
func (*good) Drain(context.Context) error                  { return nil }

func (*good) Register(r di.Registrar) error {
	return di.Singleton(r, func(context.Context, di.Resolver) (*product, error) { return &product{}, nil })
}

func (g *good) Boot(ctx context.Context, r di.Resolver) error {
	_, err := di.Get[*other](ctx, r)
	if _, found, failed := di.Maybe[*extra](ctx, r); found || err != nil || failed != nil {
		return errors.Join(err, failed)
	}
	g.stop, g.done = make(chan struct{}), make(chan struct{})
	go func(stop, done chan struct{}) { defer close(done); <-stop }(g.stop, g.done)
	return nil
}

func (g *good) Shutdown(ctx context.Context) error {
	if g.stop == nil {
		return nil
	}
	close(g.stop)
	<-g.done
	g.stop = nil
	return nil
}

// services has what good's Boot needs, and product, which it does not need.
type services struct{}

func (services) Resolve(_ context.Context, key di.Key) (any, error) {
	switch key {
	case di.KeyOf[*other]():
		return &other{}, nil
	case di.KeyOf[*product]():
		return &product{}, nil
	}
	return nil, di.ErrMissing.Wrap(nil, "di: resolve %v", key)
}

// finder tells what is there without resolving it.
type finder struct{ services }

func (finder) Has(key di.Key) (bool, error) { return key != di.KeyOf[*extra](), nil }

func TestGoodWithFinder(t *testing.T) {
	Run(t, func(*testing.T) lifecycle.Provider { return newGood() },
		Booting(func(*testing.T) di.Resolver { return finder{} }))
}

// A binding provider has its product once it has booted.
type binding struct{ *good }

func (b binding) Boot(ctx context.Context, r di.Resolver) error {
	return errors.Join(b.good.Boot(ctx, r), di.Bind(r, &product{}))
}

// binder keeps what is bound.
type binder struct {
	finder
	bound map[di.Key]any
}

func (b binder) Bind(key di.Key, value any) error {
	b.bound[key] = value
	return nil
}

func TestGoodThatBinds(t *testing.T) {
	all := binder{bound: map[di.Key]any{}}
	Run(t, func(*testing.T) lifecycle.Provider { return binding{newGood()} },
		Booting(func(*testing.T) di.Resolver { return all }))
	if all.bound[di.KeyOf[*product]()] == nil {
		t.Error("the resolver was not asked to bind")
	}
	if err := di.Bind(lookup{services{}}, &product{}); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("with a resolver that cannot: %v", err)
	}
}

func TestGood(t *testing.T) {
	Run(t, func(*testing.T) lifecycle.Provider { return newGood() },
		Booting(func(*testing.T) di.Resolver { return services{} }))
}

func TestRunStopper(t *testing.T) {
	RunStopper(t, func(*testing.T) lifecycle.Stopper { return newGood() })
	checked := 0
	for _, r := range rules {
		if r.stops && !r.boots {
			checked++
		}
	}
	if checked != 3 {
		t.Errorf("%d rules are of a service, want 3", checked)
	}
}

func TestCheck(t *testing.T) {
	if err := Check(t.Context(), func() lifecycle.Provider { return newGood() }); err != nil {
		t.Error(err)
	}
	if err := Check(t.Context(), func() lifecycle.Provider { return &counting{good: newGood()} }); err == nil {
		t.Error("Check passes a provider that registers something else each time")
	}
}

// Each broken provider breaks one rule; the suite must say so by that rule's name.
type (
	nameless struct{ *good }
	counting struct {
		*good
		n int
	}
	starred        struct{ *good }
	unbuildable    struct{ *good }
	closedEachTime struct{ *good }
	resolving      struct{ *good }
	deaf           struct{ *good }
	typeless       struct{ *good }
	hurried        struct{ *good }
	shifty         struct {
		*good
		n int
	}
	needsBoot struct{ *good }
	onceOnly  struct {
		*good
		n int
	}
	panicsEnded struct{ *good }
	hangs       struct{ *good }
	keeps       struct{ *good }
	greedy      struct{ *good }
	sleepsBoot  struct{ *good }
	waits       struct{ *good }
	unsteady    struct{ *good }
	mute        struct{ *good }
	alarmed     struct{ *good }
	wanton      struct {
		*good
		registered bool
	}
	rash          struct{ *good }
	curious       struct{ *good }
	peeking       struct{ *good }
	unfinished    struct{ *good }
	drainsInPanic struct{ *good }
	drainsTooLong struct{ *good }
)

// wanton is optional until it registers.
func (w *wanton) Optional() bool { return !w.registered }

func (w *wanton) Register(r di.Registrar) error {
	w.registered = true
	return w.good.Register(r)
}

func (rash) Bootstrap(ctx context.Context, r di.Resolver) error {
	_, err := di.Get[*product](ctx, r)
	return err
}

func (unfinished) Drain(context.Context) error { return errors.New("there is work left") }

func (drainsInPanic) Drain(ctx context.Context) error {
	if ctx.Err() != nil {
		panic(ctx.Err())
	}
	return nil
}

func (drainsTooLong) Drain(ctx context.Context) error {
	if ctx.Err() != nil {
		time.Sleep(time.Hour)
	}
	return nil
}

func (unsteady) Failed() <-chan struct{} { return make(chan struct{}) }

func (mute) Failed() <-chan struct{} { return nil }

// alarmed calls it a failure that it was shut down.
func (a alarmed) Shutdown(ctx context.Context) error {
	if a.stop != nil {
		close(a.failed)
	}
	return a.good.Shutdown(ctx)
}

func (nameless) Name() string { return "" }

func (c *counting) Register(r di.Registrar) error {
	c.n++
	return di.Value(r, &product{}, di.Named(fmt.Sprint(c.n)))
}

func (starred) Register(r di.Registrar) error { return di.Value(r, &product{}, di.Named("*")) }

func (curious) Register(r di.Registrar) error {
	if f, ok := r.(di.Finder); ok {
		_, _ = f.Has(di.KeyOf[*other]())
	}
	return nil
}

func (peeking) Boot(ctx context.Context, r di.Resolver) error {
	_, _, _ = di.Maybe[*product](ctx, r)
	return nil
}

func (unbuildable) Register(r di.Registrar) error {
	return r.Register(di.Registration{Key: di.KeyOf[*product]()})
}

func (closedEachTime) Register(r di.Registrar) error {
	return di.Transient(r, newService, di.Closed(func(context.Context, *product) error { return nil }))
}

func (resolving) Register(r di.Registrar) error {
	if res, ok := r.(di.Resolver); ok {
		_, _ = res.Resolve(context.Background(), di.KeyOf[*other]())
	}
	return nil
}

func (d deaf) Register(r di.Registrar) error {
	_ = d.good.Register(r)
	return nil
}

func (typeless) Needs() []di.Key { return []di.Key{{}} }

func (hurried) Deadlines() (boot, stop time.Duration) { return -1, 0 }

func (s *shifty) Priority() lifecycle.Priority { s.n++; return lifecycle.Priority(s.n) }

func (n needsBoot) Shutdown(ctx context.Context) error {
	close(n.stop) // of a nil channel, before Boot
	return nil
}

func (o *onceOnly) Shutdown(ctx context.Context) error {
	if o.n++; o.n > 1 {
		return errors.New("already stopped")
	}
	return o.good.Shutdown(ctx)
}

func (p panicsEnded) Shutdown(ctx context.Context) error {
	if ctx.Err() != nil {
		panic(ctx.Err())
	}
	return p.good.Shutdown(ctx)
}

func (h hangs) Shutdown(ctx context.Context) error {
	if ctx.Err() != nil {
		time.Sleep(time.Hour)
	}
	return h.good.Shutdown(ctx)
}

// keeps closes its channel a second time after Boot.
func (k keeps) Shutdown(ctx context.Context) error {
	if k.stop != nil {
		close(k.stop)
	}
	return nil
}

func (g greedy) Boot(ctx context.Context, r di.Resolver) error {
	_, _ = di.Get[*product](ctx, r)
	return g.good.Boot(ctx, r)
}

func (sleepsBoot) Boot(context.Context, di.Resolver) error {
	time.Sleep(time.Hour)
	return nil
}

// waits for its work although ctx has ended.
func (w waits) Shutdown(ctx context.Context) error {
	if w.stop != nil && ctx.Err() != nil {
		time.Sleep(time.Hour)
	}
	return w.good.Shutdown(ctx)
}

type wavering struct {
	*good
	n int
}

func (w *wavering) Needs() []di.Key {
	if w.n++; w.n > 1 {
		return nil
	}
	return w.good.Needs()
}

func TestBroken(t *testing.T) {
	broken := map[string][]lifecycle.Provider{
		"name":                                {nameless{newGood()}},
		"registrations":                       {starred{newGood()}, unbuildable{newGood()}, closedEachTime{newGood()}},
		"register twice":                      {&counting{good: newGood()}},
		"register resolves nothing":           {resolving{newGood()}, curious{newGood()}},
		"refused registration":                {deaf{newGood()}},
		"needs":                               {typeless{newGood()}, &wavering{good: newGood()}},
		"priority and deadlines":              {hurried{newGood()}, &shifty{good: newGood()}},
		"optional":                            {&wanton{good: newGood()}},
		"bootstrap resolves its needs":        {rash{newGood()}},
		"whole life":                          {unfinished{newGood()}},
		"drain with ended ctx":                {drainsInPanic{newGood()}, drainsTooLong{newGood()}},
		"failed before boot":                  {unsteady{newGood()}, mute{newGood()}},
		"failed after shutdown":               {alarmed{newGood()}},
		"shutdown before boot":                {needsBoot{newGood()}},
		"shutdown twice before boot":          {&onceOnly{good: newGood()}},
		"shutdown before boot with ended ctx": {panicsEnded{newGood()}, hangs{newGood()}},
		"shutdown after boot":                 {keeps{newGood()}},
		"boot resolves its needs":             {greedy{newGood()}, peeking{newGood()}},
		"boot with ended ctx":                 {sleepsBoot{newGood()}},
		"shutdown with ended ctx":             {waits{newGood()}},
	}
	for _, r := range rules {
		if len(broken[r.name]) == 0 {
			t.Errorf("rule %q: no provider breaks it, so nothing shows that its check works", r.name)
		}
		for _, p := range broken[r.name] {
			synctest.Test(t, func(t *testing.T) {
				if err := r.check(t.Context(), subject{Provider: p, resolver: finder{}, tick: time.Second}); err == nil {
					t.Errorf("rule %q: %T, which breaks it, passed", r.name, p)
				}
				time.Sleep(2 * time.Hour) // those that hang end
			})
		}
	}
}

func newService(context.Context, di.Resolver) (*product, error) { return &product{}, nil }
