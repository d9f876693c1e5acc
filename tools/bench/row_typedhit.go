package main

import (
	"context"
	"time"

	"github.com/dgraph-io/ristretto/v2"

	"github.com/lexigram/lexigram-go/lexigram-cache/loading"
	"github.com/lexigram/lexigram-go/lexigram-cache/memorycache"
)

// A record is a person as it can be written.
type record struct{ ID int }

func typedHitRow() row {
	return row{
		name: "cache: Fetch of a value that is held in process",
		work: "fetch one of 10,000 decoded values that are all there, with a ttl and early refresh, against bare in-process caches without either",
		goal: "≤ 120 ns, 0 allocs",
		met:  func(r result) bool { return r.ours().Ns <= 120 && r.ours().Allocs < 0.01 },
		sides: []side{
			{"loading.Cache over memorycache.Local, its clock read every 10 ms", startTyped},
			{"otter, bare", startOtter},
			{"ristretto, bare", startRistretto},
		},
	}
}

func startTyped(ctx context.Context) (worker, error) {
	store, err := memorycache.New(memorycache.Options{})
	if err != nil {
		return worker{}, err
	}
	local, err := memorycache.NewLocal(memorycache.LocalOptions{MaxEntries: 2 * localEntries, Resolution: 10 * time.Millisecond})
	if err != nil {
		return worker{}, err
	}
	c, err := loading.New[*record](store, loading.Options{TTL: time.Hour, EarlyRefresh: 1, Local: local})
	if err != nil {
		return worker{}, err
	}
	keys := localKeys()
	ids := make(map[string]int, len(keys))
	for i, k := range keys {
		ids[k] = i
	}
	load := func(_ context.Context, key string) (*record, error) { return &record{ids[key]}, nil }
	for range 2 { // the report of the store's change drops what the first round held
		for _, k := range keys {
			if _, err := c.Fetch(ctx, k, load); err != nil {
				return worker{}, err
			}
		}
	}
	closeAll := func() error {
		if err := c.Close(); err != nil {
			return err
		}
		if err := local.Close(); err != nil {
			return err
		}
		return store.Close()
	}
	return worker{close: closeAll, ops: func(ctx context.Context, n int) error {
		for i := range n {
			p, err := c.Fetch(ctx, keys[i%localEntries], load)
			if err != nil || p.ID != i%localEntries {
				return errCacheMiss
			}
		}
		return nil
	}}, nil
}

func startRistretto(context.Context) (worker, error) {
	c, err := ristretto.NewCache(&ristretto.Config[string, *person]{NumCounters: 20 * localEntries, MaxCost: 2 * localEntries, BufferItems: 64, IgnoreInternalCost: true})
	if err != nil {
		return worker{}, err
	}
	keys := localKeys()
	for i, k := range keys {
		for {
			c.Set(k, &person{i}, 1) // it may drop what is set, and keeps it later
			c.Wait()
			if _, ok := c.Get(k); ok {
				break
			}
		}
	}
	return worker{close: func() error { c.Close(); return nil }, ops: func(_ context.Context, n int) error {
		for i := range n {
			if p, ok := c.Get(keys[i%localEntries]); !ok || p.id != i%localEntries {
				return errCacheMiss
			}
		}
		return nil
	}}, nil
}
