package cache_test

import (
	"context"
	"errors"
	"maps"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cache"
)

// plain is a store over a map whose calls fail for the key "broken".
type plain map[string]string

func (p plain) Get(_ context.Context, key string) ([]byte, error) {
	v, ok := p[key]
	switch {
	case key == "broken":
		return nil, errBroken
	case !ok:
		return nil, cache.ErrMiss
	}
	return []byte(v), nil
}

func (p plain) Set(_ context.Context, key string, value []byte, ttl time.Duration) error {
	if err := cache.CheckTTL(ttl); err != nil {
		return err
	}
	if key == "broken" {
		return errBroken
	}
	p[key] = string(value)
	return nil
}

func (p plain) Delete(_ context.Context, key string) error { delete(p, key); return nil }

// passing has the batches and cannot.
type passing struct{ plain }

func (passing) SetMany(context.Context, map[string][]byte, time.Duration) error {
	return errors.ErrUnsupported
}

func (passing) DeleteMany(context.Context, []string) (int, error) { return 0, errors.ErrUnsupported }

func (passing) Exists(context.Context, string) (bool, error) { return false, errors.ErrUnsupported }

func (passing) DeletePattern(context.Context, string) (int, error) {
	return 0, errors.ErrUnsupported
}

// able answers itself.
type able struct{ plain }

func (able) SetMany(context.Context, map[string][]byte, time.Duration) error { return errBroken }
func (able) DeleteMany(context.Context, []string) (int, error)               { return 7, errBroken }
func (able) Exists(context.Context, string) (bool, error)                    { return true, errBroken }

func (able) DeletePattern(_ context.Context, pattern string) (int, error) {
	return len(pattern), errBroken
}

func TestWritesFallBack(t *testing.T) {
	ctx := t.Context()
	for name, open := range map[string]func(plain) cache.Store{
		"plain":     func(p plain) cache.Store { return p },
		"decorator": func(p plain) cache.Store { return passing{p} },
	} {
		p := plain{"a": "1", "empty": ""}
		s := open(p)
		if err := cache.SetMany(ctx, s, map[string][]byte{"b": []byte("2"), "c": nil}, time.Hour); err != nil || !maps.Equal(p, plain{"a": "1", "empty": "", "b": "2", "c": ""}) {
			t.Errorf("%s: SetMany = %v, the store has %q", name, err, p)
		}
		if err := cache.SetMany(ctx, s, map[string][]byte{"d": nil, "": nil}, 0); !errors.Is(err, cache.ErrKey) || len(p) != 4 {
			t.Errorf("%s: SetMany of an invalid key = %v, the store has %q", name, err, p)
		}
		if err := cache.SetMany(ctx, s, map[string][]byte{"broken": nil}, 0); !errors.Is(err, errBroken) {
			t.Errorf("%s: SetMany of a key that fails = %v", name, err)
		}
		for key, want := range map[string]bool{"a": true, "empty": true, "absent": false} {
			if got, err := cache.Exists(ctx, s, key); got != want || err != nil {
				t.Errorf("%s: Exists(%s) = %v, %v", name, key, got, err)
			}
		}
		if got, err := cache.Exists(ctx, s, "broken"); got || !errors.Is(err, errBroken) {
			t.Errorf("%s: Exists of a key that fails = %v, %v", name, got, err)
		}
		if n, err := cache.DeleteMany(ctx, s, []string{"a", "absent", "a", "empty"}); n != 2 || err != nil || !maps.Equal(p, plain{"b": "2", "c": ""}) {
			t.Errorf("%s: DeleteMany = %d, %v, the store has %q", name, n, err, p)
		}
		if n, err := cache.DeleteMany(ctx, s, []string{"b", ""}); n != 0 || !errors.Is(err, cache.ErrKey) || len(p) != 2 {
			t.Errorf("%s: DeleteMany of an invalid key = %d, %v, the store has %q", name, n, err, p)
		}
		if n, err := cache.DeleteMany(ctx, s, []string{"b", "broken", "c"}); n != 1 || !errors.Is(err, errBroken) {
			t.Errorf("%s: DeleteMany of a key that fails = %d, %v", name, n, err)
		}
		if n, err := cache.Clear(ctx, s); n != 0 || !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%s: Clear = %d, %v", name, n, err)
		}
	}
}

func TestWritesUseTheStore(t *testing.T) {
	ctx, s := t.Context(), able{plain{}}
	if err := cache.SetMany(ctx, s, nil, 0); !errors.Is(err, errBroken) {
		t.Errorf("SetMany = %v", err)
	}
	if n, err := cache.DeleteMany(ctx, s, nil); n != 7 || !errors.Is(err, errBroken) {
		t.Errorf("DeleteMany = %d, %v", n, err)
	}
	if ok, err := cache.Exists(ctx, s, "k"); !ok || !errors.Is(err, errBroken) {
		t.Errorf("Exists = %v, %v", ok, err)
	}
	if n, err := cache.Clear(ctx, s); n != 1 || !errors.Is(err, errBroken) {
		t.Errorf("Clear = %d, %v", n, err)
	}
}
