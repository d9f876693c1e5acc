package storemodule

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestSweeper(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s sweeper
		n := 0
		s.start(time.Minute, func(context.Context) { n++ })
		s.start(time.Minute, func(context.Context) { t.Error("it began twice") })
		time.Sleep(100 * time.Minute)
		synctest.Wait()
		if n < 60 || n > 200 {
			t.Errorf("%d times in 100 minutes, want about 100", n)
		}
		for range 2 {
			if err := s.stop(t.Context()); err != nil {
				t.Error(err)
			}
		}
		before := n
		time.Sleep(time.Hour)
		if n != before {
			t.Error("it goes on after stop")
		}
	})
}

func TestSweeperStopsFirst(t *testing.T) {
	var s sweeper
	if err := s.stop(t.Context()); err != nil {
		t.Error(err)
	}
	s.start(time.Nanosecond, func(context.Context) { t.Error("it began after stop") })
	if s.done != nil {
		t.Error("it began after stop")
	}
}

// TestSweeperIsStuck has work that does not hear of its context.
func TestSweeperIsStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s sweeper
		let, swept := make(chan struct{}), make(chan struct{})
		s.start(time.Second, func(ctx context.Context) {
			close(swept)
			<-let
			if ctx.Err() == nil {
				t.Error("stop does not cancel the context")
			}
		})
		<-swept
		cause := errors.New("no patience")
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, cause)
		defer cancel()
		if err := s.stop(ctx); !errors.Is(err, cause) {
			t.Errorf("stop = %v, want the cause", err)
		}
		close(let)
		if err := s.stop(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
