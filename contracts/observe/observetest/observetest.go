// Package observetest checks that an [observe.Sink] keeps its contract, and has
// one that remembers, for tests of instrumented code.
//
// A sink's whole conformance test is:
//
//	func TestConformance(t *testing.T) {
//		observetest.Run(t, func(t *testing.T) observe.Sink { return open(t) })
//	}
package observetest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/observe"
)

// Run checks every rule of [observe.Sink], each on a sink of its own, and those
// of [observe.Propagator] and [observe.Gauger] if it is one. newSink registers
// its own cleanup on t.
func Run(t *testing.T, newSink func(t *testing.T) observe.Sink, opts ...Option) {
	t.Helper()
	o := options{tick: time.Second}
	for _, opt := range opts {
		opt(&o)
	}
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			err := r.run(t.Context(), newSink(t), o.tick)
			if errors.Is(err, errors.ErrUnsupported) {
				t.Skipf("%v", err)
			}
			if err != nil {
				t.Errorf("%v\nobserve.Sink: %s", err, r.says)
			}
		})
	}
}

// An Option tells Run about the sink; there is none that turns a rule off.
type Option func(*options)

type options struct{ tick time.Duration }

// Tick sets how long a report may take before it counts as blocking, 1 s by default.
func Tick(d time.Duration) Option { return func(o *options) { o.tick = d } }

// A rule is one promise of the contract and the check that tries to break it.
type rule struct {
	name  string
	says  string // the promise, as the contract words it
	check func(ctx context.Context, s observe.Sink) error
}

// run bounds the check in time: a sink must not block.
func (r rule) run(ctx context.Context, s observe.Sink, tick time.Duration) error {
	done := make(chan error, 1)
	go func() { done <- errs.Catch(func() error { return r.check(ctx, s) }) }()
	late := time.NewTimer(tick)
	defer late.Stop()
	select {
	case err := <-done:
		return err
	case <-late.C:
		return fmt.Errorf("not done after %v", tick)
	}
}

var rules = []rule{
	{"context is a child", "Start … returns the context to run it in, a child of ctx", checkChild},
	{"context is not cancelled", "that Start and its end do not cancel", checkNotCancelled},
	{"end again", "further calls [of the end] do nothing", checkEndAgain},
	{"never blocks", "[It] must not block", checkVolume},
	{"never panics", "[It] must not … panic", checkOdd},
	{"attrs are the caller's", "[It must not] change the attrs it is given", checkAttrs},
	{"cancelled context", "What happens to ctx does not matter to it", checkCancelled},
	{"concurrent use", "It is safe for concurrent use", checkConcurrent},
	{"propagation", "A Propagator is a Sink whose traces cross processes, in the headers", checkPropagation},
	{"gauge stops", "until stop is called, which may be called again", checkGauge},
}

type ctxKey struct{}

var errFailed = errors.New("failed")

func checkChild(ctx context.Context, s observe.Sink) error {
	parent, cancel := context.WithCancel(context.WithValue(ctx, ctxKey{}, "kept"))
	defer cancel()
	child, end := s.Start(parent, "op")
	if child == nil || end == nil {
		return fmt.Errorf("Start = %v, %p, want a context and an end", child, end)
	}
	defer end(nil)
	if child.Value(ctxKey{}) != "kept" {
		return errors.New("the values of ctx are gone")
	}
	cancel()
	if child.Err() == nil {
		return errors.New("cancelling ctx does not reach the operation")
	}
	return nil
}

func checkNotCancelled(ctx context.Context, s observe.Sink) error {
	child, end := s.Start(ctx, "op")
	if err := child.Err(); err != nil {
		return fmt.Errorf("the operation begins cancelled: %w", err)
	}
	end(errFailed)
	if err := child.Err(); err != nil {
		return fmt.Errorf("the end cancels what goes on: %w", err)
	}
	return nil
}

func checkEndAgain(ctx context.Context, s observe.Sink) error {
	_, end := s.Start(ctx, "op")
	for _, err := range []error{errFailed, nil, errFailed} {
		end(err)
	}
	return nil
}

func checkVolume(ctx context.Context, s observe.Sink) error {
	for range 2000 {
		_, end := s.Start(ctx, "op")
		s.Count(ctx, "n", 1)
		s.Record(ctx, "seconds", 0.5)
		end(nil)
	}
	return nil
}

// explosive panics when a handler asks it for its value.
type explosive struct{}

