// Package gate admits requests to tenants. Its middleware finds the tenant that
// a request names, checks that it works and that the request may act in it, and
// only then calls the handler, in a context of the tenant. Everything else is
// refused: it fails closed.
package gate

import (
	"context"
	"errors"
	"net/http"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
)

// A Gate admits requests to tenants. It is safe for concurrent use and keeps
// nothing between requests. Make one with [New]; the zero value is not usable.
type Gate struct{ options Options }

// ErrOptions reports [Options] that cannot work.
var ErrOptions = tenancy.Err.Sub("LEX_ERR_TENANT_014", errs.Invalid, "tenancy: gate options")

// New returns a Gate, or an error wrapping [ErrOptions].
func New(o Options) (*Gate, error) {
	switch {
	case o.Resolver == nil:
		return nil, ErrOptions.Wrap(nil, "gate: Resolver is missing (such as resolve.Header)")
	case o.Finder == nil:
		return nil, ErrOptions.Wrap(nil, "gate: Finder is missing (such as a sqltenants.Directory)")
	case o.Authorizer == nil && o.Public == nil:
		return nil, ErrOptions.Wrap(nil, "gate: Authorizer is missing (or Public, if tenants need none)")
	}
	if o.OnError == nil {
		o.OnError = Problem
		if o.Reveal {
			o.OnError = revealing
		}
	}
	return &Gate{options: o}, nil
}

// Middleware calls next for requests that [Gate.Admit] admits, in a context of
// their tenant, and OnError for all others.
func (g *Gate) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t, err := g.admit(r)
		if err != nil {
			g.options.OnError(w, r, err)
			return
		}
		next.ServeHTTP(w, r.WithContext(tenancy.With(r.Context(), t.ID)))
	})
}

func (g *Gate) admit(r *http.Request) (tenancy.Info, error) {
	req := &tenancy.Request{Header: r.Header, Host: r.Host, Path: r.URL.Path}
	if g.options.Claims != nil {
		if err := errs.Catch(func() error { req.Claims = g.options.Claims(r); return nil }); err != nil {
			return tenancy.Info{}, tenancy.Err.Wrap(err, "gate: claims")
		}
	}
	return g.Admit(r.Context(), req)
}

// Admit returns the tenant that r names and may act in. Otherwise the error
// wraps, in this order, [tenancy.ErrNone] or [tenancy.ErrResolution] (of the
// Resolver), [tenancy.ErrNotFound], [tenancy.ErrDenied], and
// [tenancy.ErrInactive] or [tenancy.ErrSuspended]; or it is that of a dependency
// that failed or panicked. A stranger is denied before learning that a tenant
// is suspended.
func (g *Gate) Admit(ctx context.Context, r *tenancy.Request) (t tenancy.Info, err error) {
	err = errs.Catch(func() error {
		t, err = g.find(ctx, r)
		if err != nil {
			return err
		}
		if err := g.authorize(ctx, r, t); err != nil {
			return err
		}
		if err := t.Working(); err != nil {
			return err
		}
		return tenancy.CheckID(t.ID) // of a Finder that is wrong: no tenant must come out of it
	})
	if err != nil {
		return tenancy.Info{}, tenancy.Err.Wrap(err, "gate")
	}
	return t, nil
}

// find returns the tenant that r names. An ID that is none may be a slug: people
// write slugs into headers.
func (g *Gate) find(ctx context.Context, r *tenancy.Request) (tenancy.Info, error) {
	ref, err := g.options.Resolver.Resolve(ctx, r)
	if err != nil {
		return tenancy.Info{}, err
	}
	if ref == (tenancy.Ref{}) {
		return tenancy.Info{}, tenancy.ErrNone
	}
	t, err := g.options.Finder.Find(ctx, ref)
	if errors.Is(err, tenancy.ErrNotFound) && ref.ID != "" {
		return g.options.Finder.Find(ctx, tenancy.Ref{Slug: string(ref.ID)})
	}
	return t, err
}

func (g *Gate) authorize(ctx context.Context, r *tenancy.Request, t tenancy.Info) error {
	if g.options.Public != nil && g.options.Public(t) {
		return nil
	}
	if g.options.Authorizer == nil {
		return tenancy.ErrDenied.Wrap(nil, "tenant %q is not public", t.Slug)
	}
	return g.options.Authorizer.Authorize(ctx, r, t)
}
