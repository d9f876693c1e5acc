package resolve

import (
	"context"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/tenancy"
)

// DefaultClaim is the claim that [Claim] reads unless told otherwise.
const DefaultClaim = "tenant"

// Claim reads the tenant's ID from a claim of a verified token; "" means
// [DefaultClaim]. A claim that is missing or "" names no tenant; one that is no
// string, and an invalid ID, are errors wrapping [tenancy.ErrResolution].
func Claim(name string) tenancy.Resolver {
	if name == "" {
		name = DefaultClaim
	}
	return claim(name)
}

type claim string

func (c claim) Resolve(_ context.Context, r *tenancy.Request) (tenancy.Ref, error) {
	where := "claim " + string(c)
	v, ok := r.Claims[string(c)]
	if !ok || v == "" {
		return tenancy.Ref{}, none(where)
	}
	s, ok := v.(string)
	if !ok {
		return tenancy.Ref{}, wrong(fmt.Errorf("is a %T", v), where)
	}
	id, err := checked(s, where)
	return tenancy.Ref{ID: id}, err
}
