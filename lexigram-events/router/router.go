package router

import (
	"context"
	"errors"
	"mime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/lexigram/lexigram-go/contracts/codec"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/events"
)

// Options say how a [Router] behaves. Source and Codec are needed.
type Options struct {
	Source     string       // of events: the URI reference of this producer, such as "/orders"
	Codec      codec.Codec  // of values
	Format     string       // the media type of what Codec writes; "" is application/json
	Middleware []Middleware // around every handler, the first outermost
}

// A Router is a bus of values over a bus of events. Itself it is an
// [events.Publisher], [events.Subscriber] and [events.Deliverer], for events
// that have no Go type, and the [events.Consumer] of all of its subscriptions. It is
// safe for concurrent use; make one with [New].
type Router struct {
	pub  events.Publisher
	sub  events.Subscriber
	opts Options
	now  atomic.Pointer[[]*immediate] // replaced, never changed

	mu      sync.Mutex
	stopped bool
	live    map[events.Consumer]struct{}
	ended   error         // of subscriptions that ended by themselves
	closed  chan struct{} // closed when stopped and no consumer lives
}

var (
	_ events.Publisher  = (*Router)(nil)
	_ events.Subscriber = (*Router)(nil)
	_ events.Deliverer  = (*Router)(nil)
	_ events.Consumer   = (*Router)(nil)
)

// An immediate is a handler that Publish calls.
type immediate struct {
	pattern string
	handler events.Handler
}

// New returns a router over a publisher and a subscriber, which may be one
// value. Either may be nil: methods that need it return errors wrapping
// errors.ErrUnsupported. Options that are not whole are an error wrapping
// [events.ErrInvalid].
func New(p events.Publisher, s events.Subscriber, opts Options) (*Router, error) {
	switch {
	case opts.Source == "":
		return nil, events.ErrInvalid.Wrap(nil, "router: Source is empty: it names the producer, such as \"/orders\"")
	case opts.Codec == nil:
		return nil, events.ErrInvalid.Wrap(nil, "router: Codec is nil")
	case slices.ContainsFunc(opts.Middleware, func(m Middleware) bool { return m == nil }):
		return nil, events.ErrInvalid.Wrap(nil, "router: a middleware is nil")
	}
	opts.Middleware = slices.Clone(opts.Middleware)
	r := &Router{pub: p, sub: s, opts: opts, live: map[events.Consumer]struct{}{}, closed: make(chan struct{})}
	r.now.Store(new([]*immediate))
	return r, nil
}

// Publish calls the handlers of [HandleNow] and then publishes evs.
func (r *Router) Publish(ctx context.Context, evs ...events.Event) error {
	if r.pub == nil {
		return events.Err.Wrap(errors.ErrUnsupported, "router: publish: there is no publisher")
	}
	if err := r.first(ctx, evs); err != nil {
		return err
	}
	return r.pub.Publish(ctx, evs...)
}

// Deliver calls the handlers of [HandleNow] and then delivers evs, or returns an error
// wrapping errors.ErrUnsupported if the publisher is no [events.Deliverer].
func (r *Router) Deliver(ctx context.Context, evs ...events.Event) error {
	d, ok := events.AsDeliverer(ctx, r.pub)
	if !ok {
		return events.Err.Wrap(errors.ErrUnsupported, "router: deliver: the publisher is no events.Deliverer")
	}
	if err := r.first(ctx, evs); err != nil {
		return err
	}
	return d.Deliver(ctx, evs...)
}

// first calls the immediate handlers.
func (r *Router) first(ctx context.Context, evs []events.Event) error {
	now := *r.now.Load()
	if len(now) == 0 {
		return nil
	}
	for i := range evs {
		if err := events.Check(evs[i]); err != nil {
			return err
		}
	}
	for i := range evs {
		for _, h := range now {
			if !events.Match(h.pattern, evs[i].Type) {
				continue
			}
			if ctx.Err() != nil {
				return events.Err.Wrap(context.Cause(ctx), "router: publish %q", evs[i].ID)
			}
			if err := h.handler(ctx, evs[i]); err != nil {
				return events.Err.Wrap(err, "router: publish %q: handler of %q", evs[i].ID, h.pattern)
			}
		}
	}
	return nil
}

