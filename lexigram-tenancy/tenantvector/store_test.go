package tenantvector_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/lexigram/lexigram-go/contracts/tenancy"
	"github.com/lexigram/lexigram-go/contracts/vector"
	"github.com/lexigram/lexigram-go/contracts/vector/vectortest"
	"github.com/lexigram/lexigram-go/lexigram-tenancy/tenantvector"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// as lends a suite, whose contexts have no tenant, one.
type as struct {
	s  vector.Store
	id tenancy.ID
}

func (a as) Create(ctx context.Context, name string, cfg vector.Config) (vector.Collection, error) {
	c, err := a.s.Create(tenancy.With(ctx, a.id), name, cfg)
	return asCollection{c, a.id}, err
}

func (a as) Open(ctx context.Context, name string) (vector.Collection, error) {
	c, err := a.s.Open(tenancy.With(ctx, a.id), name)
	return asCollection{c, a.id}, err
}

func (a as) Drop(ctx context.Context, name string) error {
	return a.s.Drop(tenancy.With(ctx, a.id), name)
}

func (a as) List(ctx context.Context) ([]string, error) { return a.s.List(tenancy.With(ctx, a.id)) }

type asCollection struct {
	c  vector.Collection
	id tenancy.ID
}

func (a asCollection) Upsert(ctx context.Context, points ...vector.Point) error {
	return a.c.Upsert(tenancy.With(ctx, a.id), points...)
}

func (a asCollection) Delete(ctx context.Context, ids ...string) error {
	return a.c.Delete(tenancy.With(ctx, a.id), ids...)
}

func (a asCollection) Search(ctx context.Context, q vector.Query) ([]vector.Match, error) {
	return a.c.Search(tenancy.With(ctx, a.id), q)
}

func TestConformance(t *testing.T) {
	vectortest.Run(t, func(*testing.T) vector.Store { return as{tenantvector.New(newPlain()), "acme"} })
}

func TestIsolation(t *testing.T) {
	s := tenantvector.New(newPlain())
	tenants := []tenancy.ID{"a", "a-b", "b"}
	names := []string{"docs", strings.Repeat("n", 35), strings.Repeat("n", 36), strings.Repeat("n", 63)}
	cfg := vector.Config{Dimension: 1, Metric: vector.Dot}
	for _, id := range tenants {
		ctx := tenancy.With(t.Context(), id)
		for _, name := range names {
			c, err := s.Create(ctx, name, cfg)
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Upsert(ctx, vector.Point{ID: string(id) + ":" + name, Vector: []float32{1}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, id := range tenants {
		ctx := tenancy.With(t.Context(), id)
		for _, name := range names {
			c, err := s.Open(ctx, name)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := c.Search(ctx, vector.Query{Vector: []float32{1}}); err != nil || len(got) != 1 || got[0].ID != string(id)+":"+name {
				t.Errorf("%s finds %v, %v in %.10q", id, got, err, name)
			}
		}
		if got, err := s.List(ctx); err != nil || !slices.Equal(got, names) {
			t.Errorf("%s lists %q, %v", id, got, err)
		}
	}
	a := tenancy.With(t.Context(), "a")
	for _, name := range names[1:3] {
		if err := s.Drop(a, name); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := s.List(a); err != nil || !slices.Equal(got, []string{names[0], names[3]}) {
		t.Errorf("after Drop: %q, %v", got, err)
	}
	if got, err := s.List(tenancy.With(t.Context(), "b")); err != nil || !slices.Equal(got, names) {
		t.Errorf("another tenant lists %q, %v", got, err)
	}
}

// TestTooManyNames shows that List fails where it could not be complete.
func TestTooManyNames(t *testing.T) {
	inner := newPlain()
	s := tenantvector.New(inner)
	ctx := tenancy.With(t.Context(), "a")
	if _, err := s.Create(ctx, strings.Repeat("n", 63), vector.Config{Dimension: 1}); err != nil {
		t.Fatal(err)
	}
	names, err := inner.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	registry, err := inner.Open(t.Context(), names[slices.IndexFunc(names, func(n string) bool { return n[0] == 'n' })])
	if err != nil {
		t.Fatal(err)
	}
	notes := make([]vector.Point, vector.MaxLimit)
	for i := range notes {
		notes[i] = vector.Point{ID: fmt.Sprint(i), Vector: []float32{0}}
	}
	if err := registry.Upsert(t.Context(), notes...); err != nil {
		t.Fatal(err)
	}
	if got, err := s.List(ctx); !errors.Is(err, vector.Err) {
		t.Errorf("%q, %v, want an error: a name may be missing", got, err)
	}
}

// TestKeptCollection shows that a collection that was opened for one tenant does
// not serve another one.
func TestKeptCollection(t *testing.T) {
	s := tenantvector.New(newPlain())
	a, b := tenancy.With(t.Context(), "a"), tenancy.With(t.Context(), "b")
	c, err := s.Create(a, "docs", vector.Config{Dimension: 1})
	if err != nil {
		t.Fatal(err)
	}
	for ctx, want := range map[context.Context]error{b: tenancy.ErrDenied, t.Context(): tenancy.ErrNone} {
		_, searchErr := c.Search(ctx, vector.Query{Vector: []float32{1}})
		for _, err := range []error{searchErr, c.Delete(ctx, "x"), c.Upsert(ctx, vector.Point{ID: "x", Vector: []float32{1}})} {
			if !errors.Is(err, want) {
				t.Errorf("%v, want %v", err, want)
			}
		}
	}
}

func TestFailsClosed(t *testing.T) {
	inner := newPlain()
	s := tenantvector.New(inner)
	for ctx, want := range map[context.Context]error{t.Context(): tenancy.ErrNone, tenancy.With(t.Context(), "A"): tenancy.ErrID} {
		_, createErr := s.Create(ctx, strings.Repeat("n", 63), vector.Config{Dimension: 1})
		_, openErr := s.Open(ctx, "docs")
		_, listErr := s.List(ctx)
		for what, err := range map[string]error{"Create": createErr, "Open": openErr, "List": listErr, "Drop": s.Drop(ctx, "docs")} {
			if !errors.Is(err, want) {
				t.Errorf("%s: %v, want %v", what, err, want)
			}
		}
	}
	if len(inner.all) > 0 {
		t.Errorf("%v", inner.all)
	}
}

func Example() {
	store := tenantvector.New(newPlain()) // any vector.Store
	acme, beta := tenancy.With(context.Background(), "acme"), tenancy.With(context.Background(), "beta")
	if _, err := store.Create(acme, "docs", vector.Config{Dimension: 3}); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(store.List(acme))
	fmt.Println(store.List(beta))
	_, err := store.List(context.Background())
	fmt.Println(errors.Is(err, tenancy.ErrNone))
	// Output:
	// [docs] <nil>
	// [] <nil>
	// true
}
