package tenantstorage_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/lexigram/lexigram-go/contracts/storage"
	"github.com/lexigram/lexigram-go/contracts/storage/storagetest"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
	"github.com/lexigram/lexigram-go/lexigram-tenancy/tenantstorage"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// as lends a suite, whose contexts have no tenant, one.
type as struct {
	s  *tenantstorage.Store
	id tenancy.ID
}

func (a as) Put(ctx context.Context, key string, r io.Reader, opts ...storage.PutOption) (storage.Info, error) {
	return a.s.Put(tenancy.With(ctx, a.id), key, r, opts...)
}

func (a as) Open(ctx context.Context, key string, opts ...storage.OpenOption) (*storage.Blob, error) {
	return a.s.Open(tenancy.With(ctx, a.id), key, opts...)
}

func (a as) Stat(ctx context.Context, key string) (storage.Info, error) {
	return a.s.Stat(tenancy.With(ctx, a.id), key)
}

func (a as) Delete(ctx context.Context, key string, opts ...storage.DeleteOption) error {
	return a.s.Delete(tenancy.With(ctx, a.id), key, opts...)
}

func (a as) List(ctx context.Context, prefix string) iter.Seq2[storage.Info, error] {
	return a.s.List(tenancy.With(ctx, a.id), prefix)
}

func (a as) Copy(ctx context.Context, from, to string, pre storage.Preconditions) (storage.Info, error) {
	return a.s.Copy(tenancy.With(ctx, a.id), from, to, pre)
}

func TestConformance(t *testing.T) {
	for name, open := range map[string]func() storage.Store{
		"able":  func() storage.Store { return able{newPlain()} },
		"plain": func() storage.Store { return newPlain() },
	} {
		t.Run(name, func(t *testing.T) {
			storagetest.Run(t, func(*testing.T) storage.Store { return as{tenantstorage.New(open()), "acme"} }, storagetest.Large(1<<20), storagetest.Rounds(5))
		})
	}
}

func put(t *testing.T, s storage.Store, id tenancy.ID, key string) {
	t.Helper()
	info, err := s.Put(tenancy.With(t.Context(), id), key, strings.NewReader(string(id)+":"+key))
	if err != nil || info.Key != key {
		t.Fatalf("%s puts %q: %+v, %v", id, key, info, err)
	}
}

func TestIsolation(t *testing.T) {
	s := tenantstorage.New(able{newPlain()})
	tenants := []tenancy.ID{"a", "a-b", "b", "t"}
	keys := []string{"b/k", "k", "t/a/k"}
	for _, id := range tenants {
		for _, k := range keys {
			put(t, s, id, k)
		}
	}
	for _, id := range tenants {
		ctx := tenancy.With(t.Context(), id)
		for _, k := range keys {
			data, info, err := storage.ReadAll(ctx, s, k, 100)
			if err != nil || string(data) != string(id)+":"+k || info.Key != k {
				t.Errorf("%s reads %q, %+v, %v under %q", id, data, info, err, k)
			}
		}
		for prefix, want := range map[string][]string{"": keys, "t/": {"t/a/k"}, "k": {"k"}, "../": nil, "../b/": nil} {
			var got []string
			for info, err := range s.List(ctx, prefix) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, info.Key)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s lists %q under %q, want %q", id, got, prefix, want)
			}
		}
	}
	if err := s.Delete(tenancy.With(t.Context(), "a"), "k"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Stat(tenancy.With(t.Context(), "b"), "k"); err != nil {
		t.Errorf("another tenant's blob is gone: %v", err)
	}
	if _, err := s.Copy(tenancy.With(t.Context(), "a"), "../b/k", "x", storage.Preconditions{}); !errors.Is(err, storage.ErrKey) {
		t.Errorf("copy from another tenant: %v", err)
	}
	p, err := s.Presign(tenancy.With(t.Context(), "a"), "k", storage.Presign{Method: "GET"})
	if err != nil || !strings.HasSuffix(p.URL, "/t/a/k") {
		t.Errorf("%+v, %v", p, err)
	}
}

