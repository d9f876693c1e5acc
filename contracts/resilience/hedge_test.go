package resilience_test

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/resilience"
)

// waits makes call n of an operation take and return what it says.
type waits struct {
	begun, ended atomic.Int64
	calls        []func(ctx context.Context) (int, error)
}

func (w *waits) call(ctx context.Context) (int, error) {
	defer w.ended.Add(1)
	return w.calls[w.begun.Add(1)-1](ctx)
}

func takes(d time.Duration, v int, err error) func(context.Context) (int, error) {
	return func(ctx context.Context) (int, error) {
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(d):
			return v, err
		}
	}
}

// stubborn does not look at its context.
func stubborn(d time.Duration, v int) func(context.Context) (int, error) {
	return func(context.Context) (int, error) { time.Sleep(d); return v, nil }
}

func TestHedge(t *testing.T) {
	const s = time.Second
	for name, tc := range map[string]struct {
		calls   []func(context.Context) (int, error)
		want    int
		err     error
		took    time.Duration
		started int64
	}{
		"a fast call is alone": {[]func(context.Context) (int, error){takes(s/2, 1, nil)}, 1, nil, s / 2, 1},
		"the second wins":      {[]func(context.Context) (int, error){takes(time.Hour, 1, nil), takes(s/2, 2, nil)}, 2, nil, 3 * s / 2, 2},
		"the first wins after all": {
			[]func(context.Context) (int, error){takes(5*s/2, 1, nil), takes(time.Hour, 2, nil), takes(time.Hour, 3, nil)}, 1, nil, 5 * s / 2, 3,
		},
		"one that fails does not end the others": {
			[]func(context.Context) (int, error){takes(3*s/2, 1, errDown), takes(3*s, 2, nil), takes(time.Hour, 3, nil)}, 2, nil, 4 * s, 3,
		},
		"all fail": {
			[]func(context.Context) (int, error){takes(3*s, 1, errDown), takes(s, 2, errors.New("2")), takes(s, 3, errors.New("3"))}, 1, errDown, 3 * s, 3,
		},
		"a fast failure is not hedged": {[]func(context.Context) (int, error){takes(s/2, 1, errDown)}, 1, errDown, s / 2, 1},
		"panics": {
			[]func(context.Context) (int, error){
				func(context.Context) (int, error) { time.Sleep(5 * s / 4); panic("boom") }, takes(s/2, 2, nil),
			}, 2, nil, 3 * s / 2, 2,
		},
		"goexits": {
			[]func(context.Context) (int, error){
				func(context.Context) (int, error) { runtime.Goexit(); return 0, nil },
			}, 0, resilience.ErrGoexit, 0, 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &waits{calls: tc.calls}
				p := &policy{after: s, calls: 3}
				begin := time.Now()
				got, err := resilience.DoHedged(t.Context(), p, w.call)
				if got != tc.want || !errors.Is(err, tc.err) || (err == nil) != (tc.err == nil) {
					t.Errorf("DoHedged = %v, %v, want %v, %v", got, err, tc.want, tc.err)
				}
				if took := time.Since(begin); took != tc.took {
					t.Errorf("it took %v, want %v", took, tc.took)
				}
				synctest.Wait() // the losers end with their contexts
				if w.begun.Load() != tc.started || w.ended.Load() != tc.started {
					t.Errorf("%d calls began and %d have ended, want %d", w.begun.Load(), w.ended.Load(), tc.started)
				}
			})
		})
	}
}

func TestHedgeReleasesLosers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &waits{calls: []func(context.Context) (int, error){stubborn(10*time.Second, 1), stubborn(3*time.Second, 2), stubborn(time.Hour, 3)}}
		p := &policy{after: time.Second, calls: 3}
		var released atomic.Int64
		got, err := resilience.DoHedged(t.Context(), p, w.call, resilience.Release(func(v int) { released.Add(int64(v)) }))
		if got != 2 || err != nil {
			t.Errorf("DoHedged = %v, %v", got, err)
		}
		if released.Load() != 0 {
			t.Error("a result was released before it was there")
		}
		time.Sleep(2 * time.Hour)
		if released.Load() != 1+3 {
			t.Errorf("released %d, want the results 1 and 3", released.Load())
		}
		if len(p.seen) != 6 {
			t.Errorf("each call passes the policy: %q", p.seen)
		}
	})
}

func TestHedgeEndsWithItsCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cause := errors.New("the caller left")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(2*time.Second, func() { cancel(cause) })
		var released atomic.Int64
		w := &waits{calls: []func(context.Context) (int, error){stubborn(time.Hour, 1), stubborn(time.Minute, 2)}}
		_, err := resilience.DoHedged(ctx, &policy{after: time.Second, calls: 2}, w.call, resilience.Release(func(v int) { released.Add(int64(v)) }))
		if !errors.Is(err, cause) || !errors.Is(err, resilience.Err) {
			t.Errorf("DoHedged = %v, want the caller's cause", err)
		}
		time.Sleep(2 * time.Hour)
		if released.Load() != 3 {
			t.Errorf("released %d, want 1 and 2", released.Load())
		}
	})
}

func TestHedgeRetriesAndFallsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &waits{calls: []func(context.Context) (int, error){takes(1, 0, errDown), takes(1, 0, errDown), takes(1, 0, errDown)}}
		got, err := resilience.DoHedged(t.Context(), &policy{after: time.Second, calls: 2, retries: 2}, w.call,
			resilience.Fallback(func(context.Context, error) (int, error) { return 9, nil }))
		if got != 9 || err != nil || w.begun.Load() != 3 {
			t.Errorf("DoHedged = %v, %v after %d calls", got, err, w.begun.Load())
		}
	})
}

func TestDoHedgedWithoutHedger(t *testing.T) {
	for name, p := range map[string]resilience.Policy{"nil": nil, "one call": &policy{after: 1, calls: 1}} {
		got, err := resilience.DoHedged(t.Context(), p, func(context.Context) (int, error) { return 4, nil })
		if got != 4 || err != nil {
			t.Errorf("%s: DoHedged = %v, %v", name, got, err)
		}
	}
}

// panicky panics where it should admit a call.
type panicky struct{}

func (panicky) Enter(context.Context) (context.Context, resilience.Pass, error) { panic("no tenant") }

func (panicky) Exit(_ context.Context, _ resilience.Pass, err error) error { return err }

func (panicky) Hedge() (time.Duration, int) { return time.Hour, 2 }

// TestHedgeSurvivesItsPolicy: nobody else can recover a panic in a goroutine of DoHedged.
func TestHedgeSurvivesItsPolicy(t *testing.T) {
	_, err := resilience.DoHedged(t.Context(), panicky{}, func(context.Context) (int, error) { return 1, nil })
	if p, ok := errors.AsType[*errs.PanicError](err); !ok || p.Value != "no tenant" {
		t.Error(err)
	}
}
