package httpapi

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/idempotency"
)

// Headers of [Idempotent].
const (
	IdempotencyKeyHeader      = "Idempotency-Key"
	IdempotencyReplayedHeader = "Idempotency-Replayed" // "true" on a response that was kept
)

// Defaults of [IdempotentOptions]: what is read of a request and kept of a response, in bytes.
const (
	DefaultMaxRequest  = 1 << 20
	DefaultMaxResponse = 1 << 20
)

// IdempotentOptions say what [Idempotent] does. Only Principal is needed.
type IdempotentOptions struct {
	// Principal says on whose behalf a request is made, such as the user and the
	// tenant: keys of one have nothing to do with those of another. Its error is
	// the answer. A service that knows no callers returns a constant.
	Principal func(*http.Request) (string, error)
	// Required refuses requests without a key, where they otherwise pass as they are.
	Required bool
	// Methods are those whose requests may have a key; the others' are not looked at. nil is POST and PATCH.
	Methods []string
	// MaxRequest bounds the body of a request with a key, MaxResponse what is kept of
	// a response. 0 is [DefaultMaxRequest] and [DefaultMaxResponse].
	MaxRequest, MaxResponse int64
	// Wait is how long a request waits for the same one that is in flight, before
	// it is answered 409. 0 is not to wait.
	Wait time.Duration
	// Lease and Keep are those of [idempotency.Lease] and [idempotency.Keep]; 0 is their default.
	Lease, Keep time.Duration
}

// Idempotent returns a middleware that runs a request once for each
// Idempotency-Key, and answers the same request with the same key from what s
// kept, as draft-ietf-httpapi-idempotency-key-header-07 has it. Use it inside
// [Recover] and authentication. The answers, all but the first as problem details:
//
//   - the status, headers and body that were, with [IdempotencyReplayedHeader],
//     if the request is the same: method, path with query, Content-Type and body;
//   - 422 ([idempotency.ErrMismatch]) if it is another;
//   - 409 ([idempotency.ErrPending]) with Retry-After while it is in flight;
//   - 409 ([ErrNotKept]) if it was executed and the response not kept: see below;
//   - 400 ([ErrIdempotencyKey]) if the key is missing and Required, given twice,
//     empty, longer than 255 bytes, or neither the quoted string of the draft nor
//     visible ASCII without quotes and commas;
//   - the error of a store that fails: the handler then does not run.
//
// Responses with status 500 and above, and with 408, 425, 429 and
// [StatusClientClosedRequest], are not kept: the next request with the key runs.
// So it does if the handler panics, which passes through. All others are kept,
// even if the client has gone, and sent once they are kept, so that who has an
// answer can repeat the request.
//
// What is kept has the headers that the handler set, cookies too, and the body:
// guard the store as you guard them.
//
// A response that the handler flushes or hijacks, that has trailers, or that is
// larger than MaxResponse, passes through from there on. The response is not
// kept, but that there was one is: the request is not executed again.
//
// A nil store, options without Principal, with a negative bound, or with a Lease or Keep
// under a millisecond, are [ErrOptions].
func Idempotent(s idempotency.Store, o IdempotentOptions) (Middleware, error) {
	var invalid errs.ValidationError
	if s == nil {
		invalid.Add("store", "is nil: it keeps the answers", "")
	}
	if o.Principal == nil {
		invalid.Add("Principal", "is nil: keys of different callers must differ", "")
	}
	if o.MaxRequest < 0 || o.MaxResponse < 0 || o.Wait < 0 {
		invalid.Add("MaxRequest, MaxResponse, Wait", "must not be negative", "")
	}
	if o.Lease != 0 && idempotency.CheckTTL(o.Lease) != nil || o.Keep != 0 && idempotency.CheckTTL(o.Keep) != nil {
		invalid.Add("Lease, Keep", "must be at least a millisecond; 0 is the default", "")
	}
	if err := invalid.Err(); err != nil {
		return nil, ErrOptions.Wrap(err, "httpapi: idempotent")
	}
	if o.Methods == nil {
		o.Methods = []string{http.MethodPost, http.MethodPatch}
	}
	o.MaxRequest, o.MaxResponse = cmp.Or(o.MaxRequest, DefaultMaxRequest), cmp.Or(o.MaxResponse, DefaultMaxResponse)
	call := []idempotency.Option{idempotency.Wait(o.Wait)}
	if o.Lease > 0 {
		call = append(call, idempotency.Lease(o.Lease))
	}
	if o.Keep > 0 {
		call = append(call, idempotency.Keep(o.Keep))
	}
	m := &idempotent{IdempotentOptions: o, store: s, call: call}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { m.serve(w, r, next) })
	}, nil
}

