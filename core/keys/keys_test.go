package keys_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/clock/clocktest"
	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/security"
	"github.com/lexigram/lexigram-go/contracts/security/securitytest"
	"github.com/lexigram/lexigram-go/core/keys"
)

var master = config.NewSecret(strings.Repeat("0123456789abcdef", 2))

func key(id string, b byte) security.Key {
	return security.Key{ID: id, Bytes: config.NewSecret(bytes.Repeat([]byte{b}, 32))}
}

func newRing(t *testing.T) *keys.Ring {
	t.Helper()
	r, err := keys.FromSecret(master, "b", "a")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// shelf is a store of secrets in a map, which counts what it is asked.
type shelf struct {
	mu   sync.Mutex
	m    map[string]string
	gets int
	err  error
}

func newShelf() *shelf { return &shelf{m: map[string]string{}} }

func (s *shelf) Get(_ context.Context, name string) (config.Secret[string], error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gets++
	v, ok := s.m[name]
	if s.err != nil {
		return config.Secret[string]{}, s.err
	}
	if !ok {
		return config.Secret[string]{}, security.ErrSecretNotFound
	}
	return config.NewSecret(v), nil
}

func (s *shelf) Set(_ context.Context, name string, v config.Secret[string]) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.m[name] = v.Reveal()
	return s.err
}

func (s *shelf) Delete(_ context.Context, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.m, name)
	return s.err
}

func newStored(t *testing.T, s security.SecretStore, opts keys.StoredOptions) *keys.Stored {
	t.Helper()
	k, err := keys.NewStored(s, "keys/app", opts)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestConformance(t *testing.T) {
	t.Run("ring", func(t *testing.T) {
		securitytest.RunKeys(t, func(t *testing.T) securitytest.Keys { return securitytest.Keys{Source: newRing(t)} })
	})
	t.Run("derived", func(t *testing.T) {
		securitytest.RunKeys(t, func(t *testing.T) securitytest.Keys {
			return securitytest.Keys{Source: keys.Derived(newRing(t), "audit")}
		})
	})
	for name, opts := range map[string]keys.StoredOptions{"stored": {}, "stored, nothing cached": {CacheFor: -1}} {
		t.Run(name, func(t *testing.T) {
			securitytest.RunKeys(t, func(t *testing.T) securitytest.Keys {
				s := newStored(t, newShelf(), opts)
				rotate := func(ctx context.Context) error { _, err := s.Rotate(ctx); return err }
				if err := rotate(t.Context()); err != nil {
					t.Fatal(err)
				}
				return securitytest.Keys{Source: s, Rotate: rotate}
			})
		})
	}
}

func TestNewRing(t *testing.T) {
	for name, ks := range map[string][]security.Key{
		"none": nil, "twice": {key("a", 1), key("a", 2)}, "zero": {key("a", 0)}, "no ID": {key("", 1)},
	} {
		if _, err := keys.NewRing(ks...); !errors.Is(err, security.ErrKey) {
			t.Errorf("%s: %v", name, err)
		}
	}
	given := key("a", 1)
	r, err := keys.NewRing(given)
	if err != nil {
		t.Fatal(err)
	}
	clear(given.Bytes.Reveal())
	if k, err := r.Current(t.Context()); err != nil || security.CheckKey(k) != nil {
		t.Errorf("the ring holds the caller's bytes: %v", err)
	}
	var zero keys.Ring
	if _, err := zero.Current(t.Context()); !errors.Is(err, security.ErrKeyNotFound) {
		t.Errorf("Current of the zero Ring: %v", err)
	}
}

// TestDerivedKeysAreStable pins what is derived: sealed bytes have to open for ever.
func TestDerivedKeysAreStable(t *testing.T) {
	r := newRing(t)
	for want, source := range map[string]security.KeySource{
		"cc496b": r, "5bf086": keys.Derived(r, "secrets"), "a20229": keys.Derived(r, "audit"),
	} {
		k, err := source.Key(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%x", k.Bytes.Reveal()[:3]); got != want {
			t.Errorf("%v: %s, want %s", source, got, want)
		}
	}
	if _, err := keys.FromSecret(config.NewSecret("too short for that"), "a"); !errors.Is(err, security.ErrKey) {
		t.Errorf("a short secret: %v", err)
	}
	if _, err := keys.FromSecret(master, "../a"); !errors.Is(err, security.ErrKey) {
		t.Errorf("a wrong ID: %v", err)
	}
}

func TestStoredCaches(t *testing.T) {
	var c clocktest.Fake
	store := newShelf()
	here, there := newStored(t, store, keys.StoredOptions{Clock: &c}), newStored(t, store, keys.StoredOptions{Clock: &c})
	first, err := here.Rotate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if k, err := there.Current(t.Context()); err != nil || k.ID != first.ID {
			t.Fatalf("Current elsewhere = %q, %v, want %q", k.ID, err, first.ID)
		}
	}
	if store.gets != 2 {
		t.Errorf("three calls of Current asked the store %d times, want 2", store.gets)
	}
	second, err := here.Rotate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if k, err := there.Current(t.Context()); err != nil || k.ID != first.ID {
		t.Errorf("within the minute Current = %q, %v", k.ID, err)
	}
	if k, err := there.Key(t.Context(), second.ID); err != nil || k.ID != second.ID {
		t.Errorf("within the minute Key of the new one = %q, %v", k.ID, err)
	}
	c.Advance(time.Minute)
	if k, err := there.Current(t.Context()); err != nil || k.ID != second.ID {
		t.Errorf("after a minute Current = %q, %v, want %q", k.ID, err, second.ID)
	}
}

