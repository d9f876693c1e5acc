package main

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/lexigram/lexigram-go/lexigram-cache/loading"
	"github.com/lexigram/lexigram-go/lexigram-cache/memorycache"
)

// crowd is how many callers ask for one key that is not there.
const crowd = 1000

var errStampede = errors.New("bench: the key was loaded more than once")

func stampedeRow() row {
	return row{
		name: "cache: stampede",
		work: strconv.Itoa(crowd) + " goroutines fetch one key that is not there, and a loader takes 5 ms; each sees the value of one load",
		goal: "under twice the loader's 5 ms",
		met:  func(r result) bool { return r.ours().Ns < 10e6 },
		sides: []side{
			{"loading.Cache, whose callers may leave", startStampede},
			{"otter's loader", startOtterStampede},
		},
	}
}

// stampede has the crowd fetch a key that is new each time.
func stampede(fetch func(ctx context.Context, key string, load func() int64) (int64, error)) func(context.Context, int) error {
	round := 0
	return func(ctx context.Context, n int) error {
		for range n {
			round++
			key := strconv.Itoa(round)
			var loads, bad atomic.Int64
			load := func() int64 { time.Sleep(5 * time.Millisecond); return loads.Add(1) }
			var wg sync.WaitGroup
			for range crowd {
				wg.Go(func() {
					if v, err := fetch(ctx, key, load); v != 1 || err != nil {
						bad.Add(1)
					}
				})
			}
			wg.Wait()
			if loads.Load() != 1 || bad.Load() != 0 {
				return errStampede
			}
		}
		return nil
	}
}

func startStampede(context.Context) (worker, error) {
	store, err := memorycache.New(memorycache.Options{})
	if err != nil {
		return worker{}, err
	}
	c, err := loading.New[int64](store, loading.Options{TTL: time.Minute})
	if err != nil {
		return worker{}, err
	}
	return worker{close: store.Close, ops: stampede(func(ctx context.Context, key string, load func() int64) (int64, error) {
		return c.Fetch(ctx, key, func(context.Context, string) (int64, error) { return load(), nil })
	})}, nil
}

func startOtterStampede(context.Context) (worker, error) {
	c, err := otter.New(&otter.Options[string, int64]{MaximumSize: localEntries})
	if err != nil {
		return worker{}, err
	}
	return worker{close: func() error { c.StopAllGoroutines(); return nil }, ops: stampede(func(ctx context.Context, key string, load func() int64) (int64, error) {
		return c.Get(ctx, key, otter.LoaderFunc[string, int64](func(context.Context, string) (int64, error) { return load(), nil }))
	})}, nil
}
