package library

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
)

// Golang is the tenant that everybody may ask. Only its importer writes to it.
const Golang tenancy.ID = "golang"

// CookieKey and CookieTenant carry a browser's key and tenant.
const (
	CookieKey    = "askdocs_key"
	CookieTenant = "askdocs_tenant"
)

// CreateTenant makes a tenant and returns its key, which is stored only as a
// hash: it cannot be shown again. A taken name is an error wrapping [ErrTenant].
func (l *Library) CreateTenant(ctx context.Context, id tenancy.ID) (key string, err error) {
	key = rand.Text()
	err = l.o.Keys.InTx(ctx, func(ctx context.Context) error {
		if _, err := l.o.Tenants.Create(ctx, tenancy.Info{ID: id}); err != nil {
			return err
		}
		_, err := l.o.Keys.Exec(ctx, "INSERT INTO askdocs_keys (tenant, hash) VALUES ($1, $2)", string(id), hashKey(key))
		return err
	})
	if errors.Is(err, tenancy.ErrSlug) {
		return "", ErrTenant.Wrap(nil, "askdocs: tenant %q exists: use its key", id)
	}
	if err != nil {
		return "", Err.Wrap(err, "askdocs: create tenant %q", id)
	}
	return key, nil
}

// EnsureGolang makes the public tenant if there is none.
func (l *Library) EnsureGolang(ctx context.Context) error {
	_, err := l.o.Tenants.Create(ctx, tenancy.Info{ID: Golang, Name: "The Go distribution"})
	if err != nil && !errors.Is(err, tenancy.ErrSlug) {
		return Err.Wrap(err, "askdocs: create tenant %q", Golang)
	}
	return nil
}

// hashKey needs no salt and no stretching: keys have 128 bits of their own.
func hashKey(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

// Authorize implements [tenancy.Authorizer]: a request carries its tenant's key
// as a bearer token or a cookie.
func (l *Library) Authorize(ctx context.Context, r *tenancy.Request, t tenancy.Info) error {
	var want string
	err := sqldb.QueryRow(ctx, l.o.Keys, "SELECT hash FROM askdocs_keys WHERE tenant = $1", string(t.ID)).Scan(&want)
	if err != nil && !errors.Is(err, sqldb.ErrNoRows) {
		return Err.Wrap(err, "askdocs: read the key of tenant %q", t.ID)
	}
	got := hashKey(keyOf(r.Header))
	if subtle.ConstantTimeCompare([]byte(got), []byte(want)) != 1 { // without a stored key want is "", which no hash is
		return tenancy.ErrDenied.Wrap(nil, "askdocs: tenant %q needs its key", t.Slug)
	}
	return nil
}

var _ tenancy.Authorizer = (*Library)(nil)

func keyOf(h http.Header) string {
	if token, ok := strings.CutPrefix(h.Get("Authorization"), "Bearer "); ok {
		return strings.TrimSpace(token)
	}
	return cookie(h, CookieKey)
}

func cookie(h http.Header, name string) string {
	c, err := (&http.Request{Header: h}).Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}

// TenantNamed returns the tenant that a request names, whether or not it may.
func TenantNamed(h http.Header) string { return cmp.Or(h.Get("X-Tenant"), cookie(h, CookieTenant)) }

// CookieResolver reads the tenant that a browser has chosen.
type CookieResolver struct{}

// Resolve implements [tenancy.Resolver].
func (CookieResolver) Resolve(_ context.Context, r *tenancy.Request) (tenancy.Ref, error) {
	id := tenancy.ID(cookie(r.Header, CookieTenant))
	if id == "" {
		return tenancy.Ref{}, tenancy.ErrNone
	}
	if err := tenancy.CheckID(id); err != nil {
		return tenancy.Ref{}, tenancy.ErrResolution.Wrap(err, "askdocs: cookie %s", CookieTenant)
	}
	return tenancy.Ref{ID: id}, nil
}
