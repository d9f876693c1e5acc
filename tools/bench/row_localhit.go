package main

import (
	"context"
	"errors"
	"strconv"

	"github.com/maypok86/otter/v2"

	"github.com/lexigram/lexigram-go/lexigram-cache/memorycache"
)

const localEntries = 10_000

var errCacheMiss = errors.New("bench: the cache lost an entry")

// A person is what the caches hold.
type person struct{ id int }

func localHitRow() row {
	return row{
		name: "cache: typed hit in process",
		work: "get one of 10,000 decoded values that are all there",
		goal: "≤ 120 ns, 0 allocs",
		met:  func(r result) bool { return r.ours().Ns <= 120 && r.ours().Allocs < 0.01 },
		sides: []side{
			{"memorycache.Local", startLocal},
			{"otter, bare", startOtter},
		},
	}
}

func startLocal(context.Context) (worker, error) {
	c, err := memorycache.NewLocal(memorycache.LocalOptions{MaxEntries: 2 * localEntries})
	if err != nil {
		return worker{}, err
	}
	keys := localKeys()
	for i, k := range keys {
		c.Set("", k, &person{i}, 0)
	}
	return worker{close: c.Close, ops: func(_ context.Context, n int) error {
		for i := range n {
			v, ok := c.Get("", keys[i%localEntries])
			if p, typed := v.(*person); !ok || !typed || p.id != i%localEntries {
				return errCacheMiss
			}
		}
		return nil
	}}, nil
}

func startOtter(context.Context) (worker, error) {
	c, err := otter.New(&otter.Options[string, *person]{MaximumSize: 2 * localEntries})
	if err != nil {
		return worker{}, err
	}
	keys := localKeys()
	for i, k := range keys {
		c.Set(k, &person{i})
	}
	return worker{close: func() error { c.StopAllGoroutines(); return nil }, ops: func(_ context.Context, n int) error {
		for i := range n {
			if p, ok := c.GetIfPresent(keys[i%localEntries]); !ok || p.id != i%localEntries {
				return errCacheMiss
			}
		}
		return nil
	}}, nil
}

func localKeys() []string {
	keys := make([]string, localEntries)
	for i := range keys {
		keys[i] = "user:" + strconv.Itoa(i)
	}
	return keys
}
