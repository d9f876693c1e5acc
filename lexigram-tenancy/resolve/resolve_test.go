package resolve_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/lexigram/lexigram-go/contracts/tenancy"
	"github.com/lexigram/lexigram-go/contracts/tenancy/tenancytest"
	"github.com/lexigram/lexigram-go/lexigram-tenancy/resolve"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func named(lines ...string) tenancy.Request {
	return tenancy.Request{Header: http.Header{"X-Tenant": lines}, Path: "/x", Host: "example.com"}
}

func host(h string) tenancy.Request { return tenancy.Request{Host: h} }
func path(p string) tenancy.Request { return tenancy.Request{Path: p} }
func claim(v any) tenancy.Request   { return tenancy.Request{Claims: map[string]any{"tenant": v}} }

func TestConformance(t *testing.T) {
	header := tenancytest.Cases{
		Named: map[tenancy.Ref]tenancy.Request{{ID: "acme"}: named(" acme\t"), {ID: "a-1"}: named("a-1")},
		None:  []tenancy.Request{named(), named(""), named(" \t"), {Header: http.Header{"x-tenant": {"acme"}}}},
		Wrong: []tenancy.Request{
			named("a", "b"), named("a", "a"), named("", ""), named("a,b"), named("Acme"), named("../x"),
			named("a b"), named(strings.Repeat("a", 64)), named("\u00a0"), named("-a"),
		},
	}
	subdomain := tenancytest.Cases{
		Named: map[tenancy.Ref]tenancy.Request{
			{Slug: "acme"}: host("acme.example.com"), {Slug: "b"}: host("B.Example.COM:8080"), {Slug: "c"}: host("c.example.com."),
		},
		None:  []tenancy.Request{host("example.com"), host("www.example.com"), host("acme.example.org"), host("acmeexample.com"), host("[::1]:80"), host("127.0.0.1"), host("acme.example.com.evil.org")},
		Wrong: []tenancy.Request{host("a.b.example.com"), host("a_b.example.com"), host("-a.example.com"), host("..example.com"), host("é.example.com")},
	}
	paths := tenancytest.Cases{
		Named: map[tenancy.Ref]tenancy.Request{{Slug: "acme"}: path("/t/acme"), {Slug: "b"}: path("/t/b/"), {Slug: "c"}: path("/t/c/users/t/d")},
		None:  []tenancy.Request{path("/"), path("/t"), path("/t/"), path("/t//acme"), path("/x/t/acme"), path("t/acme"), path("/T/acme")},
		Wrong: []tenancy.Request{path("/t/.."), path("/t/A"), path("/t/a b/"), path("/t/a\x00")},
	}
	claims := tenancytest.Cases{
		Named: map[tenancy.Ref]tenancy.Request{{ID: "acme"}: claim("acme")},
		None:  []tenancy.Request{claim(""), {Claims: map[string]any{"sub": "acme"}}},
		Wrong: []tenancy.Request{claim("A"), claim(7), claim(nil), claim([]any{"acme"}), claim(" acme")},
	}
	for name, c := range map[string]struct {
		r     tenancy.Resolver
		cases tenancytest.Cases
	}{
		"header":         {resolve.Header("x-TENANT"), header},
		"default header": {resolve.Header(""), header},
		"subdomain":      {resolve.Subdomain(".example.com"), subdomain},
		"path":           {resolve.Path("t"), paths},
		"claim":          {resolve.Claim(""), claims},
		"chain":          {resolve.Chain(resolve.Claim("x"), resolve.Header(""), resolve.Path("")), header},
	} {
		t.Run(name, func(t *testing.T) {
			tenancytest.RunResolver(t, func(*testing.T) tenancy.Resolver { return c.r }, c.cases)
		})
	}
}

// TestChain shows that a request that names its tenant wrongly is not read in
// another way.
func TestChain(t *testing.T) {
	req := claim(7)
	req.Header = http.Header{"X-Tenant": {"acme"}}
	if ref, err := resolve.Chain(resolve.Claim(""), resolve.Header("")).Resolve(t.Context(), &req); !errors.Is(err, tenancy.ErrResolution) {
		t.Errorf("%+v, %v", ref, err)
	}
	if ref, err := resolve.Chain(resolve.Header(""), resolve.Claim("")).Resolve(t.Context(), &req); err != nil || ref.ID != "acme" {
		t.Errorf("%+v, %v", ref, err)
	}
	if _, err := resolve.Chain().Resolve(t.Context(), &req); !errors.Is(err, tenancy.ErrNone) {
		t.Error(err)
	}
	for _, base := range []string{"", "."} { // no base: every host would be below it
		if _, err := resolve.Subdomain(base).Resolve(t.Context(), &tenancy.Request{Host: "acme."}); !errors.Is(err, tenancy.ErrNone) {
			t.Errorf("Subdomain(%q): %v", base, err)
		}
	}
}

func ExampleChain() {
	r := resolve.Chain(resolve.Claim("tenant"), resolve.Header("X-Tenant"), resolve.Subdomain("example.com"))
	ref, err := r.Resolve(context.Background(), &tenancy.Request{Host: "acme.example.com:443"})
	fmt.Println(ref, err)
	// Output: acme <nil>
}
