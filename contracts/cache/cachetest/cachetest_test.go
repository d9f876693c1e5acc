package cachetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cache"
)

// good is the smallest store that keeps every rule.
type good map[string]entry

type entry struct {
	value   []byte
	expires time.Time
}

func (g good) Get(_ context.Context, key string) ([]byte, error) {
	e, ok := g[key]
	if !ok || !e.expires.IsZero() && !time.Now().Before(e.expires) {
		return nil, fmt.Errorf("%q: %w", key, cache.ErrMiss)
	}
	return bytes.Clone(e.value), nil
}

func (g good) Set(_ context.Context, key string, value []byte, ttl time.Duration) error {
	if ttl < 0 {
		return errors.New("negative ttl")
	}
	e := entry{value: bytes.Clone(value)}
	if ttl > 0 {
		e.expires = time.Now().Add(ttl)
	}
	g[key] = e
	return nil
}

func (g good) Delete(_ context.Context, key string) error { delete(g, key); return nil }

func TestGood(t *testing.T) {
	Run(t, func(*testing.T) cache.Store { return good{} })
}

// Each broken store breaks one rule; the suite must say so by that rule's name.
type (
	nilOnMiss  struct{ good }
	aliases    struct{ good }
	leaks      struct{ good }
	failDelete struct{ good }
	anyTTL     struct{ good }
	forever    struct{ good }
)

func (s nilOnMiss) Get(context.Context, string) ([]byte, error) { return nil, nil }

func (s aliases) Set(ctx context.Context, k string, v []byte, ttl time.Duration) error {
	if err := s.good.Set(ctx, k, nil, ttl); err != nil {
		return err
	}
	s.good[k] = entry{v, s.good[k].expires}
	return nil
}

func (s leaks) Get(ctx context.Context, k string) ([]byte, error) {
	if _, err := s.good.Get(ctx, k); err != nil {
		return nil, err
	}
	return s.good[k].value, nil
}

func (s failDelete) Delete(context.Context, string) error { return errors.New("no entry") }

func (s anyTTL) Set(ctx context.Context, k string, v []byte, ttl time.Duration) error {
	return s.good.Set(ctx, k, v, max(ttl, 0))
}

func (s forever) Set(ctx context.Context, k string, v []byte, ttl time.Duration) error {
	return s.good.Set(ctx, k, v, min(ttl, 0))
}

func TestBroken(t *testing.T) {
	broken := map[string]func() cache.Store{
		"miss":                func() cache.Store { return nilOnMiss{good{}} },
		"value is copied in":  func() cache.Store { return aliases{good{}} },
		"value is copied out": func() cache.Store { return leaks{good{}} },
		"delete absent":       func() cache.Store { return failDelete{good{}} },
		"expiry":              func() cache.Store { return forever{good{}} },
		"negative ttl":        func() cache.Store { return anyTTL{good{}} },
	}
	for _, r := range rules {
		newStore, ok := broken[r.name]
		if !ok {
			t.Errorf("rule %q: no store breaks it, so nothing shows that its check works", r.name)
			continue
		}
		synctest.Test(t, func(t *testing.T) {
			if err := r.check(t.Context(), newStore(), time.Second); err == nil {
				t.Errorf("rule %q: the store that breaks it passed", r.name)
			}
		})
	}
}
