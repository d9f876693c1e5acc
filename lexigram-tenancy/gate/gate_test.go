package gate_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
	"github.com/lexigram/lexigram-go/lexigram-tenancy/gate"
	"github.com/lexigram/lexigram-go/lexigram-tenancy/memorytenants"
	"github.com/lexigram/lexigram-go/lexigram-tenancy/resolve"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A member lets those in whose header X-Member is the tenant's slug.
type member struct{}

func (member) Authorize(_ context.Context, r *tenancy.Request, t tenancy.Info) error {
	switch r.Header.Get("X-Member") {
	case t.Slug:
		return nil
	case "panic":
		panic("authorizer")
	}
	return tenancy.ErrDenied.Wrap(nil, "not a member of secret-name")
}

func directory(t testing.TB) *memorytenants.Directory {
	d := memorytenants.New()
	for slug, s := range map[string]tenancy.Status{
		"acme": tenancy.Active, "open": tenancy.Active, "frozen": tenancy.Suspended, "old": tenancy.Inactive, "new": tenancy.Provisioning,
	} {
		if _, err := d.Create(context.Background(), tenancy.Info{ID: tenancy.ID("id-" + slug), Slug: slug, Status: s}); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

func newGate(t testing.TB, change func(*gate.Options)) *gate.Gate {
	o := gate.Options{
		Resolver: resolve.Header(""), Finder: directory(t), Authorizer: member{},
		Public: func(t tenancy.Info) bool { return t.Slug == "open" },
	}
	if change != nil {
		change(&o)
	}
	g, err := gate.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// visit sends a request through the gate; tenant is what the handler saw, or
// "" if it was not called.
func visit(t testing.TB, g *gate.Gate, header ...string) (tenant string, res *http.Response) {
	t.Helper()
	h := g.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, err := tenancy.From(r.Context())
		if err != nil {
			t.Errorf("the handler has no tenant: %v", err)
		}
		tenant = string(id)
	}))
	r := httptest.NewRequest("GET", "/x", nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return tenant, w.Result()
}

func TestGate(t *testing.T) {
	g := newGate(t, nil)
	for name, c := range map[string]struct {
		header []string
		tenant string
		status int
	}{
		"by id":                {[]string{"X-Tenant", "id-acme", "X-Member", "acme"}, "id-acme", 200},
		"by slug":              {[]string{"X-Tenant", "acme", "X-Member", "acme"}, "id-acme", 200},
		"public":               {[]string{"X-Tenant", "open"}, "id-open", 200},
		"none":                 {nil, "", 401},
		"wrong":                {[]string{"X-Tenant", "a", "X-Tenant", "b"}, "", 400},
		"invalid":              {[]string{"X-Tenant", "../acme", "X-Member", "acme"}, "", 400},
		"stranger":             {[]string{"X-Tenant", "acme", "X-Member", "other"}, "", 403},
		"unknown":              {[]string{"X-Tenant", "nobody", "X-Member", "nobody"}, "", 403},
		"suspended":            {[]string{"X-Tenant", "frozen", "X-Member", "frozen"}, "", 403},
		"inactive":             {[]string{"X-Tenant", "old", "X-Member", "old"}, "", 403},
		"provisioning":         {[]string{"X-Tenant", "new", "X-Member", "new"}, "", 403},
		"panicking authorizer": {[]string{"X-Tenant", "acme", "X-Member", "panic"}, "", 500},
	} {
		tenant, res := visit(t, g, c.header...)
		if tenant != c.tenant || res.StatusCode != c.status {
			t.Errorf("%s: tenant %q, status %d, want %q, %d", name, tenant, res.StatusCode, c.tenant, c.status)
		}
		if c.status != 200 {
			checkProblem(t, name, res)
		}
	}
}

func checkProblem(t *testing.T, name string, res *http.Response) {
	t.Helper()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	var p struct {
		Type, Title, Detail string
		Status              int
	}
	if err := json.Unmarshal(body, &p); err != nil || p.Status != res.StatusCode || p.Title == "" || p.Type != "about:blank" ||
		res.Header.Get("Content-Type") != "application/problem+json" || res.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%s: %s, %v, %v", name, body, res.Header, err)
	}
	if strings.Contains(string(body), "secret-name") {
		t.Errorf("%s shows the error: %s", name, body)
	}
}

