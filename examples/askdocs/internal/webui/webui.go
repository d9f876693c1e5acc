// Package webui is askdocs over HTTP: a JSON API, streams of server-sent events,
// and one server-rendered page that works without a build step.
package webui

import (
	"context"
	"crypto/subtle"
	"embed"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
	"github.com/lexigram/lexigram-go/core/httpapi"
	"github.com/lexigram/lexigram-go/examples/askdocs/internal/library"
	"github.com/lexigram/lexigram-go/lexigram-tenancy/gate"
	"github.com/lexigram/lexigram-go/lexigram-tenancy/resolve"
)

//go:embed static templates
var files embed.FS

// Options are what the site works with; all are required but Logger.
type Options struct {
	Library  *library.Library
	Tenants  tenancy.Finder
	Activity events.Subscriber // of the tenant of the context
	Progress func() Progress   // of the first import
	Admin    string            // key that may create tenants
	Logger   *slog.Logger
}

// A Progress says how far the import of the Go documents is.
type Progress struct {
	Running bool `json:"running"`
	Done    int  `json:"done"`
	Total   int  `json:"total"`

	Problem string `json:"problem,omitempty"` // why it ended early; the next start tries again
}

// A Site serves askdocs. It is safe for concurrent use.
type Site struct {
	o     Options
	pages *pages
}

// New returns the handler of the whole site.
func New(o Options) (http.Handler, error) {
	if o.Library == nil || o.Tenants == nil || o.Activity == nil || o.Progress == nil || o.Admin == "" {
		return nil, errors.New("askdocs: an option of the site is missing")
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	p, err := newPages()
	if err != nil {
		return nil, err
	}
	s := &Site{o: o, pages: p}
	named := []tenancy.Resolver{resolve.Header(""), library.CookieResolver{}}
	api, err := s.gate(func(w http.ResponseWriter, r *http.Request, err error) {
		httpapi.WriteError(w, r, discreet(r, err))
	}, named...)
	if err != nil {
		return nil, err
	}
	page, err := s.gate(func(w http.ResponseWriter, r *http.Request, err error) {
		s.pageError(w, r, discreet(r, err))
	}, append(named, golangByDefault{})...)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	s.routes(mux, api.Middleware, page.Middleware)
	return secure(local(http.NewCrossOriginProtection().Handler(literal(mux)))), nil
}

func (s *Site) gate(onError func(http.ResponseWriter, *http.Request, error), resolvers ...tenancy.Resolver) (*gate.Gate, error) {
	return gate.New(gate.Options{
		Resolver:   resolve.Chain(resolvers...),
		Finder:     s.o.Tenants,
		Authorizer: s.o.Library,
		Public:     func(t tenancy.Info) bool { return t.ID == library.Golang },
		OnError:    onError,
	})
}

func (s *Site) routes(mux *http.ServeMux, api, page func(http.Handler) http.Handler) {
	handle := func(pattern string, wrap func(http.Handler) http.Handler, h func(http.ResponseWriter, *http.Request) error, fail func(http.ResponseWriter, *http.Request, error)) {
		mux.Handle(pattern, wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if err := h(w, r); err != nil {
				fail(w, r, err)
			}
		})))
	}
	open := func(h http.Handler) http.Handler { return h }

	mux.Handle("GET /static/", cached(http.FileServerFS(files)))
	handle("POST /tenant", open, s.chooseTenant, s.pageError)
	handle("GET /{$}", page, s.showPage, s.pageError)
	handle("POST /documents", page, s.uploadForm, s.pageError)
	handle("GET /documents/{path...}", page, s.showDocument, s.pageError)

	handle("POST /api/tenants", open, s.createTenant, httpapi.WriteError)
	handle("GET /api/status", api, s.status, httpapi.WriteError)
	handle("GET /api/documents", api, s.list, httpapi.WriteError)
	handle("PUT /api/documents/{path...}", api, s.upload, httpapi.WriteError)
	handle("GET /api/documents/{path...}", api, s.document, httpapi.WriteError)
	handle("DELETE /api/documents/{path...}", api, s.remove, httpapi.WriteError)
	handle("GET /api/search", api, s.search, httpapi.WriteError)
	handle("GET /api/ask", api, s.ask, httpapi.WriteError)
	handle("POST /api/ask", api, s.ask, httpapi.WriteError)
	handle("GET /api/activity", api, s.activity, httpapi.WriteError)
}

// discreet answers for a tenant that does not exist as for one whose key is
// wrong, so that nobody learns which tenants there are.
func discreet(r *http.Request, err error) error {
	if errors.Is(err, tenancy.ErrNone) {
		return tenancy.ErrNone.Wrap(nil, "askdocs: name the tenant in the header X-Tenant")
	}
	if errors.Is(err, tenancy.ErrNotFound) || errors.Is(err, tenancy.ErrDenied) {
		return tenancy.ErrDenied.Wrap(nil, "askdocs: tenant %.70q needs its key: there is no such tenant, or the key is wrong", library.TenantNamed(r.Header))
	}
	return err
}

// golangByDefault lets a visitor of the page who chose no tenant see the public one.
type golangByDefault struct{}

func (golangByDefault) Resolve(context.Context, *tenancy.Request) (tenancy.Ref, error) {
	return tenancy.Ref{ID: library.Golang}, nil
}

// writable refuses changes of the public tenant.
func writable(ctx context.Context) error {
	id, err := tenancy.From(ctx)
	if err == nil && id == library.Golang {
		err = tenancy.ErrDenied.Wrap(nil, "askdocs: tenant %q is read-only: upload to a tenant of your own", id)
	}
	return err
}

// admin reports whether r carries the key of this process.
func (s *Site) admin(r *http.Request) bool {
	got, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return ok && subtle.ConstantTimeCompare([]byte(got), []byte(s.o.Admin)) == 1
}

// local refuses requests that reached loopback by the name of another host: a
// page of a stranger whose name was pointed here (DNS rebinding).
func local(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if at, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr); ok && at.IP.IsLoopback() && !loopbackHost(r.Host) {
			httpapi.WriteError(w, r, tenancy.ErrDenied.Wrap(nil, "askdocs: host %.80q is not this machine: use http://%v", r.Host, at))
			return
		}
		h.ServeHTTP(w, r)
	})
}

// literal refuses paths that the mux would redirect to what it takes them for:
// who asks for a/../b is told so, and does not get b.
func literal(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/api/documents/") || strings.HasPrefix(r.URL.Path, "/documents/") {
			_, name, _ := strings.Cut(r.URL.Path, "/documents/")
			if err := library.CheckPath(name); err != nil && name != "" {
				httpapi.WriteError(w, r, err)
				return
			}
		}
		h.ServeHTTP(w, r)
	})
}

func loopbackHost(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// secure sets headers that every answer carries: nothing but our own files runs.
func secure(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Referrer-Policy", "same-origin")
		h.ServeHTTP(w, r)
	})
}

func cached(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "max-age=300")
		h.ServeHTTP(w, r)
	})
}
