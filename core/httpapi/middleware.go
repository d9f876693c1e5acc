package httpapi

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
)

// A Middleware wraps a handler.
type Middleware = func(http.Handler) http.Handler

// Chain returns h within all, the first of them outermost. Use [RequestID] first, [AccessLog]
// around [Recover].
func Chain(h http.Handler, all ...Middleware) http.Handler {
	for _, m := range slices.Backward(all) {
		h = m(h)
	}
	return h
}

type (
	requestIDKey struct{}
	noteKey      struct{}
)

// RequestIDHeader carries the ID of a request, there and back.
const RequestIDHeader = "X-Request-Id"

// RequestID gives each request an ID: that of [RequestIDHeader] if it is up to
// 128 letters, digits, and any of ._- , and a random one otherwise. The response
// carries it, [RequestIDOf] returns it.
func RequestID(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get(RequestIDHeader)
		if !validID(id) {
			id = rand.Text()
		}
		w.Header().Set(RequestIDHeader, id)
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requestIDKey{}, id)))
	})
}

// RequestIDOf returns the ID that [RequestID] gave, or "".
func RequestIDOf(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// validID keeps what a client sends from forging lines of logs.
func validID(id string) bool {
	for _, r := range id {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '.' && r != '_' && r != '-' {
			return false
		}
	}
	return id != "" && len(id) <= 128
}

// note leaves err for the access log.
func note(ctx context.Context, err error) {
	if n, ok := ctx.Value(noteKey{}).(*atomic.Pointer[error]); ok {
		n.Store(&err)
	}
}

// AccessLog writes a line to log for each request when it ends: method, path
// without the query, status, bytes, duration, request ID, and the error of
// [WriteError] whole. A status from 500 is an Error, and so is a response that
// was cut off; from 400 a Warn, others Info. The paths in skip have a line only if they fail with 500 or more; none
// given means /livez, /readyz and /startupz. A nil log writes nothing.
func AccessLog(log *slog.Logger, skip ...string) Middleware {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	if len(skip) == 0 {
		skip = []string{"/livez", "/readyz", "/startupz"}
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			var failure atomic.Pointer[error]
			began, rec := time.Now(), &recorder{ResponseWriter: w}
			r = r.WithContext(context.WithValue(r.Context(), noteKey{}, &failure))
			aborted := true // unless the handler returns
			defer func() {
				if status := rec.final(aborted); status >= 500 || aborted || !slices.Contains(skip, r.URL.Path) {
					writeAccess(log, r, rec, status, aborted, time.Since(began), failure.Load())
				}
			}()
			next.ServeHTTP(rec, r)
			aborted = false
		})
	}
}

func writeAccess(log *slog.Logger, r *http.Request, rec *recorder, status int, aborted bool, took time.Duration, failure *error) {
	level := slog.LevelInfo
	switch {
	case status >= 500 || aborted:
		level = slog.LevelError
	case status >= 400:
		level = slog.LevelWarn
	}
	attrs := []slog.Attr{
		slog.String("method", r.Method), slog.String("path", r.URL.Path), slog.Int("status", status),
		slog.Int64("bytes", rec.bytes.Load()), slog.Duration("took", took),
	}
	if id := RequestIDOf(r.Context()); id != "" {
		attrs = append(attrs, slog.String("request_id", id))
	}
	if aborted {
		attrs = append(attrs, slog.Bool("aborted", true))
	}
	if failure != nil {
		attrs = append(attrs, slog.Any("error", *failure))
	}
	log.LogAttrs(r.Context(), level, "request", attrs...)
}

// Recover answers a request whose handler panics with status 500, and writes the panic and
// its stack to log, which may be nil. If the response has begun the connection
// is cut, so that the client does not take half an answer for a whole one.
// [http.ErrAbortHandler] passes through.
func Recover(log *slog.Logger) Middleware {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			rec := &recorder{ResponseWriter: w}
			err := errs.Catch(func() error {
				next.ServeHTTP(rec, r)
				return nil
			})
			p, ok := errors.AsType[*errs.PanicError](err)
			if !ok {
				return
			}
			if inner, ok := p.Value.(*errs.PanicError); ok { // a middleware inside caught it, and panicked again
				p = inner
			}
			if p.Value == http.ErrAbortHandler {
				panic(http.ErrAbortHandler)
			}
			log.LogAttrs(r.Context(), slog.LevelError, "handler panicked", slog.String("method", r.Method),
				slog.String("path", r.URL.Path), slog.String("request_id", RequestIDOf(r.Context())),
				slog.String("error", p.Error()), slog.String("stack", string(p.Stack)))
			if rec.begun() {
				note(r.Context(), p)
				panic(http.ErrAbortHandler)
			}
			WriteError(rec, r, errs.ErrPanic.Wrap(p, "httpapi: %s %s", r.Method, r.URL.Path))
		})
	}
}
