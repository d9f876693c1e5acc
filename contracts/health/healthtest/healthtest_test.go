package healthtest

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/health"
)

// good is the smallest checker that keeps every rule.
func good(context.Context) health.Result {
	return health.Result{Status: health.Healthy, Message: "3 connections", Details: map[string]string{"host": "db"}}
}

func TestGood(t *testing.T) {
	Run(t, func(*testing.T) health.Checker { return health.CheckerFunc(good) })
}

// TestBroken gives each rule a checker that breaks it.
func TestBroken(t *testing.T) {
	shared := map[string]string{"host": "db"}
	var calls, inside atomic.Int64
	broken := map[string]health.CheckerFunc{
		"a component that works is ready": func(context.Context) health.Result { return health.Result{} },
		"deadline": func(ctx context.Context) health.Result {
			time.Sleep(time.Hour) // whatever ctx says
			return good(ctx)
		},
		"no panic": func(ctx context.Context) health.Result {
			if ctx.Err() != nil {
				panic("unexpected")
			}
			return good(ctx)
		},
		"no secrets": func(context.Context) health.Result {
			return health.Result{Status: health.Healthy, Details: map[string]string{"url": "redis://:hunter2@cache"}}
		},
		"details are the caller's": func(context.Context) health.Result {
			return health.Result{Status: health.Healthy, Details: shared}
		},
		"no side effect": func(ctx context.Context) health.Result {
			if calls.Add(1) > 5 {
				return health.Result{Status: health.Unhealthy, Message: "no connection left: the check closes none"}
			}
			return good(ctx)
		},
		"concurrent use": func(ctx context.Context) health.Result {
			defer inside.Add(-1)
			if inside.Add(1) > 1 {
				return health.Result{Status: health.Unhealthy, Message: "busy"}
			}
			time.Sleep(time.Millisecond)
			return good(ctx)
		},
	}
	for _, r := range rules {
		checker, ok := broken[r.name]
		if !ok {
			t.Errorf("rule %q: no checker breaks it, so nothing shows that its check works", r.name)
			continue
		}
		synctest.Test(t, func(t *testing.T) {
			if err := r.check(t.Context(), checker, time.Second); err == nil {
				t.Errorf("rule %q: the checker that breaks it passed", r.name)
			}
			time.Sleep(2 * time.Hour) // a bubble ends when all that it began has ended
		})
	}
}

func TestUnknownAfterEnd(t *testing.T) {
	checker := health.CheckerFunc(func(ctx context.Context) health.Result {
		if ctx.Err() != nil {
			return health.Result{}
		}
		return good(ctx)
	})
	if err := checkEnded(t.Context(), checker, time.Second); err == nil {
		t.Error("a checker that does not know passed")
	}
}