func (explosive) LogValue() slog.Value { panic("a LogValuer of the application") }

func checkOdd(ctx context.Context, s observe.Sink) error {
	odd := []slog.Attr{{}, slog.Any("", nil), slog.Any("nil", (*time.Time)(nil)), slog.Group("g"), slog.Any("v", explosive{}), slog.Any("f", func() {})}
	for _, name := range []string{"", "a b", "ü\x00\n", "very." + string(make([]byte, 4096))} {
		_, end := s.Start(ctx, name, odd...)
		end(fmt.Errorf("%w\nsecond line", errFailed))
		for _, n := range []int64{0, -1, math.MaxInt64, math.MinInt64} {
			s.Count(ctx, name, n, odd...)
		}
		for _, f := range []float64{0, -1, math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64} {
			s.Record(ctx, name, f, odd...)
		}
	}
	return nil
}

func checkAttrs(ctx context.Context, s observe.Sink) error {
	attrs := []slog.Attr{slog.Int("b", 2), slog.Int("a", 1), slog.String("password", "x"), slog.Int("a", 3)}
	before := slices.Clone(attrs)
	_, end := s.Start(ctx, "op", attrs...)
	end(nil)
	s.Count(ctx, "n", 1, attrs...)
	s.Record(ctx, "v", 1, attrs...)
	if !slices.EqualFunc(attrs, before, slog.Attr.Equal) {
		return fmt.Errorf("the caller's attrs became %v", attrs)
	}
	return nil
}

func checkCancelled(ctx context.Context, s observe.Sink) error {
	ctx, cancel := context.WithCancel(context.WithValue(ctx, ctxKey{}, "kept"))
	cancel()
	child, end := s.Start(ctx, "op")
	if child == nil || end == nil {
		return fmt.Errorf("Start with an ended ctx = %v, %p", child, end)
	}
	if child.Value(ctxKey{}) != "kept" {
		return errors.New("the values of an ended ctx are gone")
	}
	s.Count(ctx, "n", 1)
	s.Record(ctx, "v", 1)
	end(ctx.Err())
	return nil
}

func checkConcurrent(ctx context.Context, s observe.Sink) error {
	failures := make([]error, 16)
	var wg sync.WaitGroup
	for i := range failures {
		wg.Go(func() {
			failures[i] = errs.Catch(func() error {
				for range 50 {
					child, end := s.Start(ctx, "op", slog.Int("i", i))
					s.Count(child, "n", 1)
					s.Record(child, "v", float64(i))
					end(nil)
				}
				return nil
			})
		})
	}
	wg.Wait()
	return errors.Join(failures...)
}

func checkPropagation(ctx context.Context, s observe.Sink) error {
	p, ok := s.(observe.Propagator)
	if !ok {
		return fmt.Errorf("%T is no Propagator: %w", s, errors.ErrUnsupported)
	}
	child, end := s.Start(ctx, "sender")
	defer end(nil)
	headers := map[string]string{"kept": "yes"}
	p.Inject(child, headers)
	if headers["kept"] != "yes" {
		return errors.New("Inject removed a header of somebody else's")
	}
	if len(headers) == 1 {
		return errors.New("Inject within an operation added nothing")
	}
	for _, h := range []map[string]string{headers, nil, {"traceparent": "\x00garbage"}} {
		there := p.Extract(context.WithValue(ctx, ctxKey{}, "kept"), h)
		if there == nil || there.Value(ctxKey{}) != "kept" {
			return fmt.Errorf("Extract(%v) lost the values of ctx", h)
		}
	}
	again := map[string]string{}
	p.Inject(p.Extract(ctx, headers), again)
	if len(again) == 0 {
		return errors.New("what Extract read from headers, Inject does not pass on")
	}
	return nil
}

func checkGauge(_ context.Context, s observe.Sink) error {
	g, ok := s.(observe.Gauger)
	if !ok {
		return fmt.Errorf("%T is no Gauger: %w", s, errors.ErrUnsupported)
	}
	var stopped, after atomic.Bool
	stop := g.Gauge("level", func() float64 {
		if stopped.Load() {
			after.Store(true)
		}
		return 1
	})
	if stop == nil {
		return errors.New("Gauge returned no stop")
	}
	stop()
	stopped.Store(true)
	stop()
	if l, ok := s.(interface{ Levels() map[string]float64 }); ok {
		l.Levels() // a sink that can be made to sample
	}
	if after.Load() {
		return errors.New("read was called after stop")
	}
	return nil
}
