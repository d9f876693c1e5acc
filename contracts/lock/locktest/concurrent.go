package locktest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lexigram/lexigram-go/contracts/lock"
)

var concurrentRules = []rule{
	{
		name:  "one winner",
		says:  "a Store grants at most one lease at a time for each name",
		check: checkOneWinner,
	},
	{
		name:  "concurrent use",
		says:  "a Store is safe for concurrent use",
		check: checkConcurrent,
	},
	{
		name:  "torture",
		says:  "the fence grows with every lease: a resource that refuses smaller ones than it has seen is safe from owners that were paused past their leases",
		check: checkTorture,
	},
}

// checkOneWinner has goroutines begin at once, again and again.
func checkOneWinner(ctx context.Context, s lock.Store, _ time.Duration) error {
	for round := range 20 {
		name := fmt.Sprint("n", round)
		var won atomic.Int64
		failed := make([]error, 8)
		var start, wg sync.WaitGroup
		start.Add(1)
		for i := range failed {
			wg.Go(func() {
				start.Wait()
				switch _, err := s.Acquire(ctx, name, fmt.Sprint("o", i), time.Minute); {
				case err == nil:
					won.Add(1)
				case !errors.Is(err, lock.ErrHeld):
					failed[i] = err
				}
			})
		}
		start.Done()
		wg.Wait()
		if err := errors.Join(failed...); err != nil {
			return err
		}
		if n := won.Load(); n != 1 {
			return fmt.Errorf("%d of %d owners got a lease on one name", n, len(failed))
		}
	}
	return nil
}

// checkConcurrent has goroutines use names of their own, all methods at once.
func checkConcurrent(ctx context.Context, s lock.Store, _ time.Duration) error {
	failed := make([]error, 8)
	var wg sync.WaitGroup
	for i := range failed {
		wg.Go(func() {
			name, last := fmt.Sprint("n", i), uint64(0)
			for n := range 25 {
				owner := fmt.Sprint("o", n)
				var err error
				if last, err = newer(ctx, s, name, owner, time.Minute, last); err == nil {
					err = errors.Join(s.Extend(ctx, name, owner, time.Hour), holds(ctx, s, name, owner, last), s.Release(ctx, name, owner))
				}
				if err != nil {
					failed[i] = err
					return
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(failed...)
}
