package router_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/observe"
	"github.com/lexigram/lexigram-go/contracts/observe/observetest"
	"github.com/lexigram/lexigram-go/contracts/resilience"
	"github.com/lexigram/lexigram-go/lexigram-events/router"
)

var (
	errDown  = errs.New("TEST_001", errs.Unavailable, "down")
	errWrong = errs.New("TEST_002", errs.Invalid, "wrong")
)

func call(mw router.Middleware, h func(ctx context.Context) error) error {
	return mw(func(ctx context.Context, _ events.Event) error { return h(ctx) })(context.Background(), events.New("/", "a", nil))
}

func TestRetry(t *testing.T) {
	for name, c := range map[string]struct {
		cfg    resilience.RetryConfig
		answer func(call int) error
		calls  int
		fails  bool
	}{
		"success":         {answer: func(int) error { return nil }, calls: 1},
		"passes":          {answer: func(n int) error { return []error{errDown, errDown, nil}[n-1] }, calls: 3},
		"does not pass":   {answer: func(int) error { return errDown }, calls: 3, fails: true},
		"five":            {cfg: resilience.RetryConfig{MaxAttempts: 5}, answer: func(int) error { return errDown }, calls: 5, fails: true},
		"not of the kind": {answer: func(int) error { return errWrong }, calls: 1, fails: true},
		"of no kind":      {answer: func(int) error { return errors.New("x") }, calls: 1, fails: true},
		"by RetryIf":      {cfg: resilience.RetryConfig{RetryIf: func(error) bool { return true }}, answer: func(int) error { return errWrong }, calls: 3, fails: true},
		"poison":          {answer: func(int) error { return events.ErrPoison.Wrap(errDown, "x") }, calls: 1, fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				calls := 0
				err := call(router.Retry(c.cfg), func(context.Context) error { calls++; return c.answer(calls) })
				if calls != c.calls || (err != nil) != c.fails {
					t.Errorf("%d calls, %v", calls, err)
				}
			})
		})
	}
}

// The end of ctx ends the wait, with the handler's error.
func TestRetryEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		h := router.Timeout(time.Minute)(router.Retry(resilience.RetryConfig{MaxAttempts: 1 << 20, BaseDelay: time.Second, MaxDelay: time.Hour})(
			func(context.Context, events.Event) error { calls++; return errDown }))
		start := time.Now()
		if err := h(t.Context(), events.Event{}); !errors.Is(err, errDown) || time.Since(start) > time.Minute || calls < 2 {
			t.Errorf("%v after %v and %d calls", err, time.Since(start), calls)
		}
	})
}

func TestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		err := call(router.Timeout(time.Second), func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
		if errs.KindOf(err) != errs.Timeout {
			t.Errorf("%v", err)
		}
	})
}

func TestPoison(t *testing.T) {
	for _, c := range []struct {
		kinds []errs.Kind
		err   error
		want  bool
	}{
		{nil, nil, false},
		{nil, errWrong, true},
		{nil, errors.ErrUnsupported, true},
		{nil, errDown, false},
		{nil, errors.New("x"), false},
		{[]errs.Kind{errs.Unavailable}, errDown, true},
		{[]errs.Kind{errs.Unavailable}, errWrong, false},
	} {
		err := call(router.Poison(c.kinds...), func(context.Context) error { return c.err })
		if errors.Is(err, events.ErrPoison) != c.want || !errors.Is(err, c.err) {
			t.Errorf("%v of %v: %v", c.err, c.kinds, err)
		}
	}
}

// once is an inbox in memory.
type once map[string]bool

func (o once) Once(ctx context.Context, consumer string, ev events.Event, fn func(context.Context) error) error {
	if o[consumer+ev.ID] {
		return nil
	}
	err := fn(ctx)
	o[consumer+ev.ID] = err == nil
	return err
}

func TestDedupe(t *testing.T) {
	var calls int
	var fail error = errDown
	h := router.Dedupe(once{}, "mail")(func(context.Context, events.Event) error { calls++; return fail })
	ev := events.New("/", "a", nil)
	if err := h(t.Context(), ev); !errors.Is(err, errDown) {
		t.Errorf("%v", err)
	}
	fail = nil
	for range 3 {
		if err := h(t.Context(), ev); err != nil {
			t.Error(err)
		}
	}
	if calls != 2 {
		t.Errorf("called %d times", calls)
	}
}

func TestLog(t *testing.T) {
	var out bytes.Buffer
	log := router.Log(slog.New(slog.NewTextHandler(&out, nil)))
	boom := func(context.Context) error { panic("boom") }
	recovered := func(next events.Handler) events.Handler { return log(router.Recover(next)) }
	if err := call(recovered, boom); !errors.Is(err, errs.ErrPanic) || !strings.Contains(out.String(), "boom") || !strings.Contains(out.String(), "stack=") {
		t.Errorf("%v: %s", err, out.String())
	}
	out.Reset()
	if err := call(log, func(context.Context) error { return nil }); err != nil || out.Len() > 0 {
		t.Errorf("%v: %s", err, out.String())
	}
}

func TestTrace(t *testing.T) {
	var rec observetest.Recorder
	if err := call(router.Trace(observe.Observer{Sink: &rec}), func(context.Context) error { return errDown }); !errors.Is(err, errDown) {
		t.Error(err)
	}
	if span, ok := rec.Span("events.handle"); !ok || !errors.Is(span.Err, errDown) {
		t.Errorf("%+v, %v", span, ok)
	}
}

// The first middleware is the outermost; the panics of all are errors.
func TestOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var trail []string
		named := func(name string) router.Middleware {
			return func(next events.Handler) events.Handler {
				return func(ctx context.Context, ev events.Event) error {
					trail = append(trail, name)
					err := next(ctx, ev)
					if errors.Is(err, errs.ErrPanic) {
						trail = append(trail, name+" saw a panic")
					}
					return err
				}
			}
		}
		r, _ := open(t, named("a"), named("b"))
		if _, err := router.HandleNow(r, placed, func(context.Context, OrderPlaced) error { panic("c") }); err != nil {
			t.Fatal(err)
		}
		if err := router.Publish(t.Context(), r, placed, OrderPlaced{}); !errors.Is(err, errs.ErrPanic) {
			t.Error(err)
		}
		if got := strings.Join(trail, ", "); got != "a, b, b saw a panic, a saw a panic" {
			t.Error(got)
		}
	})
}
