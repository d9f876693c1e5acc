package cache_test

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/contracts/errs"
)

// fixed is a store of one entry whose Get fails for the key "broken".
type fixed struct{ gets *[]string }

var errBroken = errors.New("broken")

func (f fixed) Get(_ context.Context, key string) ([]byte, error) {
	*f.gets = append(*f.gets, key)
	switch key {
	case "k":
		return []byte("v"), nil
	case "broken":
		return nil, errBroken
	}
	return nil, cache.ErrMiss
}
func (fixed) Set(context.Context, string, []byte, time.Duration) error { return nil }
func (fixed) Delete(context.Context, string) error                     { return nil }

// decorator has GetMany and cannot: its inner store has none.
type decorator struct{ fixed }

func (decorator) GetMany(context.Context, []string) (map[string][]byte, error) {
	return nil, errors.ErrUnsupported
}

// batcher answers itself.
type batcher struct{ fixed }

func (batcher) GetMany(context.Context, []string) (map[string][]byte, error) {
	return map[string][]byte{"k": []byte("batched")}, nil
}

func TestGetMany(t *testing.T) {
	for name, s := range map[string]cache.Store{"plain": fixed{new([]string)}, "decorator": decorator{fixed{new([]string)}}} {
		got, err := cache.GetMany(t.Context(), s, []string{"absent", "k"})
		if err != nil || len(got) != 1 || string(got["k"]) != "v" {
			t.Errorf("%s: GetMany = %q, %v, want only k", name, got, err)
		}
		if got, err := cache.GetMany(t.Context(), s, []string{"k", "broken"}); !errors.Is(err, errBroken) || got != nil {
			t.Errorf("%s: GetMany with a failing Get = %q, %v", name, got, err)
		}
	}
	gets := new([]string)
	got, err := cache.GetMany(t.Context(), batcher{fixed{gets}}, []string{"k"})
	if err != nil || string(got["k"]) != "batched" || len(*gets) > 0 {
		t.Errorf("GetMany of a Batcher = %q, %v after %d calls of Get", got, err, len(*gets))
	}
}

func TestChecks(t *testing.T) {
	for key, ok := range map[string]bool{"": false, "k": true, "\x00": true, strings.Repeat("k", 1024): true, strings.Repeat("k", 1025): false} {
		if err := cache.CheckKey(key); (err == nil) != ok || !ok && !errors.Is(err, cache.ErrKey) {
			t.Errorf("CheckKey of %d bytes = %v", len(key), err)
		}
	}
	for ttl, ok := range map[time.Duration]bool{0: true, -1: false, 1: false, time.Millisecond - 1: false, time.Millisecond: true, 1 << 62: true} {
		if err := cache.CheckTTL(ttl); (err == nil) != ok || !ok && !errors.Is(err, cache.ErrTTL) {
			t.Errorf("CheckTTL(%v) = %v", ttl, err)
		}
	}
}

func TestErrors(t *testing.T) {
	kinds := map[*errs.Error]errs.Kind{
		cache.ErrMiss: errs.NotFound, cache.ErrKey: errs.Invalid, cache.ErrTTL: errs.Invalid, cache.ErrClosed: errs.Unavailable,
		cache.ErrChanged: errs.Conflict, cache.ErrNumber: errs.Conflict, cache.ErrSize: errs.Invalid, cache.ErrPattern: errs.Invalid,
	}
	for _, e := range slices.Collect(maps.Keys(kinds)) {
		if !errors.Is(e, cache.Err) || errs.KindOf(e) != kinds[e] {
			t.Errorf("%v is of kind %v, and of the family: %v", e, errs.KindOf(e), errors.Is(e, cache.Err))
		}
	}
	if !errors.Is(cache.ErrClosed, fs.ErrClosed) {
		t.Error("ErrClosed is not fs.ErrClosed")
	}
}
