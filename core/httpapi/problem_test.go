package httpapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/resilience"
	"github.com/lexigram/lexigram-go/core/httpapi"
)

// written answers a request with err and returns the response and its problem.
func written(t *testing.T, err error) (*httptest.ResponseRecorder, httpapi.Problem) {
	t.Helper()
	w := httptest.NewRecorder()
	w.Header().Set("Content-Length", "3")
	httpapi.WriteError(w, httptest.NewRequest(http.MethodGet, "/a?secret=x", nil), err)
	var p httpapi.Problem
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
	if p.Status != w.Code || w.Header().Get("Content-Type") != "application/problem+json" || w.Header().Get("Content-Length") != "" {
		t.Errorf("%v: %d %v %+v", err, w.Code, w.Header(), p)
	}
	return w, p
}

func TestStatusByKind(t *testing.T) {
	const inside = "dial tcp 10.0.0.3:5432"
	for kind, tc := range map[errs.Kind]struct {
		status int
		shown  bool
	}{
		errs.Invalid: {400, true}, errs.NotFound: {404, true}, errs.Conflict: {409, true}, errs.Denied: {403, true},
		errs.Unauthenticated: {401, true}, errs.Exhausted: {429, true}, errs.Unsupported: {501, true},
		errs.Unavailable: {503, false}, errs.Timeout: {504, false}, errs.Canceled: {499, false},
		errs.Internal: {500, false}, errs.Unknown: {500, false},
	} {
		err := errs.New("X_1", kind, "x").WithHint("do this").Wrap(errors.New(inside), "x: do")
		w, p := written(t, err)
		if w.Code != tc.status || httpapi.StatusOf(err) != tc.status {
			t.Errorf("%v: status %d, want %d", kind, w.Code, tc.status)
		}
		if got := strings.Contains(w.Body.String(), inside); got != tc.shown {
			t.Errorf("%v: shown %v, want %v: %s", kind, got, tc.shown, w.Body)
		}
		if kind != errs.Unknown && (p.Code != "X_1" || p.Hint != "do this") {
			t.Errorf("%v: %+v", kind, p)
		}
		if p.Instance != "/a" || p.Title == "" || !strings.HasPrefix(p.Type, "urn:lexigram:") {
			t.Errorf("%v: %+v", kind, p)
		}
	}
}

func TestStandardErrors(t *testing.T) {
	for _, tc := range []struct {
		err    error
		status int
	}{
		{&fs.PathError{Op: "open", Path: "/var/lib/app/secret", Err: fs.ErrNotExist}, 404},
		{fmt.Errorf("/var/lib/app/secret: %w", fs.ErrPermission), 403},
		{fmt.Errorf("/var/lib/app/secret: %w", context.DeadlineExceeded), 504},
		{fmt.Errorf("/var/lib/app/secret: %w", context.Canceled), 499},
		{errors.New("/var/lib/app/secret"), 500},
		{&errs.PanicError{Value: "/var/lib/app/secret"}, 500},
		{nil, 500},
	} {
		w, _ := written(t, tc.err)
		if w.Code != tc.status || strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%v = %d %s, want %d without the path", tc.err, w.Code, w.Body, tc.status)
		}
	}
	if httpapi.StatusOf(nil) != 200 {
		t.Error("no error is not 200")
	}
}

// patient is an error that knows when to come back.
type patient struct{ after time.Duration }

func (patient) Error() string               { return "busy" }
func (p patient) RetryAfter() time.Duration { return p.after }
func (patient) Unwrap() error               { return resilience.ErrLimited }

func TestWriteErrorSaysWhenToComeBack(t *testing.T) {
	for after, want := range map[time.Duration]string{0: "", time.Millisecond: "1", 90 * time.Second: "90"} {
		if w, _ := written(t, fmt.Errorf("orders: %w", patient{after})); w.Code != 429 || w.Header().Get("Retry-After") != want {
			t.Errorf("%v: %d with Retry-After %q, want %q", after, w.Code, w.Header().Get("Retry-After"), want)
		}
	}
}

func TestProblemHidesPasswordsAndFurtherLines(t *testing.T) {
	err := errors.Join(errs.New("X", errs.Invalid, "x").Wrap(errors.New("url postgres://a:hunter2@b"), "x: parse"), errors.New("second line"))
	w, p := written(t, err)
	if strings.Contains(w.Body.String(), "hunter2") || strings.Contains(p.Detail, "second") {
		t.Errorf("%s", w.Body)
	}
}

func TestProblemListsFields(t *testing.T) {
	var v errs.ValidationError
	v.Add("items[0].price", "is negative", "")
	v.Add("name", "is empty", "EMPTY")
	_, p := written(t, fmt.Errorf("order: %w", v.Err()))
	if p.Status != 400 || len(p.Errors) != 2 || p.Errors[0].Field != "items[0].price" || p.Errors[1].Code != "EMPTY" {
		t.Errorf("%+v", p)
	}
	hidden := errs.New("X", errs.Internal, "x").Wrap(v.Err(), "x: our own input")
	if _, p := written(t, hidden); len(p.Errors) != 0 {
		t.Errorf("an internal error shows %+v", p.Errors)
	}
}

func TestWriteErrorAfterTheResponseBegan(t *testing.T) {
	h := httpapi.Chain(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "half")
		httpapi.WriteError(w, r, errors.New("too late"))
	}), httpapi.AccessLog(nil))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	if w.Body.String() != "half" {
		t.Errorf("the body is %q", w.Body)
	}
}

func TestWriteJSON(t *testing.T) {
	w := httptest.NewRecorder()
	if err := httpapi.WriteJSON(w, 201, map[string]int{"a": 1}); err != nil || w.Code != 201 || w.Body.String() != "{\"a\":1}\n" {
		t.Errorf("%v %d %s", err, w.Code, w.Body)
	}
	w = httptest.NewRecorder()
	if err := httpapi.WriteJSON(w, 201, make(chan int)); !errors.Is(err, httpapi.ErrServe) || w.Body.Len() != 0 {
		t.Errorf("%v %s", err, w.Body)
	}
}
