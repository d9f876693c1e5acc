package idempotencytest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lexigram/lexigram-go/contracts/idempotency"
)

var concurrentRules = []rule{
	{
		name:  "one winner",
		says:  "of several claims on one key exactly one is won",
		check: checkOneWinner,
	},
	{
		name:  "once",
		says:  "a Store is safe for concurrent use: with Do, what many ask for happens once, and all get its result",
		check: checkOnce,
	},
}

func checkOneWinner(ctx context.Context, s idempotency.Store, _ time.Duration) error {
	for round := range 20 {
		key := fmt.Sprint("k", round)
		var won atomic.Int64
		failed := make([]error, 8)
		var start, wg sync.WaitGroup
		start.Add(1)
		for i := range failed {
			wg.Go(func() {
				start.Wait()
				_, own, err := s.Acquire(ctx, claim(key, fmt.Sprint("t", i)), time.Minute)
				if failed[i] = err; own {
					won.Add(1)
				}
			})
		}
		start.Done()
		wg.Wait()
		if err := errors.Join(failed...); err != nil {
			return err
		}
		if n := won.Load(); n != 1 {
			return fmt.Errorf("%d of %d claims on one key were won", n, len(failed))
		}
	}
	return nil
}

// checkOnce has callers of a few keys; the first of each fails, and its work is another's.
func checkOnce(ctx context.Context, s idempotency.Store, tick time.Duration) error {
	const keys, callers = 3, 8
	var ran [keys]atomic.Int64
	failed := make([]error, keys*callers)
	boom := errors.New("boom")
	var wg sync.WaitGroup
	for i := range failed {
		wg.Go(func() {
			key := i % keys
			out, err := idempotency.Do(ctx, s, fmt.Sprint("k", key), "", func(context.Context, idempotency.Claim) ([]byte, error) {
				n := ran[key].Add(1)
				time.Sleep(tick / 10)
				if n == 1 {
					return nil, boom
				}
				return fmt.Append(nil, "result ", n), nil
			}, idempotency.Wait(time.Hour))
			if err == nil && string(out.Result) != "result 2" {
				err = fmt.Errorf("Do = %.40q", out.Result)
			}
			if !errors.Is(err, boom) {
				failed[i] = err
			}
		})
	}
	wg.Wait()
	for key := range ran {
		if n := ran[key].Load(); n != 2 {
			failed = append(failed, fmt.Errorf("the work of key %d, which fails once, was done %d times", key, n))
		}
	}
	return errors.Join(failed...)
}
