package httpapi_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/core/httpapi"
)

// served runs h within the usual middleware and returns the log's last line.
func served(t *testing.T, h http.HandlerFunc, r *http.Request) (w *httptest.ResponseRecorder, last map[string]any, all string) {
	t.Helper()
	var out bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&out, nil))
	w = httptest.NewRecorder()
	func() {
		defer func() {
			if v := recover(); v != nil && v != http.ErrAbortHandler {
				panic(v)
			}
		}()
		httpapi.Chain(h, httpapi.RequestID, httpapi.AccessLog(log), httpapi.Recover(log)).ServeHTTP(w, r)
	}()
	all = strings.TrimSpace(out.String())
	if i := strings.LastIndex(all, "\n"); all != "" {
		if err := json.Unmarshal([]byte(all[i+1:]), &last); err != nil {
			t.Fatal(err)
		}
	}
	return w, last, all
}

func TestAccessLog(t *testing.T) {
	failure := errs.New("X", errs.Unavailable, "x").Wrap(errors.New("dial 10.0.0.3"), "x: get")
	for _, tc := range []struct {
		name   string
		h      http.HandlerFunc
		status float64
		level  string
		error  string
	}{
		{"nothing written", func(http.ResponseWriter, *http.Request) {}, 200, "INFO", ""},
		{"body", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") }, 200, "INFO", ""},
		{"hint first", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(103); w.WriteHeader(404) }, 404, "WARN", ""},
		{"error", func(w http.ResponseWriter, r *http.Request) { httpapi.WriteError(w, r, failure) }, 503, "ERROR", "x: get: dial 10.0.0.3"},
		{"panic", func(http.ResponseWriter, *http.Request) { panic("hunter2") }, 500, "ERROR", "httpapi: GET /a: panic: hunter2"},
		{"panic half way", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "half"); panic("x") }, 200, "ERROR", "panic: x"},
		{"abort", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 500, "ERROR", ""},
	} {
		w, line, all := served(t, tc.h, httptest.NewRequest(http.MethodGet, "/a?token=x", nil))
		if line["status"] != tc.status || line["level"] != tc.level || line["path"] != "/a" || line["method"] != "GET" {
			t.Errorf("%s: %v", tc.name, line)
		}
		if got, _ := line["error"].(string); got != tc.error {
			t.Errorf("%s: error %q, want %q", tc.name, got, tc.error)
		}
		if id := w.Header().Get("X-Request-Id"); id == "" || line["request_id"] != id {
			t.Errorf("%s: the response has ID %q, the log %v", tc.name, id, line["request_id"])
		}
		if strings.Contains(all, "token=x") || strings.Contains(w.Body.String(), "hunter2") {
			t.Errorf("%s: a secret shows", tc.name)
		}
		if strings.HasPrefix(tc.name, "panic") && !strings.Contains(all, "goroutine") {
			t.Errorf("%s: no stack in %s", tc.name, all)
		}
	}
}

func TestAccessLogSkipsProbes(t *testing.T) {
	ok := func(http.ResponseWriter, *http.Request) {}
	if _, line, _ := served(t, ok, httptest.NewRequest(http.MethodGet, "/readyz", nil)); line != nil {
		t.Errorf("a probe is logged: %v", line)
	}
	bad := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }
	if _, line, _ := served(t, bad, httptest.NewRequest(http.MethodGet, "/readyz", nil)); line == nil {
		t.Error("a failing probe is not logged")
	}
}

func TestRequestID(t *testing.T) {
	var seen string
	h := httpapi.RequestID(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { seen = httpapi.RequestIDOf(r.Context()) }))
	for id, kept := range map[string]bool{
		"abc-1.2_3": true, "": false, "a b": false, "a\nb": false, "ä": false, strings.Repeat("x", 128): true, strings.Repeat("x", 129): false,
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header["X-Request-Id"] = []string{id}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if (seen == id) != kept || len(seen) < 9 || w.Header().Get(httpapi.RequestIDHeader) != seen {
			t.Errorf("%q became %q", id, seen)
		}
	}
	if httpapi.RequestIDOf(t.Context()) != "" {
		t.Error("a context without an ID has one")
	}
}

func TestRecorderKeepsAbilities(t *testing.T) {
	server := httptest.NewServer(httpapi.Chain(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := w.(io.ReaderFrom).ReadFrom(strings.NewReader("hello")); err != nil {
			t.Error(err)
		}
		w.(http.Flusher).Flush()
		if err := http.NewResponseController(w).EnableFullDuplex(); err != nil {
			t.Errorf("the server's writer cannot be reached: %v", err)
		}
	}), httpapi.AccessLog(nil), httpapi.Recover(nil)))
	defer server.Close()
	resp, err := server.Client().Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if b, err := io.ReadAll(resp.Body); err != nil || string(b) != "hello" {
		t.Errorf("%q, %v", b, err)
	}
}