func (r *Router) handleNow(pattern string, h events.Handler) (stop func()) {
	im := &immediate{pattern, h}
	r.mu.Lock()
	defer r.mu.Unlock()
	next := append(slices.Clone(*r.now.Load()), im)
	r.now.Store(&next)
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		rest := slices.DeleteFunc(slices.Clone(*r.now.Load()), func(x *immediate) bool { return x == im })
		r.now.Store(&rest)
	}
}

// Subscribe subscribes h, with the middleware of r. A router that was stopped is
// an error wrapping [events.ErrClosed].
func (r *Router) Subscribe(ctx context.Context, s events.Subscription, h events.Handler) (events.Consumer, error) {
	if r.sub == nil {
		return nil, events.Err.Wrap(errors.ErrUnsupported, "router: subscribe: there is no subscriber")
	}
	if h == nil {
		return nil, events.ErrInvalid.Wrap(nil, "router: subscribe group %q: the handler is nil", s.Group)
	}
	if r.isStopped() {
		return nil, closedErr(s.Group)
	}
	c, err := r.sub.Subscribe(ctx, s, r.within(h))
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stopped { // meanwhile
		c.Stop()
		return nil, closedErr(s.Group)
	}
	r.live[c] = struct{}{}
	go r.watch(c)
	return c, nil
}

func (r *Router) isStopped() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stopped
}

func closedErr(group string) error {
	return events.ErrClosed.Wrap(nil, "router: subscribe group %q", group)
}

// watch forgets c when it has ended.
func (r *Router) watch(c events.Consumer) {
	<-c.Closed()
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.live, c)
	r.ended = errors.Join(r.ended, c.Err())
	r.close()
}

func (r *Router) close() {
	if !r.stopped || len(r.live) > 0 {
		return
	}
	select {
	case <-r.closed:
	default:
		close(r.closed)
	}
}

// Stop stops every subscription, and lets none begin; see [events.Consumer].
func (r *Router) Stop() {
	for _, c := range r.end() {
		c.Stop()
	}
}

// Drain drains every subscription, all at once, and lets none begin; see
// [events.Consumer]. The errors are joined.
func (r *Router) Drain(ctx context.Context) error {
	live := r.end()
	failed := make([]error, len(live))
	var wg sync.WaitGroup
	for i, c := range live {
		wg.Go(func() { failed[i] = c.Drain(ctx) })
	}
	wg.Wait()
	return errors.Join(failed...)
}

// end lets no subscription begin and returns those that there are.
func (r *Router) end() []events.Consumer {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stopped = true
	r.close()
	live := make([]events.Consumer, 0, len(r.live))
	for c := range r.live {
		live = append(live, c)
	}
	return live
}

// Closed is closed when the router was stopped or drained and the last handler has returned.
func (r *Router) Closed() <-chan struct{} { return r.closed }

// Err joins what ended subscriptions; see [events.Consumer].
func (r *Router) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ended
}

// within puts the middleware around h. A panic of h, and of a middleware, is an error.
func (r *Router) within(h events.Handler) events.Handler {
	if len(r.opts.Middleware) > 0 {
		h = Recover(h)
		for _, mw := range slices.Backward(r.opts.Middleware) {
			h = mw(h)
		}
	}
	return func(ctx context.Context, ev events.Event) error {
		ctx = &handling{Context: ctx, ev: ev}
		return errs.Catch(func() error { return h(ctx, ev) })
	}
}

// mediaType returns s without its parameters; "" is JSON.
func mediaType(s string) string {
	if s == "" {
		return "application/json"
	}
	if m, _, err := mime.ParseMediaType(s); err == nil {
		return m
	}
	return s
}
