package httpapi

import (
	"bufio"
	"bytes"
	"encoding/json"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// A keeper holds a response back until it is kept. What is flushed, hijacked or
// too large to keep passes through. One goroutine at a time writes.
type keeper struct {
	inner   http.ResponseWriter
	max     int64
	before  http.Header // as the handler found it
	header  http.Header // the handler's
	status  int         // 0 before the response begins
	sent    http.Header // header when it began
	body    bytes.Buffer
	passing bool
}

func newKeeper(w http.ResponseWriter, limit int64) *keeper {
	return &keeper{inner: w, max: limit, before: w.Header().Clone(), header: w.Header().Clone()}
}

// Unwrap returns the inner writer, for http.ResponseController.
func (k *keeper) Unwrap() http.ResponseWriter { return k.inner }

func (k *keeper) Header() http.Header {
	if k.header == nil {
		k.header = http.Header{} // Clone of nil
	}
	return k.header
}

func (k *keeper) WriteHeader(status int) {
	if status < 200 && status != http.StatusSwitchingProtocols { // a final one follows
		k.setHeader(k.Header())
		k.inner.WriteHeader(status)
		return
	}
	if k.status != 0 {
		return
	}
	k.status, k.sent = status, k.Header().Clone()
	if _, trailers := k.sent["Trailer"]; trailers || status == http.StatusSwitchingProtocols {
		k.pass()
	}
}

func (k *keeper) Write(p []byte) (int, error) {
	if k.status == 0 {
		k.WriteHeader(http.StatusOK)
	}
	if !k.passing && int64(k.body.Len())+int64(len(p)) > k.max {
		k.pass()
	}
	if k.passing {
		return k.inner.Write(p)
	}
	return k.body.Write(p)
}

// FlushError sends what was written, and from then on what is; http.ResponseController calls it.
func (k *keeper) FlushError() error {
	if k.status == 0 {
		k.WriteHeader(http.StatusOK)
	}
	k.pass()
	return http.NewResponseController(k.inner).Flush()
}

// Flush is FlushError, for those who assert http.Flusher.
func (k *keeper) Flush() { _ = k.FlushError() } // http.Flusher has no error to give

// Hijack takes the connection over, for those who assert http.Hijacker.
func (k *keeper) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, rw, err := http.NewResponseController(k.inner).Hijack()
	k.passing = k.passing || err == nil
	return c, rw, err
}

func (k *keeper) begun() bool { return k.status != 0 || k.passing }

// setHeader makes h the header of the inner writer.
func (k *keeper) setHeader(h http.Header) {
	clear(k.inner.Header())
	maps.Copy(k.inner.Header(), h)
}

// pass sends what was held back, and lets through what follows.
func (k *keeper) pass() {
	if k.passing {
		return
	}
	k.passing = true
	k.setHeader(k.sent)
	k.header = k.inner.Header() // trailers
	k.inner.WriteHeader(k.status)
	if k.body.Len() > 0 {
		_, _ = k.inner.Write(k.body.Bytes()) // the client went away: there is nobody to tell
	}
	k.body = bytes.Buffer{}
}

// send sends a response that was held back.
func (k *keeper) send() {
	if k.passing {
		return
	}
	if k.status == 0 {
		k.WriteHeader(http.StatusOK)
	}
	trailers := k.header
	k.pass()
	for name, values := range trailers {
		if strings.HasPrefix(name, http.TrailerPrefix) {
			k.inner.Header()[name] = values
		}
	}
}

// A response is what is kept of one.
type response struct {
	Status int         `json:"status"`
	Header http.Header `json:"header,omitempty"`
	Body   []byte      `json:"body,omitempty"`
	// Raw are the values of Header that are not UTF-8, which JSON cannot write.
	Raw    map[string][][]byte `json:"raw,omitempty"`
	Passed bool                `json:"passed,omitempty"` // and was not kept
}

// hop are headers that belong to one message, and not to what it says.
var hop = []string{
	"Connection", "Content-Length", "Date", "Keep-Alive", "Proxy-Authenticate", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade",
	RequestIDHeader, IdempotencyReplayedHeader,
}

// kept returns what to keep of the response, or errNotKept.
func (k *keeper) kept() ([]byte, error) {
	r := response{Status: k.status, Passed: k.passing}
	switch {
	case r.Status == 0 && !k.passing:
		r.Status = http.StatusOK // what net/http sends for a handler that wrote nothing
		k.WriteHeader(r.Status)
	case r.Status >= 500:
		return nil, errNotKept
	}
	switch r.Status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests, StatusClientClosedRequest:
		return nil, errNotKept
	}
	if !r.Passed {
		r.Body, r.Header = k.body.Bytes(), http.Header{}
		for name, values := range k.sent {
			if !slices.Contains(hop, name) && !strings.HasPrefix(name, http.TrailerPrefix) && !slices.Equal(values, k.before[name]) {
				r.set(name, values)
			}
		}
	}
	return json.Marshal(r)
}

// set adds a header to what is kept.
func (r *response) set(name string, values []string) {
	if utf8.ValidString(strings.Join(values, "")) {
		r.Header[name] = values
		return
	}
	if r.Raw == nil {
		r.Raw = map[string][][]byte{}
	}
	for _, v := range values {
		r.Raw[name] = append(r.Raw[name], []byte(v))
	}
}

// replay answers with a response that was kept.
func replay(w http.ResponseWriter, kept []byte) error {
	var r response
	switch err := json.Unmarshal(kept, &r); {
	case err == nil && r.Passed:
		return ErrNotKept.Wrap(nil, "httpapi: repeat of %s", IdempotencyKeyHeader)
	case err != nil || r.Status < 200 || r.Status > 999:
		return ErrServe.Wrap(err, "httpapi: kept response of %d bytes, status %d", len(kept), r.Status)
	}
	maps.Copy(w.Header(), r.Header)
	for name, values := range r.Raw {
		w.Header()[name] = nil
		for _, v := range values {
			w.Header()[name] = append(w.Header()[name], string(v))
		}
	}
	w.Header().Set(IdempotencyReplayedHeader, "true")
	w.WriteHeader(r.Status)
	_, _ = w.Write(r.Body) // the client went away: there is nobody to tell
	return nil
}
