package gate

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
)

// Problem answers a refused request as RFC 9457 has it: 401 for a request that
// names no tenant, 400 for one that names it wrongly, 403 for one that may not
// enter, 503 if a dependency cannot be reached, and otherwise 500. An unknown
// tenant and one that the caller may not enter answer alike. No text of err is shown.
func Problem(w http.ResponseWriter, _ *http.Request, err error) {
	if errors.Is(err, tenancy.ErrNotFound) {
		err = tenancy.ErrDenied
	}
	write(w, err)
}

// revealing answers as Problem does, but 404 for a tenant that does not exist.
func revealing(w http.ResponseWriter, _ *http.Request, err error) { write(w, err) }

type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`
}

func write(w http.ResponseWriter, err error) {
	status, detail := classify(err)
	body, merr := json.Marshal(problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail})
	if merr != nil { // a struct of strings and a number
		panic(merr)
	}
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client is gone if it fails
}

func classify(err error) (status int, detail string) {
	switch {
	case errors.Is(err, errs.ErrPanic):
		return http.StatusInternalServerError, ""
	case errors.Is(err, tenancy.ErrNone):
		return http.StatusUnauthorized, "The request names no tenant."
	case errors.Is(err, tenancy.ErrResolution):
		return http.StatusBadRequest, "The request names its tenant wrongly."
	case errors.Is(err, tenancy.ErrSuspended):
		return http.StatusForbidden, "The tenant is suspended."
	case errors.Is(err, tenancy.ErrInactive):
		return http.StatusForbidden, "The tenant is not active."
	case errors.Is(err, tenancy.ErrDenied):
		return http.StatusForbidden, "The request may not act in this tenant."
	case errors.Is(err, tenancy.ErrNotFound):
		return http.StatusNotFound, "There is no such tenant."
	}
	switch errs.KindOf(err) {
	case errs.Unavailable, errs.Timeout, errs.Canceled, errs.Exhausted:
		return http.StatusServiceUnavailable, ""
	}
	return http.StatusInternalServerError, ""
}
