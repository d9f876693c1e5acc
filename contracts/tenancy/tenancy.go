// Package tenancy is the contract of multi-tenant code: who the tenant of a
// context is, how a request names one, and where tenants are kept. All of it
// fails closed: code that stores or finds tenants' data calls [From] and does
// nothing without a tenant.
package tenancy

import (
	"context"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/errs"
)

// Errors of tenancy. [Err] is the family of them all.
var (
	Err           = errs.New("LEX_ERR_TENANT_001", errs.Unknown, "tenancy")
	ErrNone       = Err.Sub("LEX_ERR_TENANT_010", errs.Unauthenticated, "tenancy: no tenant in context")
	ErrID         = Err.Sub("LEX_ERR_TENANT_011", errs.Invalid, "tenancy: invalid tenant ID or slug")
	ErrInfo       = Err.Sub("LEX_ERR_TENANT_015", errs.Invalid, "tenancy: invalid tenant")
	ErrDenied     = Err.Sub("LEX_ERR_TENANT_012", errs.Denied, "tenancy: not a member of the tenant")
	ErrNotFound   = Err.Sub("LEX_ERR_TENANT_002", errs.NotFound, "tenancy: no such tenant")
	ErrInactive   = Err.Sub("LEX_ERR_TENANT_003", errs.Denied, "tenancy: tenant is inactive")
	ErrResolution = Err.Sub("LEX_ERR_TENANT_005", errs.Invalid, "tenancy: request names its tenant wrongly")
	ErrSlug       = Err.Sub("LEX_ERR_TENANT_007", errs.Conflict, "tenancy: slug is taken")
	ErrSuspended  = Err.Sub("LEX_ERR_TENANT_008", errs.Denied, "tenancy: tenant is suspended")
)

// An ID names a tenant for ever. The zero ID is no tenant, and no data belongs to it.
type ID string

// CheckID returns an error wrapping [ErrID] unless id is 1 to 63 of a-z, 0-9 and
// "-", neither first nor last a "-". Slugs obey it too. So an ID may stand
// in a host name, a path and a key, and a UUID is one.
func CheckID(id ID) error {
	s := string(id)
	if len(s) == 0 || len(s) > 63 || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || s[0] == '-' || s[len(s)-1] == '-' {
		return ErrID.Wrap(nil, "tenancy: tenant %.70q is not 1 to 63 of a-z, 0-9 and inner \"-\"", s)
	}
	return nil
}

type ctxKey struct{}

// With returns a context whose tenant is id.
func With(ctx context.Context, id ID) context.Context { return context.WithValue(ctx, ctxKey{}, id) }

// From returns the tenant of ctx, or [ErrNone]. Code that stores or finds
// tenants' data calls it and fails closed.
func From(ctx context.Context) (ID, error) {
	if id, _ := ctx.Value(ctxKey{}).(ID); id != "" {
		return id, nil
	}
	return "", ErrNone
}
