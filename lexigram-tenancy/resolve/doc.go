// Package resolve reads which tenant a request names: from a header, the host
// name, the path or a verified token.
//
//	r := resolve.Chain(resolve.Claim("tenant"), resolve.Header("X-Tenant"))
//
// What a request names proves nothing: the gate's authorizer admits it.
package resolve

import "github.com/lexigram/lexigram-go/contracts/tenancy"

// none and wrong are the two ways not to name a tenant.
func none(where string) error { return tenancy.ErrNone.Wrap(nil, "resolve: %s", where) }

func wrong(cause error, where string) error {
	return tenancy.ErrResolution.Wrap(cause, "resolve: %s", where)
}

// checked returns the name as an ID, or an error wrapping [tenancy.ErrResolution].
func checked(name, where string) (tenancy.ID, error) {
	if err := tenancy.CheckID(tenancy.ID(name)); err != nil {
		return "", wrong(err, where)
	}
	return tenancy.ID(name), nil
}
