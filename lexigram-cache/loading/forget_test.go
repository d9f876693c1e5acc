package loading_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/lexigram-cache/loading"
)

func TestForgetBeatsALoadThatRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		c := newCache[string](t, s, loading.Options{})
		old := func(context.Context, string) (string, error) { time.Sleep(time.Minute); return "old", nil }
		go func() { _, _ = c.Fetch(t.Context(), "k", old) }()
		synctest.Wait()
		if err := c.Forget(t.Context(), "k"); err != nil {
			t.Fatal(err)
		}
		fresh := func(context.Context, string) (string, error) { return "new", nil }
		if v, err := c.Fetch(t.Context(), "k", fresh); v != "new" || err != nil {
			t.Errorf("Fetch after Forget = %q, %v, want the new value", v, err)
		}
		time.Sleep(time.Hour)
		if v, err := c.Fetch(t.Context(), "k", never[string](t)); v != "new" || err != nil {
			t.Errorf("Fetch = %q, %v: a load that began before Forget was stored", v, err)
		}
	})
}

func TestForgetWaitsForAStoreThatRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		s.before = func(op, _ string) error {
			if op == "set" {
				time.Sleep(time.Minute)
			}
			return nil
		}
		c := newCache[int](t, s, loading.Options{})
		go func() { _, _ = c.Fetch(t.Context(), "k", func(context.Context, string) (int, error) { return 1, nil }) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := c.Forget(ctx, "other"); err != nil {
			t.Errorf("Forget of another key = %v", err)
		}
		if err := c.Forget(t.Context(), "k"); err != nil || len(s.entries) > 0 {
			t.Errorf("Forget = %v; the store has %q", err, s.entries)
		}
	})
}

func TestForgetGivesUpWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		s.before = func(op, _ string) error {
			if op == "set" {
				time.Sleep(time.Minute)
			}
			return nil
		}
		c := newCache[int](t, s, loading.Options{})
		go func() { _, _ = c.Fetch(t.Context(), "k", func(context.Context, string) (int, error) { return 1, nil }) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := c.Forget(ctx, "k"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Forget with a deadline = %v", err)
		}
		time.Sleep(time.Hour)
	})
}
