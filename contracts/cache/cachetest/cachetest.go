// Package cachetest checks that a [cache.Store] keeps its contract.
//
// An adapter's whole conformance test is:
//
//	func TestConformance(t *testing.T) {
//		cachetest.Run(t, func(t *testing.T) cache.Store { return open(t) })
//	}
package cachetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cache"
)

// Run checks every rule of [cache.Store], each on a store of its own.
// newStore returns an empty store and registers its own cleanup on t.
func Run(t *testing.T, newStore func(t *testing.T) cache.Store, opts ...Option) {
	t.Helper()
	o := options{tick: 50 * time.Millisecond}
	for _, opt := range opts {
		opt(&o)
	}
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			if err := r.check(t.Context(), newStore(t), o.tick); err != nil {
				t.Errorf("%v\ncache.Store: %s", err, r.says)
			}
		})
	}
}

// An Option tells Run about the backend; there is none that turns a rule off.
type Option func(*options)

type options struct{ tick time.Duration }

// Tick sets the unit that expiry rules wait in, 50 ms by default.
func Tick(d time.Duration) Option { return func(o *options) { o.tick = d } }

// A rule is one promise of the contract and the check that tries to break it.
type rule struct {
	name  string
	says  string // the promise, as cache.Store words it
	check func(ctx context.Context, s cache.Store, tick time.Duration) error
}

var rules = []rule{
	{
		name: "miss",
		says: "Get returns an error wrapping ErrMiss for a key without an entry",
		check: func(ctx context.Context, s cache.Store, _ time.Duration) error {
			if _, err := s.Get(ctx, "absent"); !errors.Is(err, cache.ErrMiss) {
				return fmt.Errorf("Get(absent) = %v, want ErrMiss", err)
			}
			return nil
		},
	},
	{
		name: "value is copied in",
		says: "a caller may reuse its slices",
		check: func(ctx context.Context, s cache.Store, _ time.Duration) error {
			v := []byte("before")
			if err := s.Set(ctx, "k", v, 0); err != nil {
				return err
			}
			copy(v, "after!")
			got, err := s.Get(ctx, "k")
			if err != nil || !bytes.Equal(got, []byte("before")) {
				return fmt.Errorf("Get(k) = %q, %v, want %q", got, err, "before")
			}
			return nil
		},
	},
	{
		name: "value is copied out",
		says: "a caller may reuse its slices",
		check: func(ctx context.Context, s cache.Store, _ time.Duration) error {
			if err := s.Set(ctx, "k", []byte("before"), 0); err != nil {
				return err
			}
			got, err := s.Get(ctx, "k")
			if err != nil {
				return err
			}
			copy(got, "after!")
			if got, err = s.Get(ctx, "k"); err != nil || !bytes.Equal(got, []byte("before")) {
				return fmt.Errorf("Get(k) = %q, %v, want %q", got, err, "before")
			}
			return nil
		},
	},
	{
		name:  "delete absent",
		says:  "deleting a key without an entry is no error",
		check: func(ctx context.Context, s cache.Store, _ time.Duration) error { return s.Delete(ctx, "absent") },
	},
	{
		name: "expiry",
		says: "another [ttl] holds to the millisecond; an expired key is a miss",
		check: func(ctx context.Context, s cache.Store, tick time.Duration) error {
			if err := s.Set(ctx, "k", []byte("v"), tick); err != nil {
				return err
			}
			if _, err := s.Get(ctx, "k"); err != nil {
				return fmt.Errorf("Get(k) before its ttl = %v", err)
			}
			time.Sleep(2 * tick)
			if v, err := s.Get(ctx, "k"); !errors.Is(err, cache.ErrMiss) {
				return fmt.Errorf("Get(k) after its ttl = %q, %v, want ErrMiss", v, err)
			}
			return nil
		},
	},
	{
		name: "negative ttl",
		says: "a negative ttl is an error",
		check: func(ctx context.Context, s cache.Store, _ time.Duration) error {
			if err := s.Set(ctx, "k", nil, -1); err == nil {
				return errors.New("Set(ttl=-1) = nil, want an error")
			}
			return nil
		},
	},
}
