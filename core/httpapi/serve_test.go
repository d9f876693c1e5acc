package httpapi

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/di"
)

var errBroke = errors.New("accept: bad file descriptor")

// A broken listener cannot accept.
type brokenListener struct{ net.Listener }

func (brokenListener) Accept() (net.Conn, error) { return nil, errBroke }

// A server whose listener breaks says so, and Shutdown says why, once.
func TestListenerBreaks(t *testing.T) {
	s, err := NewServer(Options{
		Addr:    "127.0.0.1:0",
		Handler: func(context.Context, di.Resolver) (http.Handler, error) { return http.NotFoundHandler(), nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	var lc net.ListenConfig
	ln, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.server, s.served, s.state, s.cancel = &http.Server{}, make(chan struct{}), listening, func() {}
	select {
	case <-s.Failed():
		t.Fatal("failed before it began")
	default:
	}
	go s.serve(s.server, brokenListener{ln}, slog.New(slog.DiscardHandler))
	<-s.Failed()
	if err := s.Drain(t.Context()); err != nil {
		t.Errorf("Drain: %v", err)
	}
	if err := s.Shutdown(t.Context()); !errors.Is(err, errBroke) || !errors.Is(err, ErrServe) {
		t.Errorf("Shutdown: %v, want why the listener broke", err)
	}
}