// TestExistence shows that a stranger cannot find out which tenants there are,
// nor which of them are suspended.
func TestExistence(t *testing.T) {
	answer := func(g *gate.Gate, tenant string) string {
		_, res := visit(t, g, "X-Tenant", tenant, "X-Member", "stranger")
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(res.StatusCode, res.Header, string(body))
	}
	g := newGate(t, nil)
	want := answer(g, "nobody")
	for _, tenant := range []string{"acme", "frozen", "old", "new"} {
		if got := answer(g, tenant); got != want {
			t.Errorf("%s: %s, of a tenant that does not exist: %s", tenant, got, want)
		}
	}
	g = newGate(t, func(o *gate.Options) { o.Reveal = true })
	if got := answer(g, "nobody"); !strings.HasPrefix(got, "404") {
		t.Errorf("Reveal: %s", got)
	}
}

type broken struct{ err error }

func (b broken) Find(context.Context, tenancy.Ref) (tenancy.Info, error) {
	if b.err == nil {
		return tenancy.Info{Slug: "acme", Status: tenancy.Active}, nil // without an ID
	}
	return tenancy.Info{ID: "id-acme", Slug: "acme", Status: tenancy.Active}, b.err
}

func (b broken) Resolve(context.Context, *tenancy.Request) (tenancy.Ref, error) {
	return tenancy.Ref{}, b.err
}

// TestFailsClosed shows that nothing that fails lets anybody in.
func TestFailsClosed(t *testing.T) {
	down := errs.New("TEST", errs.Unavailable, "down")
	for name, c := range map[string]struct {
		change func(*gate.Options)
		status int
	}{
		"finder down":       {func(o *gate.Options) { o.Finder = broken{down} }, 503},
		"finder fails":      {func(o *gate.Options) { o.Finder = broken{errors.New("boom")} }, 500},
		"finder without id": {func(o *gate.Options) { o.Finder = broken{} }, 500},
		"resolver fails":    {func(o *gate.Options) { o.Resolver = broken{errors.New("boom")} }, 500},
		"resolver is empty": {func(o *gate.Options) { o.Resolver = broken{} }, 401},
		"claims panic":      {func(o *gate.Options) { o.Claims = func(*http.Request) map[string]any { panic("claims") } }, 500},
		"public panics":     {func(o *gate.Options) { o.Public = func(tenancy.Info) bool { panic("public") } }, 500},
		"no authorizer":     {func(o *gate.Options) { o.Authorizer = nil }, 403},
	} {
		if tenant, res := visit(t, newGate(t, c.change), "X-Tenant", "acme", "X-Member", "acme"); tenant != "" || res.StatusCode != c.status {
			t.Errorf("%s: tenant %q, status %d, want %d", name, tenant, res.StatusCode, c.status)
		}
	}
}

func TestClaims(t *testing.T) {
	g := newGate(t, func(o *gate.Options) {
		o.Resolver = resolve.Claim("")
		o.Claims = func(r *http.Request) map[string]any { return map[string]any{"tenant": r.Header.Get("Token")} }
	})
	if tenant, res := visit(t, g, "Token", "id-acme", "X-Member", "acme"); tenant != "id-acme" {
		t.Errorf("%q, %d", tenant, res.StatusCode)
	}
}

func TestOnError(t *testing.T) {
	var got error
	g := newGate(t, func(o *gate.Options) {
		o.OnError = func(w http.ResponseWriter, _ *http.Request, err error) { got = err; w.WriteHeader(418) }
	})
	if tenant, res := visit(t, g, "X-Tenant", "nobody"); tenant != "" || res.StatusCode != 418 || !errors.Is(got, tenancy.ErrNotFound) {
		t.Errorf("%q, %d, %v", tenant, res.StatusCode, got)
	}
}

func TestOptions(t *testing.T) {
	r, d := resolve.Header(""), directory(t)
	for _, o := range []gate.Options{{}, {Resolver: r}, {Resolver: r, Finder: d}, {Finder: d, Authorizer: member{}}} {
		if _, err := gate.New(o); !errors.Is(err, gate.ErrOptions) {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

func Example() {
	tenants := memorytenants.New()
	if _, err := tenants.Create(context.Background(), tenancy.Info{ID: "t1", Slug: "acme"}); err != nil {
		fmt.Println(err)
		return
	}
	g, err := gate.New(gate.Options{
		Resolver: resolve.Subdomain("example.com"),
		Finder:   tenants,
		Public:   func(tenancy.Info) bool { return true }, // or an Authorizer
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	handler := g.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		id, err := tenancy.From(r.Context())
		fmt.Println(id, err)
	}))
	for _, url := range []string{"https://acme.example.com/", "https://example.com/"} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest("GET", url, nil))
		fmt.Println(w.Code)
	}
	// Output:
	// t1 <nil>
	// 200
	// 401
}
