package sqldriver

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

type valueKey struct{}

// An ending has the values of its caller, and an end of its own.
func TestEnding(t *testing.T) {
	for what, wait := range map[string]func(e *ending){
		"Done":        func(e *ending) { <-e.Done() },
		"Err":         func(e *ending) { time.Sleep(time.Minute) },
		"a child":     func(e *ending) { child, cancel := context.WithCancel(e); defer cancel(); <-child.Done() },
		"AfterFunc":   func(e *ending) { c := make(chan bool); context.AfterFunc(e, func() { close(c) }); <-c },
		"Done, twice": func(e *ending) { <-e.Done(); <-e.Done() },
	} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(context.WithValue(t.Context(), valueKey{}, 7))
				cancel(errors.New("of the caller"))
				e := newEnding(ctx, time.Minute)
				start := time.Now()
				if e.Err() != nil || context.Cause(e) != nil || e.Value(valueKey{}) != 7 {
					t.Errorf("at first: %v, %v, %v", e.Err(), context.Cause(e), e.Value(valueKey{}))
				}
				wait(e)
				if d := time.Since(start); d != time.Minute {
					t.Errorf("it ended after %v", d)
				}
				if !errors.Is(e.Err(), context.DeadlineExceeded) || !errors.Is(context.Cause(e), context.DeadlineExceeded) {
					t.Errorf("at last: %v, %v", e.Err(), context.Cause(e))
				}
				<-e.Done()
				e.over()
			})
		})
	}
}

// What is over keeps no timer, and nobody waiting.
func TestEndingOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before, after := newEnding(t.Context(), time.Hour), newEnding(t.Context(), time.Hour)
		start, done := time.Now(), before.Done()
		before.over()
		after.over()
		<-done
		<-after.Done()
		if !errors.Is(before.Err(), context.Canceled) || !errors.Is(after.Err(), context.Canceled) || time.Since(start) != 0 {
			t.Errorf("%v, %v, after %v", before.Err(), after.Err(), time.Since(start))
		}
	})
}
