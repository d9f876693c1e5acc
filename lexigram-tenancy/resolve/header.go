package resolve

import (
	"context"
	"errors"
	"net/textproto"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/tenancy"
)

// DefaultHeader is the header that [Header] reads unless told otherwise.
const DefaultHeader = "X-Tenant"

// Header reads the tenant's ID from a header; "" means [DefaultHeader]. No line,
// or a blank one, names no tenant; two lines, which a proxy and its client may
// read differently, and an invalid ID are errors wrapping [tenancy.ErrResolution].
func Header(name string) tenancy.Resolver {
	if name == "" {
		name = DefaultHeader
	}
	return header(textproto.CanonicalMIMEHeaderKey(name))
}

type header string

func (h header) Resolve(_ context.Context, r *tenancy.Request) (tenancy.Ref, error) {
	where := "header " + string(h)
	lines := r.Header[string(h)]
	switch len(lines) {
	case 0:
		return tenancy.Ref{}, none(where)
	case 1:
	default:
		return tenancy.Ref{}, wrong(errors.New("more than one line"), where)
	}
	value := strings.Trim(lines[0], " \t")
	if value == "" {
		return tenancy.Ref{}, none(where)
	}
	id, err := checked(value, where)
	return tenancy.Ref{ID: id}, err
}
