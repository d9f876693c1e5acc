package resolve

import (
	"context"
	"errors"
	"net"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/tenancy"
)

// Subdomain reads the tenant's slug from the host name: "acme" of
// "acme.example.com" if base is "example.com". base itself, "www" below it, and
// hosts that are not below it name no tenant; "a.b.example.com" and an invalid
// slug are errors wrapping [tenancy.ErrResolution]. Case, a port and a final dot
// do not matter.
func Subdomain(base string) tenancy.Resolver {
	return subdomain("." + strings.ToLower(strings.Trim(base, ".")))
}

type subdomain string

func (s subdomain) Resolve(_ context.Context, r *tenancy.Request) (tenancy.Ref, error) {
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	slug, ok := strings.CutSuffix(host, string(s))
	if !ok || len(s) == 1 || slug == "" || slug == "www" {
		return tenancy.Ref{}, none("host name")
	}
	if strings.Contains(slug, ".") {
		return tenancy.Ref{}, wrong(errors.New("more than one label below "+string(s[1:])), "host name")
	}
	id, err := checked(slug, "host name")
	return tenancy.Ref{Slug: string(id)}, err
}
