package httpapi_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/lifecycle/lifecycletest"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/module/moduletest"
	"github.com/lexigram/lexigram-go/core/httpapi"
)

// nothing is a resolver of no services.
type nothing struct{}

func (nothing) Resolve(_ context.Context, k di.Key) (any, error) {
	return nil, di.ErrMissing.Wrap(nil, "%v", k)
}

func serving(h http.HandlerFunc) httpapi.Options {
	return httpapi.Options{
		Addr:    "127.0.0.1:0",
		Handler: func(context.Context, di.Resolver) (http.Handler, error) { return h, nil },
	}
}

// started returns a server that is up; the test need not stop it.
func started(t *testing.T, o httpapi.Options) *httpapi.Server {
	t.Helper()
	s, err := httpapi.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	boot, cancel := context.WithCancel(t.Context())
	if err := s.Boot(boot, nothing{}); err != nil {
		t.Fatal(err)
	}
	if err := s.Bootstrap(boot, nothing{}); err != nil {
		t.Fatal(err)
	}
	cancel() // as an application does when it has started
	t.Cleanup(func() {
		if err := s.Shutdown(context.Background()); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
	})
	return s
}

// client has connections of its own, which end with the test.
func client(t *testing.T) *http.Client {
	tr := &http.Transport{}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}

func TestServerConformance(t *testing.T) {
	newServer := func() (*httpapi.Server, error) {
		return httpapi.NewServer(serving(func(http.ResponseWriter, *http.Request) {}))
	}
	lifecycletest.Run(t, func(t *testing.T) lifecycle.Provider {
		s, err := newServer()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}, lifecycletest.Booting(func(*testing.T) di.Resolver { return nothing{} }))
	moduletest.Run(t, func() module.Descriptor {
		return httpapi.Module(serving(func(http.ResponseWriter, *http.Request) {}))
	})
}

func TestServerServes(t *testing.T) {
	s := started(t, serving(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "hello") }))
	if s.Addr() == "" || strings.HasSuffix(s.Addr(), ":0") {
		t.Fatalf("Addr = %q, want the real port", s.Addr())
	}
	resp, err := client(t).Get("http://" + s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if b, err := io.ReadAll(resp.Body); err != nil || string(b) != "hello" {
		t.Errorf("%q, %v", b, err)
	}
	if err := s.Bootstrap(t.Context(), nothing{}); !errors.Is(err, httpapi.ErrListen) {
		t.Errorf("a second Bootstrap: %v", err)
	}
}

func TestServerOptions(t *testing.T) {
	for want, o := range map[string]httpapi.Options{
		"Handler": {},
		"addr":    {Addr: "localhost", Handler: serving(nil).Handler},
		":99999":  {Addr: ":99999", Handler: serving(nil).Handler},
		"max":     {MaxHeaderBytes: -1, Handler: serving(nil).Handler},
	} {
		if _, err := httpapi.NewServer(o); !errors.Is(err, httpapi.ErrOptions) {
			t.Errorf("%s: %v", want, err)
		}
	}
	for name, handler := range map[string]func(context.Context, di.Resolver) (http.Handler, error){
		"error": func(context.Context, di.Resolver) (http.Handler, error) { return nil, errors.New("no") },
		"nil":   func(context.Context, di.Resolver) (http.Handler, error) { return nil, nil },
		"panic": func(context.Context, di.Resolver) (http.Handler, error) { panic("no") },
	} {
		s, err := httpapi.NewServer(httpapi.Options{Handler: handler})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Boot(t.Context(), nothing{}); !errors.Is(err, httpapi.ErrOptions) {
			t.Errorf("Handler with %s: Boot = %v", name, err)
		}
		if err := s.Bootstrap(t.Context(), nothing{}); !errors.Is(err, httpapi.ErrListen) {
			t.Errorf("Handler with %s: Bootstrap = %v", name, err)
		}
	}
}

func TestServerAddressInUse(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	o := serving(func(http.ResponseWriter, *http.Request) {})
	o.Addr = ln.Addr().String()
	s, err := httpapi.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Boot(t.Context(), nothing{}); err != nil {
		t.Fatal(err)
	}
	if err := s.Bootstrap(t.Context(), nothing{}); !errors.Is(err, httpapi.ErrListen) || !strings.Contains(err.Error(), o.Addr) {
		t.Errorf("%v", err)
	}
	for range 2 {
		if err := errors.Join(s.Drain(t.Context()), s.Shutdown(t.Context())); err != nil {
			t.Errorf("stopping what never listened: %v", err)
		}
	}
}

