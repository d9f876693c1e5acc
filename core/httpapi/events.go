package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// DefaultEventTimeout is how long a client may take to accept one event.
const DefaultEventTimeout = 10 * time.Second

// Events is a stream of server-sent events to one client. It is safe for
// concurrent use, until the handler returns. After an error every call returns
// that error.
type Events struct {
	w       http.ResponseWriter
	control *http.ResponseController
	timeout time.Duration

	mu  sync.Mutex
	err error
}

// An EventsOption changes a stream.
type EventsOption func(*Events)

// EventTimeout sets how long a client may take to accept one event before the
// stream breaks; [DefaultEventTimeout] otherwise.
func EventTimeout(d time.Duration) EventsOption { return func(e *Events) { e.timeout = d } }

// NewEvents begins a stream with status 200. The server's read and write
// timeouts do not count for it; each event has its own. An error that matches
// [errors.ErrUnsupported] means that w cannot flush, and that nothing was written.
//
// The handler ends when its client goes or the server drains, which [StreamContext] tells:
//
//	ctx, cancel := httpapi.StreamContext(r.Context())
//	defer cancel()
func NewEvents(w http.ResponseWriter, opts ...EventsOption) (*Events, error) {
	e := &Events{w: w, control: http.NewResponseController(w), timeout: DefaultEventTimeout}
	for _, o := range opts {
		o(e)
	}
	if e.timeout <= 0 {
		return nil, ErrOptions.Wrap(nil, "httpapi: events: timeout %v is not positive", e.timeout)
	}
	if !canFlush(w) {
		return nil, ErrStream.Wrap(errors.ErrUnsupported, "httpapi: events: a %T cannot flush", w)
	}
	// Reading the request is over; its deadline would end the context of the stream.
	if err := e.control.SetReadDeadline(time.Time{}); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return nil, ErrStream.Wrap(err, "httpapi: events: begin")
	}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // or nginx holds events back
	h.Del("Content-Length")
	w.WriteHeader(http.StatusOK)
	return e, e.write(nil)
}

// canFlush reports whether a writer, or one that it wraps, can, without flushing.
func canFlush(w http.ResponseWriter) bool {
	for w != nil {
		// A wrapper's own Flush says nothing about what it wraps.
		u, wraps := w.(interface{ Unwrap() http.ResponseWriter })
		if !wraps {
			break
		}
		w = u.Unwrap()
	}
	switch w.(type) {
	case http.Flusher, interface{ FlushError() error }:
		return true
	}
	return false
}

// A Message is one event. The zero value is an empty event of no name.
type Message struct {
	ID    string        // what a client that reconnects sends as Last-Event-ID; "" leaves it
	Event string        // the name; "" is "message" to a browser
	Data  string        // any text: line breaks are kept, as \n
	Retry time.Duration // tells the client how long to wait before it reconnects; 0 leaves it
}

// Send sends an event; see [Events.SendMessage].
func (e *Events) Send(event, data string) error {
	return e.SendMessage(Message{Event: event, Data: data})
}

// SendJSON sends an event whose data is v as JSON.
func (e *Events) SendJSON(event string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return ErrServe.Wrap(err, "httpapi: encode event %q", event)
	}
	return e.Send(event, string(data))
}

// SendMessage sends m and flushes. A name or ID with a line break or NUL is
// [ErrOptions], and nothing is sent. [ErrStream] means that the client went
// away or was too slow: end the handler.
func (e *Events) SendMessage(m Message) error {
	if strings.ContainsAny(m.Event, "\r\n\x00") || strings.ContainsAny(m.ID, "\r\n\x00") {
		return ErrOptions.Wrap(nil, "httpapi: events: name %q or ID %q has a line break or NUL", m.Event, m.ID)
	}
	var b bytes.Buffer
	field(&b, "id", m.ID)
	field(&b, "event", m.Event)
	if m.Retry > 0 {
		field(&b, "retry", strconv.FormatInt(m.Retry.Milliseconds(), 10))
	}
	for line := range lines(m.Data) {
		fmt.Fprintf(&b, "data: %s\n", line)
	}
	b.WriteByte('\n')
	return e.write(b.Bytes())
}

// Comment sends text that clients ignore.
func (e *Events) Comment(text string) error {
	var b bytes.Buffer
	for line := range lines(text) {
		fmt.Fprintf(&b, ": %s\n", line)
	}
	b.WriteByte('\n')
	return e.write(b.Bytes())
}

// Heartbeat sends an empty comment again and again, so that proxies keep the
// connection and a client that is gone is noticed. It returns nil when ctx ends, and the error of the
// stream. Run it beside the sender, and wait for it before the handler returns.
func (e *Events) Heartbeat(ctx context.Context, every time.Duration) error {
	if every <= 0 {
		return ErrOptions.Wrap(nil, "httpapi: events: heartbeat every %v", every)
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if err := e.Comment(""); err != nil {
				return err
			}
		}
	}
}

func field(b *bytes.Buffer, name, value string) {
	if value != "" {
		fmt.Fprintf(b, "%s: %s\n", name, strings.ToValidUTF8(value, "\uFFFD"))
	}
}

// lines yields the lines of text, whichever way they end, so that no data can
// begin a field of its own.
func lines(text string) func(yield func(string) bool) {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	return strings.SplitSeq(strings.ToValidUTF8(text, "\uFFFD"), "\n")
}

// write sends p and flushes, within the timeout.
func (e *Events) write(p []byte) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.err != nil {
		return e.err
	}
	// A writer without deadlines, such as that of a test, has nothing to be bounded.
	err := e.control.SetWriteDeadline(time.Now().Add(e.timeout))
	if err == nil || errors.Is(err, errors.ErrUnsupported) {
		if _, err = e.w.Write(p); err == nil {
			err = e.control.Flush()
		}
	}
	if err != nil {
		e.err = ErrStream.Wrap(err, "httpapi: events: send")
	}
	return e.err
}
