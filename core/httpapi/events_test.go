package httpapi_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/core/httpapi"
)

func ExampleNewEvents() {
	handler := func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := httpapi.StreamContext(r.Context())
		defer cancel()
		events, err := httpapi.NewEvents(w)
		if err != nil {
			httpapi.WriteError(w, r, err)
			return
		}
		for i := 0; i < 2 && ctx.Err() == nil; i++ {
			if err := events.Send("progress", fmt.Sprintf("step %d\nof 2", i+1)); err != nil {
				return // the client went away
			}
		}
	}
	w := httptest.NewRecorder()
	handler(w, httptest.NewRequest(http.MethodGet, "/", nil))
	fmt.Print(w.Body)
	// Output:
	// event: progress
	// data: step 1
	// data: of 2
	//
	// event: progress
	// data: step 2
	// data: of 2
}

// event is what a client makes of a stream, as the HTML standard says.
type event struct{ id, name, data string }

// parse reads a whole stream.
func parse(stream string) (events []event) {
	var e event
	var data []string
	stream = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(stream)
	for line := range strings.SplitSeq(stream, "\n") {
		name, val, _ := strings.Cut(line, ":")
		val = strings.TrimPrefix(val, " ")
		switch {
		case line == "":
			if data != nil {
				e.data = strings.Join(data, "\n")
				events = append(events, e)
			}
			e, data = event{id: e.id}, nil
		case name == "data":
			data = append(data, val)
		case name == "event":
			e.name = val
		case name == "id":
			e.id = val
		}
	}
	return events
}

func TestEventsCannotBeForged(t *testing.T) {
	for _, data := range []string{"", "a", "a\nb", "a\r\nb", "a\rb", "\n", "x\n\nevent: forged\ndata: y", "data: x", ": c", " lead", "\xff"} {
		w := httptest.NewRecorder()
		e, err := httpapi.NewEvents(w)
		if err != nil {
			t.Fatal(err)
		}
		if err := e.SendMessage(httpapi.Message{ID: "7", Event: "tick", Data: data, Retry: time.Second}); err != nil {
			t.Fatal(err)
		}
		if err := e.Comment(data); err != nil {
			t.Fatal(err)
		}
		want := strings.ToValidUTF8(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(data), "\uFFFD")
		if got := parse(w.Body.String()); len(got) != 1 || got[0] != (event{"7", "tick", want}) {
			t.Errorf("%q: the client sees %+v in %q", data, got, w.Body)
		}
	}
	w := httptest.NewRecorder()
	e, err := httpapi.NewEvents(w)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []httpapi.Message{{Event: "a\nb"}, {Event: "a\rb"}, {ID: "1\n2"}, {ID: "1\x002"}} {
		if err := e.SendMessage(m); !errors.Is(err, httpapi.ErrOptions) {
			t.Errorf("%+v: %v", m, err)
		}
	}
	if w.Body.Len() != 0 {
		t.Errorf("a refused event was sent: %q", w.Body)
	}
	if err := e.SendJSON("x", make(chan int)); !errors.Is(err, httpapi.ErrServe) {
		t.Errorf("%v", err)
	}
	if err := e.SendJSON("x", []int{1}); err != nil || !strings.Contains(w.Body.String(), "data: [1]\n") {
		t.Errorf("%v %q", err, w.Body)
	}
}

func FuzzEventData(f *testing.F) {
	for _, s := range []string{"", "a\nb", "\r", "x\n\ndata: y", "\x00", "\xff\n", "id: 3"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, data string) {
		w := httptest.NewRecorder()
		e, err := httpapi.NewEvents(w)
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Send("n", data); err != nil {
			t.Fatal(err)
		}
		want := strings.ToValidUTF8(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(data), "\uFFFD")
		if got := parse(w.Body.String()); len(got) != 1 || got[0] != (event{"", "n", want}) {
			t.Errorf("%q: the client sees %+v", data, got)
		}
	})
}

type plainWriter struct{ http.ResponseWriter }

type noFlush struct{ header http.Header }

func (w noFlush) Header() http.Header       { return w.header }
func (noFlush) Write(p []byte) (int, error) { return len(p), nil }
func (noFlush) WriteHeader(int)             { panic("nothing may be written") }

func TestEventsNeedAFlusher(t *testing.T) {
	for _, w := range []http.ResponseWriter{noFlush{http.Header{}}, plainWriter{noFlush{http.Header{}}}} {
		if _, err := httpapi.NewEvents(w); !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%T: %v", w, err)
		}
		if len(w.Header()) != 0 {
			t.Errorf("%T: headers were set: %v", w, w.Header())
		}
	}
	if _, err := httpapi.NewEvents(httptest.NewRecorder(), httpapi.EventTimeout(0)); !errors.Is(err, httpapi.ErrOptions) {
		t.Errorf("timeout 0: %v", err)
	}
}

type brokenPipe struct{ *httptest.ResponseRecorder }

func (brokenPipe) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestEventsBreakForGood(t *testing.T) {
	w := httptest.NewRecorder()
	failing := &struct {
		http.ResponseWriter
		http.Flusher
	}{brokenPipe{w}, w}
	if _, err := httpapi.NewEvents(failing); !errors.Is(err, httpapi.ErrStream) || !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("%v", err)
	}
}

func TestHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := httptest.NewRecorder()
		e, err := httpapi.NewEvents(w)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 35*time.Second)
		defer cancel()
		if err := e.Heartbeat(ctx, 10*time.Second); err != nil {
			t.Errorf("a heartbeat whose context ended: %v", err)
		}
		if n := strings.Count(w.Body.String(), ": \n\n"); n != 3 || len(parse(w.Body.String())) != 0 {
			t.Errorf("%d beats in %q", n, w.Body)
		}
		if err := e.Heartbeat(ctx, 0); !errors.Is(err, httpapi.ErrOptions) {
			t.Errorf("every 0: %v", err)
		}
	})
}

// TestStuckClient fills the connection of a client that reads nothing.
func TestStuckClient(t *testing.T) {
	broken := make(chan error, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e, err := httpapi.NewEvents(w, httpapi.EventTimeout(50*time.Millisecond))
		for err == nil {
			err = e.Send("x", strings.Repeat("x", 1<<16))
		}
		broken <- err
		if again := e.Send("x", "y"); again != err {
			t.Errorf("after %v: %v", err, again)
		}
	}))
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	if err := <-broken; !errors.Is(err, httpapi.ErrStream) {
		t.Errorf("%v", err)
	}
}

// TestStreamOutlivesTheServersTimeouts shows that NewEvents lifts the server's timeouts.
func TestStreamOutlivesTheServersTimeouts(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e, err := httpapi.NewEvents(w)
		if err != nil {
			t.Error(err)
			return
		}
		for range 4 {
			select {
			case <-r.Context().Done():
				t.Error("the timeout ended the stream")
				return
			case <-time.After(30 * time.Millisecond): // real time, since the timeouts are the kernel's
			}
			if err := e.Send("x", "y"); err != nil {
				t.Error(err)
				return
			}
		}
	}))
	server.Config.ReadTimeout, server.Config.WriteTimeout = 50*time.Millisecond, 50*time.Millisecond
	server.Start()
	defer server.Close()
	resp, err := server.Client().Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	n := 0
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		if lines.Text() == "data: y" {
			n++
		}
	}
	if n != 4 {
		t.Errorf("the client got %d events, want 4", n)
	}
}
