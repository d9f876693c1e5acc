package tenancy

import (
	"context"
	"net/http"
)

// A Request is what a resolver may read of a request, whatever its protocol.
type Request struct {
	Header http.Header    // in canonical form, as net/http has it
	Host   string         // with or without a port
	Path   string         // unescaped
	Claims map[string]any // of a token that was verified; nil without one
}

// A Resolver says which tenant a request names. Naming is not proof: what
// admits the request is an [Authorizer]. It is safe for concurrent use.
type Resolver interface {
	// Resolve returns what the request names, an error wrapping [ErrNone] if it
	// names no tenant in this way, or one wrapping [ErrResolution] if it does so
	// wrongly: two header lines, a name that [CheckID] refuses.
	Resolve(ctx context.Context, r *Request) (Ref, error)
}

// An Authorizer says whether a request may act in a tenant. It is safe for
// concurrent use and compares secrets in constant time.
type Authorizer interface {
	// Authorize returns nil, or an error wrapping [ErrDenied].
	Authorize(ctx context.Context, r *Request, t Info) error
}
