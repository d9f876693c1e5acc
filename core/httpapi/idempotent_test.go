package httpapi_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/idempotency"
	"github.com/lexigram/lexigram-go/core/httpapi"
)

// caller takes the principal from a header.
func caller(r *http.Request) (string, error) { return r.Header.Get("X-User"), nil }

// once returns h behind the middleware.
func once(t *testing.T, s idempotency.Store, o httpapi.IdempotentOptions, h http.HandlerFunc) http.Handler {
	t.Helper()
	if o.Principal == nil {
		o.Principal = caller
	}
	m, err := httpapi.Idempotent(s, o)
	if err != nil {
		t.Fatal(err)
	}
	return m(h)
}

// ask sends a request; headers are "Name: value".
func ask(h http.Handler, target, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, target, strings.NewReader(body))
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Add(name, value)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// counting answers with the number of the call and its body.
func counting(n *atomic.Int64, status int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Location", fmt.Sprint("/orders/", n.Add(1)))
		w.Header().Add("Vary", "Accept")
		w.WriteHeader(status)
		fmt.Fprintf(w, "order %d: %s", n.Load(), body)
	}
}

const key = "Idempotency-Key: 8e03978e-40d5-43dd-bc93-6894a57f9324"

func TestIdempotentReplays(t *testing.T) {
	var n atomic.Int64
	h := httpapi.Chain(once(t, &records{}, httpapi.IdempotentOptions{}, counting(&n, http.StatusCreated)), httpapi.RequestID)
	first, again := ask(h, "/orders?a=1", "tea", key), ask(h, "/orders?a=1", "tea", `Idempotency-Key: "8e03978e-40d5-43dd-bc93-6894a57f9324"`)
	if first.Code != http.StatusCreated || first.Body.String() != "order 1: tea" || first.Header().Get(httpapi.IdempotencyReplayedHeader) != "" {
		t.Fatalf("first: %d %q %v", first.Code, first.Body, first.Header())
	}
	if again.Code != first.Code || again.Body.String() != first.Body.String() || again.Header().Get(httpapi.IdempotencyReplayedHeader) != "true" ||
		again.Header().Get("Location") != "/orders/1" || again.Header().Get("Vary") != "Accept" {
		t.Errorf("again: %d %q %v", again.Code, again.Body, again.Header())
	}
	if id := again.Header().Get(httpapi.RequestIDHeader); id == "" || id == first.Header().Get(httpapi.RequestIDHeader) {
		t.Errorf("the replay has request ID %q, the first %q", id, first.Header().Get(httpapi.RequestIDHeader))
	}
	for what, w := range map[string]*httptest.ResponseRecorder{
		"body": ask(h, "/orders?a=1", "coffee", key), "path": ask(h, "/order?a=1", "tea", key),
		"query": ask(h, "/orders?a=2", "tea", key), "type": ask(h, "/orders?a=1", "tea", key, "Content-Type: text/plain"),
	} {
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "LEX_ERR_IDEM_007") {
			t.Errorf("another %s: %d %s", what, w.Code, w.Body)
		}
	}
	if n.Load() != 1 {
		t.Fatalf("ran %d times", n.Load())
	}
	if w := ask(h, "/orders?a=1", "tea", key, "X-User: other"); w.Code != http.StatusCreated || n.Load() != 2 {
		t.Errorf("another principal: %d %s", w.Code, w.Body)
	}
	for range 2 { // without a key
		if w := ask(h, "/orders?a=1", "tea"); w.Code != http.StatusCreated {
			t.Errorf("without a key: %d", w.Code)
		}
	}
	r := httptest.NewRequest(http.MethodPut, "/orders?a=1", nil)
	r.Header.Set(httpapi.IdempotencyKeyHeader, "a, b")
	h.ServeHTTP(httptest.NewRecorder(), r)
	if n.Load() != 5 {
		t.Errorf("ran %d times, want 5", n.Load())
	}
}

