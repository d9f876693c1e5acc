package httpapi

import (
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/idempotency"
	"github.com/lexigram/lexigram-go/contracts/resilience"
)

// Errors of requests and of the server.
var (
	Err          = errs.New("LEX_ERR_HTTP_001", errs.Unknown, "httpapi")
	ErrBody      = Err.Sub("LEX_ERR_HTTP_002", errs.Invalid, "httpapi: request body is malformed")
	ErrTooLarge  = Err.Sub("LEX_ERR_HTTP_003", errs.Invalid, "httpapi: request body is too large")              // status 413
	ErrMediaType = Err.Sub("LEX_ERR_HTTP_004", errs.Invalid, "httpapi: request body is not of a type accepted") // status 415
	ErrOptions   = Err.Sub("LEX_ERR_HTTP_005", errs.Invalid, "httpapi: invalid options")
	ErrListen    = Err.Sub("LEX_ERR_HTTP_006", errs.Unavailable, "httpapi: cannot listen")
	ErrDraining  = Err.Sub("LEX_ERR_HTTP_007", errs.Unavailable, "httpapi: server is draining")
	ErrServe     = Err.Sub("LEX_ERR_HTTP_008", errs.Internal, "httpapi: server failed")
	ErrStream    = Err.Sub("LEX_ERR_HTTP_009", errs.Unavailable, "httpapi: event stream is broken")
	// ErrIdempotencyKey and ErrNotKept are of [Idempotent].
	ErrIdempotencyKey = Err.Sub("LEX_ERR_HTTP_010", errs.Invalid, "httpapi: Idempotency-Key is missing or malformed")
	ErrNotKept        = Err.Sub("LEX_ERR_HTTP_011", errs.Conflict, "httpapi: request was executed before, its response was not kept")
)

// StatusClientClosedRequest is the status of a request whose client gave up. Nobody
// reads it but the log.
const StatusClientClosedRequest = 499

// A Problem is the body of an error response: problem details of RFC 9457 with
// extensions.
type Problem struct {
	Type      string            `json:"type"`                 // "urn:lexigram:not-found", by kind
	Title     string            `json:"title"`                // by kind
	Status    int               `json:"status"`               //
	Detail    string            `json:"detail,omitempty"`     // of this error; never of a fault of ours
	Instance  string            `json:"instance,omitempty"`   // the path of the request
	Code      string            `json:"code,omitempty"`       // of the errs.Error, such as "LEX_ERR_CACHE_002"
	Hint      string            `json:"hint,omitempty"`       // what to change
	Errors    []errs.FieldError `json:"errors,omitempty"`     // of an errs.ValidationError
	RequestID string            `json:"request_id,omitempty"` // for the search in the log
}

// class is what a kind of error means to a client.
type class struct {
	status int
	slug   string
	title  string
	// shown says that the error's text is for the client. That of other kinds
	// tells of our inside: hosts, paths, statements.
	shown bool
}

func classOf(k errs.Kind) class {
	switch k {
	case errs.Invalid:
		return class{http.StatusBadRequest, "invalid", "Invalid request", true}
	case errs.NotFound:
		return class{http.StatusNotFound, "not-found", "Not found", true}
	case errs.Conflict:
		return class{http.StatusConflict, "conflict", "Conflict", true}
	case errs.Denied:
		return class{http.StatusForbidden, "denied", "Not allowed", true}
	case errs.Unauthenticated:
		return class{http.StatusUnauthorized, "unauthenticated", "Not authenticated", true}
	case errs.Exhausted:
		return class{http.StatusTooManyRequests, "exhausted", "Limit reached", true}
	case errs.Unsupported:
		return class{http.StatusNotImplemented, "unsupported", "Not supported", true}
	case errs.Unavailable:
		return class{http.StatusServiceUnavailable, "unavailable", "Temporarily unavailable", false}
	case errs.Timeout:
		return class{http.StatusGatewayTimeout, "timeout", "Took too long", false}
	case errs.Canceled:
		return class{StatusClientClosedRequest, "canceled", "Client closed request", false}
	default:
		return class{http.StatusInternalServerError, "internal", "Internal error", false}
	}
}

