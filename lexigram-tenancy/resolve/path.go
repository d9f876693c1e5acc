package resolve

import (
	"context"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/tenancy"
)

// DefaultPath is the prefix that [Path] reads unless told otherwise.
const DefaultPath = "/tenants/"

// Path reads the tenant's slug from the segment of the path after prefix; ""
// means [DefaultPath]. "/tenants/acme" and "/tenants/acme/users" name "acme". A
// path that does not begin with prefix, or has an empty segment after it, names
// no tenant; an invalid slug is an error wrapping [tenancy.ErrResolution].
func Path(prefix string) tenancy.Resolver {
	if prefix == "" {
		prefix = DefaultPath
	}
	return path("/" + strings.Trim(prefix, "/") + "/")
}

type path string

func (p path) Resolve(_ context.Context, r *tenancy.Request) (tenancy.Ref, error) {
	rest, ok := strings.CutPrefix(r.Path, string(p))
	slug, _, _ := strings.Cut(rest, "/")
	if !ok || slug == "" {
		return tenancy.Ref{}, none("path")
	}
	id, err := checked(slug, "path")
	return tenancy.Ref{Slug: string(id)}, err
}
