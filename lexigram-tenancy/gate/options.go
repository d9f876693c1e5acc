package gate

import (
	"net/http"

	"github.com/lexigram/lexigram-go/contracts/tenancy"
)

// Options of a [Gate].
type Options struct {
	Resolver tenancy.Resolver // reads which tenant a request names; required
	Finder   tenancy.Finder   // finds it, by ID and then by slug; required

	// Authorizer admits requests. It is required, unless Public is set: then a
	// gate without one refuses every tenant that is not public.
	Authorizer tenancy.Authorizer
	// Public says that anybody may act in the tenant: the Authorizer is not
	// asked. nil means that none is.
	Public func(t tenancy.Info) bool

	// Claims returns the claims of a request's verified token, or nil. nil
	// means that there are none.
	Claims func(r *http.Request) map[string]any

	// OnError answers a refused request; err is what Admit returned, with
	// details that are not for strangers. nil means [Problem].
	OnError func(w http.ResponseWriter, r *http.Request, err error)
	// Reveal has the default OnError tell a tenant that does not exist (404)
	// from one that the caller may not enter (403). It has no effect on another OnError.
	Reveal bool
}