func TestStoredRemove(t *testing.T) {
	ctx := t.Context()
	store := newShelf()
	s := newStored(t, store, keys.StoredOptions{})
	if _, err := s.Current(ctx); !errors.Is(err, security.ErrKeyNotFound) || !strings.Contains(err.Error(), "call Rotate") {
		t.Errorf("Current before there is a key: %v", err)
	}
	old, err := s.Rotate(ctx)
	if err != nil {
		t.Fatal(err)
	}
	envelope, err := keys.NewEnvelope(s)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := envelope.Seal(ctx, "p", []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{old.ID, "current"} {
		if err := s.Remove(ctx, id); !errors.Is(err, security.ErrKey) {
			t.Errorf("Remove(%q) = %v", id, err)
		}
	}
	if _, err := s.Rotate(ctx); err != nil {
		t.Fatal(err)
	}
	if err := s.Remove(ctx, old.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := envelope.Open(ctx, "p", sealed); !errors.Is(err, security.ErrOpen) || !errors.Is(err, security.ErrKeyNotFound) {
		t.Errorf("Open with a key that was removed: %v", err)
	}
	former, err := s.Current(ctx) // which is cached here, and rotated elsewhere
	if err != nil {
		t.Fatal(err)
	}
	next, err := newStored(t, store, keys.StoredOptions{}).Rotate(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Remove(ctx, former.ID); err != nil {
		t.Fatal(err)
	}
	if k, err := s.Current(ctx); err != nil || k.ID != next.ID {
		t.Errorf("Current after that was removed = %q, %v, want %q", k.ID, err, next.ID)
	}
}

func TestStoredErrors(t *testing.T) {
	ctx := t.Context()
	for _, prefix := range []string{"", "/", "../keys", strings.Repeat("x", 200)} {
		if _, err := keys.NewStored(newShelf(), prefix, keys.StoredOptions{}); !errors.Is(err, security.ErrSecretName) {
			t.Errorf("prefix %.20q: %v", prefix, err)
		}
	}
	if _, err := keys.NewStored(nil, "k", keys.StoredOptions{}); !errors.Is(err, security.Err) {
		t.Errorf("no store: %v", err)
	}
	broken := newShelf()
	s := newStored(t, broken, keys.StoredOptions{})
	broken.m = map[string]string{"keys/app/current": "a", "keys/app/a": "c2hvcnQ=", "keys/app/b": "not base64!", "keys/app/c": ""}
	for _, id := range []string{"a", "b", "c"} {
		if _, err := s.Key(ctx, id); !errors.Is(err, security.ErrKey) || strings.Contains(err.Error(), "base64!") {
			t.Errorf("Key(%q) = %v", id, err)
		}
	}
	if _, err := s.Key(ctx, "current"); !errors.Is(err, security.ErrKeyNotFound) {
		t.Errorf("Key(current) = %v", err)
	}
	broken.err = errs.New("X", errs.Unavailable, "down")
	_, current := s.Current(ctx)
	_, got := s.Key(ctx, "d")
	_, rotated := s.Rotate(ctx)
	envelope, err := keys.NewEnvelope(s)
	if err != nil {
		t.Fatal(err)
	}
	_, seal := envelope.Seal(ctx, "p", nil)
	_, open := envelope.Open(ctx, "p", append([]byte{1, 1, 'd'}, make([]byte, 40)...))
	for i, err := range []error{current, got, rotated, s.Remove(ctx, "z"), seal, open} {
		if errs.KindOf(err) != errs.Unavailable || errors.Is(err, security.ErrOpen) || errors.Is(err, security.ErrKeyNotFound) {
			t.Errorf("%d: with a store that is down: %v", i, err)
		}
	}
}
