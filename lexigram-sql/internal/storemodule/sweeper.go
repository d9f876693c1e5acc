package storemodule

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// A sweeper does something again and again. The zero value is stopped; it is
// safe for concurrent use.
type sweeper struct {
	mu      sync.Mutex
	stopped bool
	cancel  context.CancelFunc
	done    chan struct{}
}

// start begins to sweep, unless that has begun or was stopped. Pauses are drawn
// around every, so that processes that started at once do not sweep at once.
func (s *sweeper) start(every time.Duration, sweep func(ctx context.Context)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped || s.done != nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	s.cancel, s.done = cancel, done
	go func() { // ends with cancel
		defer close(done)
		for {
			pause := time.NewTimer(every/2 + rand.N(every))
			select {
			case <-pause.C:
				sweep(ctx)
			case <-ctx.Done():
				pause.Stop()
				return
			}
		}
	}()
}

// stop ends it and waits until it has ended, or ctx has.
func (s *sweeper) stop(ctx context.Context) error {
	s.mu.Lock()
	s.stopped = true
	done := s.done
	if s.cancel != nil {
		s.cancel()
	}
	s.mu.Unlock()
	if done == nil {
		return nil
	}
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
