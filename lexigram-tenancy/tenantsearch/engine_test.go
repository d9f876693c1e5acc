package tenantsearch_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/lexigram/lexigram-go/contracts/search"
	"github.com/lexigram/lexigram-go/contracts/search/searchtest"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
	"github.com/lexigram/lexigram-go/lexigram-tenancy/tenantsearch"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// as lends a suite, whose contexts have no tenant, one.
type as struct {
	e  *tenantsearch.Engine
	id tenancy.ID
}

func (a as) Index(ctx context.Context, index string, docs ...search.Document) error {
	return a.e.Index(tenancy.With(ctx, a.id), index, docs...)
}

func (a as) Delete(ctx context.Context, index string, ids ...string) error {
	return a.e.Delete(tenancy.With(ctx, a.id), index, ids...)
}

func (a as) Search(ctx context.Context, index string, q search.Query) (search.Page, error) {
	return a.e.Search(tenancy.With(ctx, a.id), index, q)
}

func TestConformance(t *testing.T) {
	searchtest.Run(t, func(*testing.T) search.Engine { return as{tenantsearch.New(newPlain()), "acme"} })
}

func doc(id, body string) search.Document {
	return search.Document{ID: id, Text: map[string]string{"body": body}}
}

func TestIsolation(t *testing.T) {
	e := tenantsearch.New(newPlain())
	tenants := []tenancy.ID{"a", "a-b", "b"}
	indexes := []string{"docs", strings.Repeat("n", 35), strings.Repeat("n", 36), strings.Repeat("n", 63)}
	for _, id := range tenants {
		for _, x := range indexes {
			if err := e.Index(tenancy.With(t.Context(), id), x, doc(string(id)+":"+x, "shared words")); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := e.Delete(tenancy.With(t.Context(), "a"), "docs", "b:docs"); err != nil {
		t.Fatal(err)
	}
	for _, id := range tenants {
		for _, x := range indexes {
			got, err := e.Search(tenancy.With(t.Context(), id), x, search.Query{Text: "shared"})
			if err != nil || got.Total != 1 || got.Hits[0].ID != string(id)+":"+x {
				t.Errorf("%s finds %v, %v in %.10q", id, got, err, x)
			}
		}
	}
	if _, err := e.Search(tenancy.With(t.Context(), "c"), "docs", search.Query{}); !errors.Is(err, search.ErrNoIndex) {
		t.Errorf("a tenant without an index: %v", err)
	}
}

func TestFailsClosed(t *testing.T) {
	inner := newPlain()
	e := tenantsearch.New(inner)
	for ctx, want := range map[context.Context]error{t.Context(): tenancy.ErrNone, tenancy.With(t.Context(), "A"): tenancy.ErrID} {
		_, searchErr := e.Search(ctx, "docs", search.Query{})
		for what, err := range map[string]error{"Search": searchErr, "Index": e.Index(ctx, "docs", doc("x", "y")), "Delete": e.Delete(ctx, "docs", "x")} {
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
	engine := tenantsearch.New(newPlain()) // any search.Engine
	acme, beta := tenancy.With(context.Background(), "acme"), tenancy.With(context.Background(), "beta")
	for ctx, d := range map[context.Context]search.Document{acme: doc("1", "red fox"), beta: doc("2", "red car")} {
		if err := engine.Index(ctx, "notes", d); err != nil {
			fmt.Println(err)
			return
		}
	}
	page, err := engine.Search(acme, "notes", search.Query{Text: "red"})
	fmt.Println(page.Total, page.Hits[0].ID, err)
	_, err = engine.Search(context.Background(), "notes", search.Query{Text: "red"})
	fmt.Println(errors.Is(err, tenancy.ErrNone))
	// Output:
	// 1 1 <nil>
	// true
}