// TestDrainFinishesRequestsAndEndsStreams has one ordinary request and one
// stream under way: the one is finished, the other told to end.
func TestDrainFinishesRequestsAndEndsStreams(t *testing.T) {
	release, inside := make(chan struct{}), make(chan struct{}, 2)
	var cause atomic.Value
	mux := http.NewServeMux()
	mux.HandleFunc("/slow", func(w http.ResponseWriter, r *http.Request) {
		inside <- struct{}{}
		<-release
		if r.Context().Err() != nil {
			t.Error("draining cancelled an ordinary request")
		}
		io.WriteString(w, "done")
	})
	mux.HandleFunc("/stream", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := httpapi.StreamContext(r.Context())
		defer cancel()
		e, err := httpapi.NewEvents(w)
		if err != nil {
			t.Error(err)
			return
		}
		if err := e.Send("hello", ""); err != nil {
			t.Error(err)
		}
		inside <- struct{}{}
		<-ctx.Done()
		cause.Store(context.Cause(ctx))
		if err := e.Send("bye", ""); err != nil {
			t.Error(err)
		}
	})
	s := started(t, serving(mux.ServeHTTP))
	answers := make(chan string, 2)
	c := client(t)
	for _, path := range []string{"/slow", "/stream"} {
		go func() {
			resp, err := c.Get("http://" + s.Addr() + path)
			if err != nil {
				answers <- err.Error()
				return
			}
			defer resp.Body.Close()
			b, err := io.ReadAll(resp.Body)
			if err != nil {
				answers <- err.Error()
				return
			}
			answers <- string(b)
		}()
	}
	<-inside
	<-inside
	drained := make(chan error, 1)
	go func() { drained <- s.Drain(context.Background()) }()
	if got := <-answers; !strings.Contains(got, "event: bye") { // only the stream can end yet
		t.Errorf("the stream: %q", got)
	}
	if err, _ := cause.Load().(error); !errors.Is(err, httpapi.ErrDraining) {
		t.Errorf("the stream's cause is %v", err)
	}
	select {
	case err := <-drained:
		t.Errorf("Drain returned %v before the slow request did", err)
	default:
	}
	// Streams learn of the end a moment before the listener is closed.
	for deadline := time.Now().Add(10 * time.Second); ; runtime.Gosched() {
		conn, err := net.Dial("tcp", s.Addr())
		if err != nil {
			break
		}
		conn.Close()
		if time.Now().After(deadline) {
			t.Fatal("a draining server accepts connections")
		}
	}
	close(release)
	if got := <-answers; got != "done" {
		t.Errorf("the slow request: %q", got)
	}
	if err := <-drained; err != nil {
		t.Errorf("Drain: %v", err)
	}
	if err := s.Drain(t.Context()); err != nil {
		t.Errorf("a second Drain: %v", err)
	}
}

// TestDrainDeadline has a request that ends only when its context does.
func TestDrainDeadline(t *testing.T) {
	inside, ended := make(chan struct{}), make(chan struct{})
	s := started(t, serving(func(w http.ResponseWriter, r *http.Request) {
		close(inside)
		<-r.Context().Done()
		close(ended)
	}))
	conn, err := net.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	<-inside
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := s.Drain(ctx); !errors.Is(err, httpapi.ErrDraining) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Drain: %v", err)
	}
	<-ended
}

// TestShutdownWaitsForHandlers has a handler that ignores its context.
func TestShutdownWaitsForHandlers(t *testing.T) {
	inside, release := make(chan struct{}), make(chan struct{})
	s := started(t, serving(func(http.ResponseWriter, *http.Request) {
		close(inside)
		<-release
	}))
	conn, err := net.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	<-inside
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := s.Shutdown(ctx); !errors.Is(err, httpapi.ErrDraining) {
		t.Errorf("Shutdown: %v", err)
	}
	if _, err := bufio.NewReader(conn).ReadByte(); err == nil {
		t.Error("the connection is still open")
	}
	close(release)
	if err := s.Shutdown(t.Context()); err != nil {
		t.Errorf("a second Shutdown: %v", err)
	}
}

func TestServerTimeouts(t *testing.T) {
	o := serving(func(http.ResponseWriter, *http.Request) {})
	o.ReadHeaderTimeout = 20 * time.Millisecond
	s := started(t, o)
	conn, err := net.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n") // and never an end
	if _, err := io.ReadAll(conn); err != nil {
		t.Errorf("the server did not close the connection of a slow sender: %v", err)
	}
}

func TestStreamContextWithoutServer(t *testing.T) {
	if httpapi.Draining(t.Context()) != nil {
		t.Error("a context without a server drains")
	}
	parent, cancelParent := context.WithCancel(t.Context())
	ctx, cancel := httpapi.StreamContext(parent)
	cancelParent()
	<-ctx.Done()
	cancel()
}