// StatusOf returns the HTTP status of err by its [errs.KindOf]: Invalid 400 (413
// for [ErrTooLarge], 415 for [ErrMediaType], 422 for [idempotency.ErrMismatch]), NotFound 404, Conflict 409, Denied
// 403, Unauthenticated 401, Exhausted 429, Unavailable 503, Timeout 504, Canceled
// 499, Unsupported 501, and 500 for anything else. Of nil it is 200.
func StatusOf(err error) int {
	switch {
	case err == nil:
		return http.StatusOK
	case errors.Is(err, ErrTooLarge):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, ErrMediaType):
		return http.StatusUnsupportedMediaType
	case errors.Is(err, idempotency.ErrMismatch):
		return http.StatusUnprocessableEntity
	}
	return classOf(errs.KindOf(err)).status
}

// ProblemOf returns what a client may know of err, which is not nil. The detail is err's
// text for the kinds that are about the request, and only if an [errs.Error] gave it the
// kind: an error of the standard library may name files and hosts.
func ProblemOf(err error) Problem {
	kind := errs.KindOf(err)
	c := classOf(kind)
	p := Problem{Type: "urn:lexigram:" + c.slug, Title: c.title, Status: StatusOf(err)}
	if s := sentinel(err); s != nil {
		p.Code, p.Hint = s.Code(), s.Hint()
		if c.shown {
			line, _, _ := strings.Cut(err.Error(), "\n")
			p.Detail = config.RedactText(line)
		}
	}
	if v, ok := errors.AsType[*errs.ValidationError](err); ok && c.shown {
		p.Errors = v.Fields
	}
	return p
}

// sentinel returns the errs.Error that errs.KindOf takes the kind from, or nil.
func sentinel(err error) *errs.Error {
	if e, ok := err.(*errs.Error); ok && e.Kind() != errs.Unknown {
		return e
	}
	switch u := err.(type) {
	case interface{ Unwrap() error }:
		return sentinel(u.Unwrap())
	case interface{ Unwrap() []error }:
		for _, inner := range u.Unwrap() {
			if s := sentinel(inner); s != nil {
				return s
			}
		}
	}
	return nil
}

// WriteError answers r with [ProblemOf] err, as application/problem+json, and with
// Retry-After if err knows when to come back ([resilience.RetryAfter]). It does not log; [AccessLog] adds err, also what the client may not see, to its
// line. Under [AccessLog] or [Recover] a response that has begun is left as it is.
func WriteError(w http.ResponseWriter, r *http.Request, err error) {
	if err == nil {
		err = Err.Wrap(nil, "httpapi: WriteError of a nil error")
	}
	note(r.Context(), err)
	if b, ok := w.(interface{ begun() bool }); ok && b.begun() {
		return
	}
	p := ProblemOf(err)
	p.Instance, p.RequestID = r.URL.Path, RequestIDOf(r.Context())
	body, failed := json.Marshal(p)
	if failed != nil { // cannot be: texts and a number
		http.Error(w, http.StatusText(p.Status), p.Status)
		return
	}
	h := w.Header()
	for _, about := range []string{"Content-Length", "Content-Encoding", "Etag", "Last-Modified", "Content-Disposition"} {
		h.Del(about) // set for the body that is not sent
	}
	if after, ok := resilience.RetryAfter(err); ok {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(after.Seconds()))))
	}
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(p.Status)
	_, _ = w.Write(append(body, '\n')) // the client went away: there is nobody to tell
}

// WriteJSON answers with v as application/json. A v that cannot be encoded is a
// fault of ours: nothing is written, and the error is for [WriteError].
func WriteJSON(w http.ResponseWriter, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return ErrServe.Wrap(err, "httpapi: encode response")
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // the client went away: there is nobody to tell
	return nil
}