func TestIdempotentKeys(t *testing.T) {
	var n atomic.Int64
	h := once(t, &records{}, httpapi.IdempotentOptions{Required: true}, counting(&n, http.StatusOK))
	for what, headers := range map[string][]string{
		"missing": nil, "empty": {"Idempotency-Key: "}, "twice": {key, key}, "long": {"Idempotency-Key: " + strings.Repeat("k", 256)},
		"open": {`Idempotency-Key: "abc`}, "rest": {`Idempotency-Key: "abc" d`}, "escape": {`Idempotency-Key: "a\bc"`}, "end": {`Idempotency-Key: "abc\`},
		"list": {"Idempotency-Key: a,b"}, "control": {"Idempotency-Key: a\x01b"}, "empty string": {`Idempotency-Key: ""`}, "not ASCII": {"Idempotency-Key: é"},
	} {
		if w := ask(h, "/", "", headers...); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "LEX_ERR_HTTP_010") {
			t.Errorf("%s: %d %s", what, w.Code, w.Body)
		}
	}
	if n.Load() != 0 {
		t.Errorf("ran %d times", n.Load())
	}
	for i, k := range []string{`"a \"quoted\\ key"`, strings.Repeat("k", 255)} {
		if w := ask(h, "/", "", "Idempotency-Key: "+k); w.Code != http.StatusOK || n.Load() != int64(i+1) {
			t.Errorf("%.20s: %d %s", k, w.Code, w.Body)
		}
	}
}

func TestIdempotentKeepsOnlyFinalAnswers(t *testing.T) {
	for status, kept := range map[int]bool{
		200: true, 204: true, 301: true, 400: true, 404: true, 409: true, 422: true,
		408: false, 425: false, 429: false, 499: false, 500: false, 503: false,
	} {
		var n atomic.Int64
		h := once(t, &records{}, httpapi.IdempotentOptions{}, func(w http.ResponseWriter, r *http.Request) {
			n.Add(1)
			w.WriteHeader(status)
		})
		first, again := ask(h, "/", "", key), ask(h, "/", "", key)
		if first.Code != status || again.Code != status || (n.Load() == 1) != kept {
			t.Errorf("status %d, then %d: ran %d times", first.Code, again.Code, n.Load())
		}
	}
	var n atomic.Int64
	h := once(t, &records{}, httpapi.IdempotentOptions{}, func(http.ResponseWriter, *http.Request) { n.Add(1) }) // writes nothing
	if first, again := ask(h, "/", "", key), ask(h, "/", "", key); first.Code != 200 || again.Code != 200 || n.Load() != 1 {
		t.Errorf("%d, %d, ran %d times", first.Code, again.Code, n.Load())
	}
}

func TestIdempotentPanic(t *testing.T) {
	var log bytes.Buffer
	n := 0
	h := httpapi.Recover(slog.New(slog.NewTextHandler(&log, nil)))(once(t, &records{}, httpapi.IdempotentOptions{}, func(w http.ResponseWriter, _ *http.Request) {
		if n++; n == 1 {
			io.WriteString(w, "half an ans")
			explode()
		}
		io.WriteString(w, "whole")
	}))
	if w := ask(h, "/", "", key); w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "half") {
		t.Errorf("panic: %d %s", w.Code, w.Body)
	}
	if !strings.Contains(log.String(), "explode") || !strings.Contains(log.String(), "boom") {
		t.Errorf("the log lacks where the panic began:\n%s", log.String())
	}
	if w := ask(h, "/", "", key); w.Code != http.StatusOK || w.Body.String() != "whole" {
		t.Errorf("after a panic: %d %s", w.Code, w.Body)
	}
	abort := once(t, &records{}, httpapi.IdempotentOptions{}, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	defer func() {
		if v := recover(); v != http.ErrAbortHandler {
			t.Errorf("panicked with %v", v)
		}
	}()
	ask(abort, "/", "", key)
}

func explode() { panic("boom") }

func TestIdempotentPassesThrough(t *testing.T) {
	for name, write := range map[string]func(w http.ResponseWriter){
		"flushed": func(w http.ResponseWriter) {
			io.WriteString(w, "he")
			w.(http.Flusher).Flush()
			io.WriteString(w, "llo")
		},
		"too large": func(w http.ResponseWriter) { io.WriteString(w, "hel"); io.WriteString(w, "lo") },
		"trailers": func(w http.ResponseWriter) {
			w.Header().Set("Trailer", "X")
			io.WriteString(w, "hello")
			w.Header().Set("X", "1")
		},
		"events": func(w http.ResponseWriter) {
			if e, err := httpapi.NewEvents(w); err != nil {
				t.Error(err)
			} else if err := e.Send("hello", ""); err != nil {
				t.Error(err)
			}
		},
	} {
		var n atomic.Int64
		h := once(t, &records{}, httpapi.IdempotentOptions{MaxResponse: 4}, func(w http.ResponseWriter, _ *http.Request) {
			n.Add(1)
			write(w)
		})
		first, again := ask(h, "/", "", key), ask(h, "/", "", key)
		if first.Code != 200 || !strings.Contains(first.Body.String(), "hello") {
			t.Errorf("%s: %d %s", name, first.Code, first.Body)
		}
		if name == "trailers" && first.Result().Trailer.Get("X") != "1" {
			t.Errorf("%s: %v", name, first.Result().Trailer)
		}
		if again.Code != http.StatusConflict || !strings.Contains(again.Body.String(), "LEX_ERR_HTTP_011") || n.Load() != 1 {
			t.Errorf("%s again: %d %s, ran %d times", name, again.Code, again.Body, n.Load())
		}
	}
}

func TestIdempotentInFlight(t *testing.T) {
	for wait, want := range map[time.Duration]int{0: http.StatusConflict, time.Minute: http.StatusOK} {
		synctest.Test(t, func(t *testing.T) {
			var n atomic.Int64
			h := once(t, &records{}, httpapi.IdempotentOptions{Wait: wait}, func(w http.ResponseWriter, _ *http.Request) {
				n.Add(1)
				time.Sleep(10 * time.Second)
				io.WriteString(w, "slow")
			})
			go ask(h, "/", "", key)
			time.Sleep(5 * time.Second)
			w := ask(h, "/", "", key)
			if w.Code != want || n.Load() != 1 {
				t.Errorf("wait %v: %d %s, ran %d times", wait, w.Code, w.Body, n.Load())
			}
			if want == http.StatusConflict && w.Header().Get("Retry-After") != "5" {
				t.Errorf("Retry-After: %q", w.Header().Get("Retry-After"))
			}
			time.Sleep(10 * time.Second)
		})
	}
}

// TestIdempotentClientLeaves has the first client gone before the answer; the second one gets it.
func TestIdempotentClientLeaves(t *testing.T) {
	ctx, leave := context.WithCancel(t.Context())
	var n atomic.Int64
	h := once(t, &records{}, httpapi.IdempotentOptions{}, func(w http.ResponseWriter, r *http.Request) {
		n.Add(1)
		leave()
		<-r.Context().Done()
		io.WriteString(w, "done")
	})
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/", nil)
	r.Header.Set(httpapi.IdempotencyKeyHeader, "k")
	h.ServeHTTP(httptest.NewRecorder(), r)
	if w := ask(h, "/", "", "Idempotency-Key: k"); w.Body.String() != "done" || n.Load() != 1 {
		t.Errorf("again: %d %q, ran %d times", w.Code, w.Body, n.Load())
	}
}

func TestIdempotentFailures(t *testing.T) {
	var n atomic.Int64
	s := &records{down: errors.New("store is down")}
	h := once(t, s, httpapi.IdempotentOptions{MaxRequest: 4}, counting(&n, http.StatusOK))
	if w := ask(h, "/", "tea", key); w.Code < 500 || n.Load() != 0 || strings.Contains(w.Body.String(), "down") {
		t.Errorf("store is down: %d %s, ran %d times", w.Code, w.Body, n.Load())
	}
	if w := ask(h, "/", "coffee", key); w.Code != http.StatusRequestEntityTooLarge || n.Load() != 0 {
		t.Errorf("large request: %d %s", w.Code, w.Body)
	}
	denied := once(t, s, httpapi.IdempotentOptions{Principal: func(*http.Request) (string, error) { return "", httpapi.ErrTooLarge }}, counting(&n, 200))
	if w := ask(denied, "/", "", key); w.Code != http.StatusRequestEntityTooLarge || n.Load() != 0 {
		t.Errorf("Principal with an error: %d %s", w.Code, w.Body)
	}
	for _, o := range []httpapi.IdempotentOptions{{}, {Principal: caller, MaxRequest: -1}, {Principal: caller, Keep: -1}, {Principal: caller, Lease: 1}, {Principal: caller, Wait: -1}} {
		if _, err := httpapi.Idempotent(s, o); !errors.Is(err, httpapi.ErrOptions) {
			t.Errorf("Idempotent(%+v) = %v", o, err)
		}
	}
	if _, err := httpapi.Idempotent(nil, httpapi.IdempotentOptions{Principal: caller}); !errors.Is(err, httpapi.ErrOptions) {
		t.Errorf("Idempotent without a store = %v", err)
	}
}

// TestIdempotentLostClaim has a request whose claim another took: its context ends, it is answered all the same, and the failure is logged.
func TestIdempotentLostClaim(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &records{}
		var log bytes.Buffer
		h := httpapi.AccessLog(slog.New(slog.NewTextHandler(&log, nil)))(once(t, s, httpapi.IdempotentOptions{}, func(w http.ResponseWriter, r *http.Request) {
			s.mu.Lock()
			for k := range s.by {
				s.by[k] = "another"
			}
			s.mu.Unlock()
			<-r.Context().Done()
			io.WriteString(w, "done")
		}))
		if w := ask(h, "/", "", key); w.Code != 200 || w.Body.String() != "done" || !strings.Contains(log.String(), "claim no longer held") {
			t.Errorf("%d %s, log %s", w.Code, w.Body, log.String())
		}
	})
}

func TestIdempotentMalformedRecord(t *testing.T) {
	s := &records{}
	h := once(t, s, httpapi.IdempotentOptions{}, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok") })
	ask(h, "/", "", key)
	for _, bad := range []string{"", "{", `{"status":0}`, `{"status":1000}`, `{"status":99}`} {
		for k, r := range s.all {
			r.Result = []byte(bad)
			s.all[k] = r
		}
		if w := ask(h, "/", "", key); w.Code != http.StatusInternalServerError {
			t.Errorf("%q: %d %s", bad, w.Code, w.Body)
		}
	}
}

func TestIdempotentConcurrentSafe(t *testing.T) {
	var n atomic.Int64
	server := httptest.NewServer(once(t, &records{}, httpapi.IdempotentOptions{Wait: time.Minute}, counting(&n, http.StatusCreated)))
	defer server.Close()
	c := client(t)
	var wg sync.WaitGroup
	for i := range 60 {
		wg.Go(func() {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, strings.NewReader("tea"))
			if err != nil {
				t.Error(err)
				return
			}
			r.Header.Set(httpapi.IdempotencyKeyHeader, fmt.Sprint("k", i%6))
			resp, err := c.Do(r)
			if err != nil {
				t.Error(err)
				return
			}
			defer resp.Body.Close()
			if body, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusCreated || !strings.HasSuffix(string(body), ": tea") {
				t.Errorf("%d %s %v", resp.StatusCode, body, err)
			}
		})
	}
	wg.Wait()
	if n.Load() != 6 {
		t.Errorf("6 keys ran %d times", n.Load())
	}
}

// FuzzIdempotentKey looks for headers that crash, or that are taken and are no key.
func FuzzIdempotentKey(f *testing.F) {
	for _, s := range []string{"", "a", `"a"`, `"a\"b"`, `"`, `"\`, "a,b", "a b", "\x00", "é", strings.Repeat("k", 256)} {
		f.Add(s)
	}
	m, err := httpapi.Idempotent(&records{}, httpapi.IdempotentOptions{Principal: caller})
	if err != nil {
		f.Fatal(err)
	}
	h := m(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	f.Fuzz(func(t *testing.T, value string) {
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r.Header[httpapi.IdempotencyKeyHeader] = []string{value}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if value = strings.Trim(value, " \t"); w.Code == http.StatusNoContent && (value == "" || strings.ContainsAny(value, "\x00\r\n\x7f") || len(value) > 512) {
			t.Errorf("%q is taken for a key", value)
		} else if w.Code != http.StatusNoContent && w.Code != http.StatusBadRequest {
			t.Errorf("%q: %d", value, w.Code)
		}
	})
}