// TestLongKeys shows that keys of the full length work, are listed in their
// place, and are apart.
func TestLongKeys(t *testing.T) {
	s := tenantstorage.New(able{newPlain()})
	long := []string{"a" + strings.Repeat("x", 1023), "m/" + strings.Repeat("y", 1022)}
	for _, id := range []tenancy.ID{"a", "b"} {
		for _, k := range append([]string{"b", "z"}, long...) {
			put(t, s, id, k)
		}
	}
	a := tenancy.With(t.Context(), "a")
	if err := s.Delete(a, long[0]); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Copy(a, "z", strings.Repeat("p", 1024), storage.Preconditions{}); err != nil {
		t.Fatal(err)
	}
	list := func(id tenancy.ID, prefix string) (keys []string) {
		for info, err := range s.List(tenancy.With(t.Context(), id), prefix) {
			if err != nil {
				t.Fatal(err)
			}
			keys = append(keys, info.Key)
		}
		return keys
	}
	if got, want := list("a", ""), []string{"b", long[1], strings.Repeat("p", 1024), "z"}; !slices.Equal(got, want) {
		t.Errorf("%.100q", got)
	}
	if got, want := list("b", "a"), long[:1]; !slices.Equal(got, want) {
		t.Errorf("%.100q", got)
	}
	for range s.List(a, "") {
		break
	}
	if data, _, err := storage.ReadAll(tenancy.With(t.Context(), "b"), s, long[0], 2000); err != nil || string(data) != "b:"+long[0] {
		t.Errorf("%.50q, %v", data, err)
	}
}

func TestFailsClosed(t *testing.T) {
	inner := newPlain()
	s := tenantstorage.New(able{inner})
	for ctx, want := range map[context.Context]error{
		t.Context(): tenancy.ErrNone, tenancy.With(t.Context(), ""): tenancy.ErrNone, tenancy.With(t.Context(), "a/b"): tenancy.ErrID,
	} {
		_, putErr := s.Put(ctx, "k", strings.NewReader("x"))
		_, openErr := s.Open(ctx, "k")
		_, statErr := s.Stat(ctx, "k")
		_, copyErr := s.Copy(ctx, "k", "l", storage.Preconditions{})
		_, presignErr := s.Presign(ctx, "k", storage.Presign{})
		var listErr error
		for _, err := range s.List(ctx, "") {
			listErr = err
		}
		for what, err := range map[string]error{
			"Put": putErr, "Open": openErr, "Stat": statErr, "Copy": copyErr, "Presign": presignErr, "List": listErr, "Delete": s.Delete(ctx, "k"),
		} {
			if !errors.Is(err, want) {
				t.Errorf("%s: %v, want %v", what, err, want)
			}
		}
	}
	if len(inner.blobs) > 0 {
		t.Errorf("%v", inner.blobs)
	}
}

func TestUnsupported(t *testing.T) {
	s, ctx := tenantstorage.New(newPlain()), tenancy.With(t.Context(), "a")
	_, copyErr := s.Copy(ctx, "k", "l", storage.Preconditions{})
	_, presignErr := s.Presign(ctx, "k", storage.Presign{})
	var listErr error
	for _, err := range s.List(ctx, "") {
		listErr = err
	}
	for what, err := range map[string]error{"Copy": copyErr, "Presign": presignErr, "List": listErr} {
		if !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%s: %v, want ErrUnsupported", what, err)
		}
	}
}

// A liar lists keys that nobody asked for.
type liar struct{ able }

func (l liar) List(ctx context.Context, _ string) iter.Seq2[storage.Info, error] {
	return l.able.List(ctx, "")
}

func TestForeignKeysAreNotListed(t *testing.T) {
	s := tenantstorage.New(liar{able{newPlain()}})
	put(t, s, "b", "secret")
	for info, err := range s.List(tenancy.With(t.Context(), "c"), "") {
		if !errors.Is(err, storage.Err) || info.Key != "" {
			t.Errorf("%+v, %v", info, err)
		}
	}
}

func Example() {
	store := tenantstorage.New(newPlain()) // any storage.Store
	acme, beta := tenancy.With(context.Background(), "acme"), tenancy.With(context.Background(), "beta")
	if _, err := store.Put(acme, "report.txt", strings.NewReader("secret")); err != nil {
		fmt.Println(err)
		return
	}
	_, err := store.Stat(beta, "report.txt")
	fmt.Println(errors.Is(err, storage.ErrNotFound))
	_, err = store.Stat(context.Background(), "report.txt")
	fmt.Println(errors.Is(err, tenancy.ErrNone))
	// Output:
	// true
	// true
}
