package boot_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/core/boot"
)

func TestBootDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		began := time.Now()
		a := app(boot.Options{}, &d, &fake{name: "a", boot: waits(time.Hour), bootLimit: time.Second}, &fake{name: "b", boot: waits(time.Hour)})
		err := a.Start(t.Context())
		problem(t, err, context.DeadlineExceeded, `provider "a": boot: deadline of 1s exceeded`)
		if took := time.Since(began); took != time.Second {
			t.Errorf("took %v", took)
		}
		d.before(t, "boot:a", "shutdown:a")
	})
}

func TestDefaultDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		a := app(boot.Options{}, &diary{}, &fake{name: "a", shutdown: waits(time.Hour)})
		must(t, a.Start(t.Context()))
		problem(t, a.Stop(t.Context()), context.DeadlineExceeded, "deadline of 30s")
		if took := time.Since(began); took != 30*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

func TestHookIgnoresItsDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		a := app(boot.Options{}, &d, &fake{name: "a"}, &fake{name: "b", shutdown: ignores(time.Hour), stopLimit: time.Second, needs: []string{"a"}})
		must(t, a.Start(t.Context()))
		began := time.Now()
		err := a.Stop(t.Context())
		problem(t, err, boot.ErrStuck, `provider "b": shutdown`, "still running")
		if took := time.Since(began); took != 2*time.Second {
			t.Errorf("Stop took %v, want the deadline and the grace", took)
		}
		d.before(t, "shutdown:b", "shutdown:a")
		time.Sleep(time.Hour)
	})
}

func TestBootIgnoresItsDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		a := app(boot.Options{BootTimeout: time.Second, Grace: time.Minute}, &d, &fake{name: "a", boot: ignores(time.Hour)})
		began := time.Now()
		problem(t, a.Start(t.Context()), boot.ErrStuck, `provider "a": boot`)
		if took := time.Since(began); took != time.Second+time.Minute {
			t.Errorf("took %v", took)
		}
		d.before(t, "boot:a", "shutdown:a")
		time.Sleep(time.Hour)
	})
}

func TestStartContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		a := app(boot.Options{}, &d, &fake{name: "a", boot: waits(time.Hour)}, &fake{name: "b", needs: []string{"a"}})
		err := a.Start(ctx)
		problem(t, err, context.DeadlineExceeded, `provider "a": boot`)
		d.is(t, "boot:a shutdown:a")
	})
}

func TestStopContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		a := app(boot.Options{}, &d, &fake{name: "a"}, &fake{name: "b", shutdown: waits(time.Hour), needs: []string{"a"}})
		must(t, a.Start(t.Context()))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		problem(t, a.Stop(ctx), context.DeadlineExceeded, `provider "b": shutdown`)
		d.before(t, "shutdown:b", "shutdown:a")
		d.before(t, "shutdown:a", "close:a") // everything is called all the same
	})
}

func TestStopWhileStarting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		a := app(boot.Options{}, &d, &fake{name: "a", boot: waits(time.Hour)})
		done := make(chan error, 1)
		go func() { done <- a.Start(t.Context()) }()
		synctest.Wait()
		must(t, a.Stop(t.Context()))
		problem(t, <-done, context.Canceled, `provider "a": boot`)
		d.is(t, "boot:a shutdown:a")
	})
}

func TestSlowBuildEndsWithItsDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{name: "a", register: func(r di.Registrar) error {
			return di.Singleton(r, func(ctx context.Context, _ di.Resolver) (*token, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			})
		}}
		a := app(boot.Options{BootTimeout: time.Second}, &diary{}, f)
		problem(t, a.Start(t.Context()), context.DeadlineExceeded, "boot: build: ", `*boot_test.token (module "a", provider "a")`)
	})
}

// What is derived from a hook's context ends with it and says why.
func TestHookContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type key struct{}
		var kept, child context.Context
		f := &fake{name: "a", bootLimit: time.Second, boot: func(ctx context.Context) error {
			if deadline, ok := ctx.Deadline(); !ok || time.Until(deadline) != time.Second {
				t.Errorf("the deadline is %v", deadline)
			}
			if ctx.Value(key{}) != "value" {
				t.Error("the values of Start's context are lost")
			}
			var cancel, unused context.CancelFunc
			child, cancel = context.WithCancel(ctx)
			defer cancel()
			_, unused = context.WithCancel(ctx)
			unused()
			called := false
			stop := context.AfterFunc(ctx, func() { called = true })
			<-child.Done()
			if !errors.Is(child.Err(), context.DeadlineExceeded) || !errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
				t.Errorf("Err() = %v, Cause = %v", child.Err(), context.Cause(ctx))
			}
			synctest.Wait()
			if stop() || !called {
				t.Error("AfterFunc was not called")
			}
			late := make(chan struct{})
			context.AfterFunc(ctx, func() { close(late) })
			<-late
			return nil
		}}
		f.shutdown = func(ctx context.Context) error { kept = ctx; return nil }
		a := app(boot.Options{}, &diary{}, f)
		must(t, a.Start(context.WithValue(t.Context(), key{}, "value")), a.Stop(t.Context()))
		if !errors.Is(kept.Err(), context.Canceled) {
			t.Errorf("the context outlives its hook: %v", kept.Err())
		}
	})
}
