package state_test

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/state"
)

// A mapStore is the least that a test needs of a store.
type mapStore map[string][]byte

var errBroken = errors.New("broken")

func (m mapStore) Get(_ context.Context, key string) ([]byte, error) {
	if key == "broken" {
		return nil, errBroken
	}
	if v, ok := m[key]; ok {
		return v, nil
	}
	return nil, state.ErrNotFound
}

func (m mapStore) Set(_ context.Context, key string, value []byte, _ time.Duration) error {
	if key == "broken" {
		return errBroken
	}
	m[key] = value
	return nil
}

func (m mapStore) Delete(_ context.Context, key string) (bool, error) {
	_, ok := m[key]
	delete(m, key)
	return ok, nil
}

// able has the optional abilities, and answers err from the first of each.
type able struct {
	mapStore
	err error
}

func (a able) GetMany(context.Context, []string) (map[string][]byte, error) { return nil, a.err }

func (a able) SetMany(_ context.Context, _ map[string][]byte, _ time.Duration) error { return a.err }

func (a able) TTL(context.Context, string) (time.Duration, error) { return state.Permanent, a.err }

func (a able) Expire(context.Context, string, time.Duration) error { return a.err }

func (a able) Remove(context.Context, string, []byte) error { return a.err }

func (a able) Create(ctx context.Context, k string, v []byte, ttl time.Duration) error {
	return a.Set(ctx, k, v, ttl)
}

func (a able) Swap(ctx context.Context, k string, old, v []byte, ttl time.Duration) error {
	if a.err != nil || !bytes.Equal(a.mapStore[k], old) {
		return state.ErrChanged.Wrap(nil, "able: swap")
	}
	return a.Set(ctx, k, v, ttl)
}

var (
	_ state.Expirer = able{}
	_ state.Batcher = able{}
	_ state.Swapper = able{}
)

func TestMany(t *testing.T) {
	for name, s := range map[string]state.Store{"plain": mapStore{}, "decorator": able{mapStore{}, errors.ErrUnsupported}} {
		in := map[string][]byte{"a": []byte("1"), "b": nil}
		if err := state.SetMany(t.Context(), s, in, 0); err != nil {
			t.Fatal(err)
		}
		out, err := state.GetMany(t.Context(), s, []string{"a", "absent", "b", "a"})
		if err != nil || !maps.EqualFunc(in, out, bytes.Equal) {
			t.Errorf("%s: GetMany = %q, %v", name, out, err)
		}
		if _, err := state.GetMany(t.Context(), s, []string{"a", "broken"}); !errors.Is(err, errBroken) {
			t.Errorf("%s: GetMany = %v", name, err)
		}
		if err := state.SetMany(t.Context(), s, map[string][]byte{"broken": nil}, 0); !errors.Is(err, errBroken) {
			t.Errorf("%s: SetMany = %v", name, err)
		}
		if err := state.SetMany(t.Context(), s, map[string][]byte{"c": nil, "": nil}, 0); !errors.Is(err, state.ErrKey) {
			t.Errorf("%s: SetMany = %v", name, err)
		}
		if ok, err := state.Exists(t.Context(), s, "c"); ok || err != nil {
			t.Errorf("%s: stored beside a key that is refused, %v", name, err)
		}
		if ok, err := state.Exists(t.Context(), s, "a"); !ok || err != nil {
			t.Errorf("%s: Exists = %v, %v", name, ok, err)
		}
		if _, err := state.Exists(t.Context(), s, "broken"); !errors.Is(err, errBroken) {
			t.Errorf("%s: Exists = %v", name, err)
		}
	}
	b := able{mapStore{}, errBroken}
	_, get := state.GetMany(t.Context(), b, nil)
	_, exists := state.Exists(t.Context(), b, "a")
	for _, err := range []error{get, exists, state.SetMany(t.Context(), b, nil, 0)} {
		if !errors.Is(err, errBroken) {
			t.Errorf("the store's own ability is not used: %v", err)
		}
	}
}

func TestUpdate(t *testing.T) {
	s := able{mapStore{}, nil}
	for range 3 {
		err := state.Update(t.Context(), s, "k", 0, func(old []byte, exists bool) ([]byte, error) {
			if exists {
				old[0] = 'y' // it is the caller's
			}
			return append(old, 'x'), nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if string(s.mapStore["k"]) != "yxx" {
		t.Errorf("%q", s.mapStore["k"])
	}
	if err := state.Update(t.Context(), s, "k", 0, func([]byte, bool) ([]byte, error) { return nil, state.ErrChanged }); err != state.ErrChanged {
		t.Errorf("Update = %v, want change's own error", err)
	}
	if err := state.Update(t.Context(), s, "broken", 0, nil); !errors.Is(err, errBroken) {
		t.Errorf("Update = %v", err)
	}
	if err := state.Update(t.Context(), s.mapStore, "k", 0, nil); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("Update of a store that cannot = %v", err)
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		contended := able{mapStore{"k": []byte("v")}, errBroken}
		n := 0
		err := state.Update(ctx, contended, "k", 0, func([]byte, bool) ([]byte, error) { n++; return nil, nil })
		if !errors.Is(err, state.ErrChanged) || !errors.Is(err, context.DeadlineExceeded) || n < 100 {
			t.Errorf("Update = %v after %d tries", err, n)
		}
	})
}

func TestChecks(t *testing.T) {
	for key, ok := range map[string]bool{"": false, "k": true, "\x00": true, strings.Repeat("k", 1024): true, strings.Repeat("k", 1025): false} {
		if err := state.CheckKey(key); (err == nil) != ok || !ok && !errors.Is(err, state.ErrKey) {
			t.Errorf("CheckKey of %d bytes = %v", len(key), err)
		}
	}
	for ttl, ok := range map[time.Duration]bool{0: true, -1: false, 1: false, time.Millisecond - 1: false, time.Millisecond: true, 1 << 62: true} {
		if err := state.CheckTTL(ttl); (err == nil) != ok || !ok && !errors.Is(err, state.ErrTTL) {
			t.Errorf("CheckTTL(%v) = %v", ttl, err)
		}
	}
	for e, kind := range map[*errs.Error]errs.Kind{
		state.ErrNotFound: errs.NotFound, state.ErrKey: errs.Invalid, state.ErrTTL: errs.Invalid, state.ErrChanged: errs.Conflict, state.ErrFull: errs.Exhausted,
	} {
		if !errors.Is(e, state.Err) || errs.KindOf(e) != kind {
			t.Errorf("%v is of kind %v, and of the family: %v", e, errs.KindOf(e), errors.Is(e, state.Err))
		}
	}
}
