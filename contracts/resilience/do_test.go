package resilience_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/resilience"
)

var errDown = errors.New("down")

// A policy notes what Do tells it, and retries so many times.
type policy struct {
	retries int
	refuse  error
	after   time.Duration
	calls   int

	mu   sync.Mutex
	seen []string
}

func (p *policy) note(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen = append(p.seen, fmt.Sprintf(format, args...))
}

func (p *policy) Enter(ctx context.Context) (context.Context, resilience.Pass, error) {
	p.note("enter")
	return ctx, resilience.Pass{Mark: 7}, p.refuse
}

func (p *policy) Exit(_ context.Context, pass resilience.Pass, err error) error {
	p.note("exit %d %v", pass.Mark, err)
	return err
}

func (p *policy) Retry(_ context.Context, attempts int, err error) error {
	p.note("retry %d", attempts)
	if attempts > p.retries {
		return err
	}
	return nil
}

func (p *policy) Hedge() (time.Duration, int) { return p.after, p.calls }

func (p *policy) saw(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(p.seen, want) {
		t.Errorf("the policy saw %q, want %q", p.seen, want)
	}
}

func TestDo(t *testing.T) {
	p := &policy{retries: 2}
	calls := 0
	got, err := resilience.Do(t.Context(), p, func(context.Context) (int, error) {
		if calls++; calls < 3 {
			return 0, errDown
		}
		return calls, nil
	})
	if got != 3 || err != nil {
		t.Errorf("Do = %v, %v", got, err)
	}
	p.saw(t, "enter", "exit 7 down", "retry 1", "enter", "exit 7 down", "retry 2", "enter", "exit 7 <nil>")
}

func TestDoGivesUp(t *testing.T) {
	p := &policy{retries: 1}
	got, err := resilience.Do(t.Context(), p, func(context.Context) (int, error) { return 5, errDown })
	if got != 5 || err != errDown {
		t.Errorf("Do = %v, %v", got, err)
	}
	p.saw(t, "enter", "exit 7 down", "retry 1", "enter", "exit 7 down", "retry 2")
}

func TestDoRefused(t *testing.T) {
	p := &policy{refuse: resilience.ErrOpen}
	got, err := resilience.Do(t.Context(), p, func(context.Context) (int, error) {
		t.Error("the refused call was made")
		return 5, nil
	})
	if got != 0 || !errors.Is(err, resilience.ErrOpen) {
		t.Errorf("Do = %v, %v", got, err)
	}
	p.saw(t, "enter", "retry 1")
}

func TestDoWithoutPolicy(t *testing.T) {
	calls := 0
	err := resilience.Run(t.Context(), nil, func(context.Context) error { calls++; return errDown })
	if calls != 1 || err != errDown {
		t.Errorf("%d calls, %v", calls, err)
	}
}

func TestPanicIsAFailure(t *testing.T) {
	p := &policy{retries: 1}
	_, err := resilience.Do(t.Context(), p, func(context.Context) (int, error) { panic("boom") })
	if e, ok := errors.AsType[*errs.PanicError](err); !ok || !strings.Contains(string(e.Stack), "TestPanicIsAFailure") {
		t.Errorf("Do = %v, want a PanicError with the stack of the call", err)
	}
	p.saw(t, "enter", "exit 7 panic: boom", "retry 1", "enter", "exit 7 panic: boom", "retry 2")
}

func TestGoexitIsAFailure(t *testing.T) {
	p := &policy{retries: 1}
	returned := true
	var wg sync.WaitGroup
	wg.Go(func() {
		returned = false
		_, _ = resilience.Do(t.Context(), p, func(context.Context) (int, error) { runtime.Goexit(); return 0, nil })
		returned = true
	})
	wg.Wait()
	if returned {
		t.Error("Goexit was stopped")
	}
	p.saw(t, "enter", "exit 7 "+resilience.ErrGoexit.Error())
}

func TestFallback(t *testing.T) {
	fails := func(context.Context) (int, error) { return 0, errDown }
	other := errors.New("no cache either")
	for name, tc := range map[string]struct {
		fallback func(context.Context, error) (int, error)
		value    int
		is       []error
		text     string
	}{
		"helps":     {func(context.Context, error) (int, error) { return 7, nil }, 7, nil, ""},
		"declines":  {func(_ context.Context, err error) (int, error) { return 1, err }, 1, []error{errDown}, "down"},
		"fails too": {func(context.Context, error) (int, error) { return 0, other }, 0, []error{errDown, other, resilience.ErrFallback}, "resilience: fallback: no cache either; down"},
		"panics":    {func(context.Context, error) (int, error) { panic("boom") }, 0, []error{errDown, errs.ErrPanic, resilience.ErrFallback}, "resilience: fallback: panic: boom; down"},
	} {
		p := &policy{retries: 1}
		v, err := resilience.Do(t.Context(), p, fails, resilience.Fallback(tc.fallback))
		if v != tc.value || (err == nil) != (tc.is == nil) {
			t.Errorf("%s: Do = %v, %v", name, v, err)
		}
		for _, is := range tc.is {
			if !errors.Is(err, is) {
				t.Errorf("%s: %v does not match %v", name, err, is)
			}
		}
		if err != nil && err.Error() != tc.text {
			t.Errorf("%s: %v, want %s", name, err, tc.text)
		}
		if len(p.seen) != 6 {
			t.Errorf("%s: the fallback came before the retries: %q", name, p.seen)
		}
	}
	if v, err := resilience.Do(t.Context(), nil, func(context.Context) (int, error) { return 3, nil },
		resilience.Fallback(func(context.Context, error) (int, error) { t.Error("called after a success"); return 0, nil })); v != 3 || err != nil {
		t.Errorf("Do = %v, %v", v, err)
	}
}

type busy struct{ after time.Duration }

func (busy) Error() string               { return "busy" }
func (b busy) RetryAfter() time.Duration { return b.after }

func TestRetryAfter(t *testing.T) {
	for _, tc := range []struct {
		err  error
		want time.Duration
		ok   bool
	}{
		{nil, 0, false},
		{errDown, 0, false},
		{busy{0}, 0, false},
		{fmt.Errorf("get: %w", errors.Join(errDown, busy{time.Second})), time.Second, true},
	} {
		if got, ok := resilience.RetryAfter(tc.err); ok != tc.ok || ok && got != tc.want {
			t.Errorf("RetryAfter(%v) = %v, %v", tc.err, got, ok)
		}
	}
}

func TestAnswered(t *testing.T) {
	for kind := errs.Unknown; kind <= errs.Internal; kind++ {
		want := false
		switch kind {
		case errs.Invalid, errs.NotFound, errs.Conflict, errs.Denied, errs.Unauthenticated, errs.Unsupported:
			want = true
		}
		if got := resilience.Answered(errs.New("", kind, "x")); got != want {
			t.Errorf("Answered(%v) = %v", kind, got)
		}
	}
	if !resilience.Answered(nil) || resilience.Answered(context.DeadlineExceeded) {
		t.Error("nil is an answer, and a deadline is none")
	}
}
