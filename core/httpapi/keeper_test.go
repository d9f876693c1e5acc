package httpapi_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"slices"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/core/httpapi"
)

// hijackable is a writer whose connection can be taken.
type hijackable struct {
	*httptest.ResponseRecorder
	conn net.Conn
}

func (h hijackable) Hijack() (net.Conn, *bufio.ReadWriter, error) { return h.conn, nil, nil }

func TestIdempotentHijack(t *testing.T) {
	h := once(t, &records{}, httpapi.IdempotentOptions{}, func(w http.ResponseWriter, _ *http.Request) {
		if _, _, err := w.(http.Hijacker).Hijack(); err != nil {
			t.Error(err)
		}
	})
	conn, other := net.Pipe()
	defer conn.Close()
	defer other.Close()
	r := httptest.NewRequest(http.MethodPost, "/", nil)
	r.Header.Set(httpapi.IdempotencyKeyHeader, "k")
	w := hijackable{httptest.NewRecorder(), conn}
	h.ServeHTTP(w, r)
	if len(w.Header()) > 0 || w.Body.Len() > 0 {
		t.Errorf("written to a connection that was taken: %v %s", w.Header(), w.Body)
	}
	if w := ask(h, "/", "", "Idempotency-Key: k"); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "LEX_ERR_HTTP_011") {
		t.Errorf("again: %d %s", w.Code, w.Body)
	}
	var err error
	h = once(t, &records{}, httpapi.IdempotentOptions{}, func(w http.ResponseWriter, _ *http.Request) {
		_, _, err = w.(http.Hijacker).Hijack() // of a writer that cannot
		io.WriteString(w, "hello")
	})
	first, again := ask(h, "/", "", key), ask(h, "/", "", key)
	if err == nil || first.Body.String() != "hello" || again.Body.String() != "hello" {
		t.Errorf("%v, %s, %s", err, first.Body, again.Body)
	}
}

// TestIdempotentKeepsBytesOfHeaders: a header need not be UTF-8, which JSON would make of it.
func TestIdempotentKeepsBytesOfHeaders(t *testing.T) {
	h := once(t, &records{}, httpapi.IdempotentOptions{}, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Disposition", "attachment; filename=caf\xe9")
		w.Header()["X-Two"] = []string{"\xff", "ü"}
	})
	first, again := ask(h, "/", "", key), ask(h, "/", "", key)
	if again.Header().Get(httpapi.IdempotencyReplayedHeader) != "true" {
		t.Fatal(again.Header())
	}
	for _, name := range []string{"Content-Disposition", "X-Two"} {
		if !slices.Equal(first.Header()[name], again.Header()[name]) {
			t.Errorf("%s: %q, then %q", name, first.Header()[name], again.Header()[name])
		}
	}
}

// TestIdempotentHeaders has a middleware around it whose headers are those of each request.
func TestIdempotentHeaders(t *testing.T) {
	n := 0
	inner := once(t, &records{}, httpapi.IdempotentOptions{}, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Del("X-Removed")
		w.Header().Set("X-Own", "1")
		w.Header().Set("Connection", "close")
		w.WriteHeader(http.StatusCreated)
		w.WriteHeader(http.StatusInternalServerError) // too late, as with net/http
		w.Header().Set("X-Late", "1")
		io.WriteString(w, "ok")
	})
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n++
		w.Header().Set("X-Outer", fmt.Sprint(n))
		if n == 1 {
			w.Header().Set("X-Removed", "1")
		}
		inner.ServeHTTP(w, r)
	})
	for i := range 2 {
		w := ask(h, "/", "", key)
		header := w.Header()
		if w.Code != http.StatusCreated || header.Get("X-Outer") != fmt.Sprint(i+1) || header.Get("X-Own") != "1" || header.Get("X-Removed") != "" || header.Get("X-Late") != "" {
			t.Errorf("request %d: %d %v", i+1, w.Code, header)
		}
		if (header.Get("Connection") == "close") != (i == 0) {
			t.Errorf("request %d: Connection: %s", i+1, header.Get("Connection"))
		}
	}
}

// TestIdempotentOnTheWire has an early hint, and trailers that are not announced.
func TestIdempotentOnTheWire(t *testing.T) {
	server := httptest.NewServer(once(t, &records{}, httpapi.IdempotentOptions{}, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Link", "</style.css>; rel=preload")
		w.WriteHeader(http.StatusEarlyHints)
		w.Header().Del("Link")
		io.WriteString(w, strings.Repeat("hello", 1000)) // too long for net/http to count it
		w.Header().Set(http.TrailerPrefix+"X-Sum", "7")
	}))
	defer server.Close()
	var hint string
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{Got1xxResponse: func(_ int, h textproto.MIMEHeader) error {
		hint = h.Get("Link")
		return nil
	}})
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set(httpapi.IdempotencyKeyHeader, "k")
	resp, err := client(t).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); err != nil || len(body) != 5000 {
		t.Errorf("%d bytes, %v", len(body), err)
	}
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Link") != "" || hint == "" || resp.Trailer.Get("X-Sum") != "7" {
		t.Errorf("%d %v, trailers %v, hint %q", resp.StatusCode, resp.Header, resp.Trailer, hint)
	}
}