type idempotent struct {
	IdempotentOptions
	store idempotency.Store
	call  []idempotency.Option
}

// errNotKept ends Do without a result: the response says that the request may be repeated.
var errNotKept = errors.New("httpapi: response is not one to keep")

func (m *idempotent) serve(w http.ResponseWriter, r *http.Request, next http.Handler) {
	values := r.Header.Values(IdempotencyKeyHeader)
	if !slices.Contains(m.Methods, r.Method) || len(values) == 0 && !m.Required {
		next.ServeHTTP(w, r)
		return
	}
	key, fingerprint, body, err := m.identify(w, r, values)
	if err != nil {
		WriteError(w, r, err)
		return
	}
	keeper := newKeeper(w, m.MaxResponse)
	ran := false
	out, err := idempotency.Do(r.Context(), m.store, key, fingerprint, func(ctx context.Context, _ idempotency.Claim) ([]byte, error) {
		ran = true
		again := r.WithContext(ctx)
		again.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(keeper, again)
		return keeper.kept()
	}, m.call...)
	if p, ok := errors.AsType[*errs.PanicError](err); ok && ran {
		if p.Value == http.ErrAbortHandler {
			panic(http.ErrAbortHandler)
		}
		panic(p) // with the stack where it began
	}
	switch {
	case ran:
		if err != nil && err != errNotKept {
			note(r.Context(), err)
		}
		keeper.send()
	case err != nil:
		WriteError(w, r, err)
	default:
		if err := replay(w, out.Result); err != nil {
			WriteError(w, r, err)
		}
	}
}

// identify returns what the store knows the request by, and its body.
func (m *idempotent) identify(w http.ResponseWriter, r *http.Request, values []string) (key, fingerprint string, body []byte, err error) {
	if key, err = parseKey(values); err != nil {
		return "", "", nil, err
	}
	principal, err := m.Principal(r)
	if err != nil {
		return "", "", nil, err
	}
	body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, m.MaxRequest))
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return "", "", nil, ErrTooLarge.Wrap(nil, "httpapi: body has more than the %d bytes allowed with %s", tooLarge.Limit, IdempotencyKeyHeader)
	} else if err != nil {
		return "", "", nil, ErrBody.Wrap(err, "httpapi: read body")
	}
	key = "http/" + idempotency.Fingerprint([]byte(principal), []byte(key))
	fingerprint = idempotency.Fingerprint([]byte(r.Method), []byte(r.URL.RequestURI()), []byte(r.Header.Get("Content-Type")), body)
	return key, fingerprint, body, nil
}

// parseKey returns the key that the header has: a string of RFC 9651, or the same without quotes.
func parseKey(values []string) (string, error) {
	switch len(values) {
	case 0:
		return "", ErrIdempotencyKey.Wrap(nil, "httpapi: header %s is missing: send a new one with each request, such as a UUID", IdempotencyKeyHeader)
	case 1:
	default:
		return "", ErrIdempotencyKey.Wrap(nil, "httpapi: header %s is given %d times", IdempotencyKeyHeader, len(values))
	}
	key := strings.Trim(values[0], " \t")
	bare := !strings.HasPrefix(key, `"`)
	if !bare {
		var ok bool
		if key, ok = unquote(key); !ok {
			return "", ErrIdempotencyKey.Wrap(nil, "httpapi: header %s is no quoted string", IdempotencyKeyHeader)
		}
	}
	if len(key) == 0 || len(key) > 255 {
		return "", ErrIdempotencyKey.Wrap(nil, "httpapi: header %s has %d bytes, want 1 to 255", IdempotencyKeyHeader, len(key))
	}
	for i := range len(key) {
		if c := key[i]; c < ' ' || c > '~' || bare && (c == ' ' || c == '"' || c == ',') {
			return "", ErrIdempotencyKey.Wrap(nil, "httpapi: header %s has byte %#x, want visible ASCII", IdempotencyKeyHeader, c)
		}
	}
	return key, nil
}

// unquote returns what a quoted string says.
func unquote(s string) (string, bool) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '"':
			return b.String(), i == len(s)-1
		case '\\':
			if i++; i == len(s) || s[i] != '"' && s[i] != '\\' {
				return "", false
			}
		}
		b.WriteByte(s[i])
	}
	return "", false
}
