package httpapi

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
)

// A Server is an [http.Server] as a part of an application. It makes its handler
// when it boots and opens its listener when everything else is up; draining it
// closes the listener, tells streams to end and waits for the requests that it has. It is
// safe for concurrent use and runs once.
type Server struct {
	options  *Options // the module's configuration is decoded into it before Boot
	draining chan struct{}
	broken   chan struct{} // closed when Serve ended early

	mu      sync.Mutex
	handler http.Handler
	server  *http.Server // nil before Bootstrap
	addr    string
	cancel  context.CancelFunc // ends the contexts of requests
	served  chan struct{}      // closed when Serve returned
	failure error              // why Serve ended early
	state   state
	active  active
}

// state only grows.
type state uint8

const (
	fresh state = iota
	listening
	drained // drains or has drained
)

var (
	_ lifecycle.Provider     = (*Server)(nil)
	_ lifecycle.Booter       = (*Server)(nil)
	_ lifecycle.Bootstrapper = (*Server)(nil)
	_ lifecycle.Drainer      = (*Server)(nil)
	_ lifecycle.Stopper      = (*Server)(nil)
	_ lifecycle.Prioritizer  = (*Server)(nil)
	_ lifecycle.Failer       = (*Server)(nil)
)

// NewServer returns a server that does nothing yet; see [Options.Validate].
func NewServer(o Options) (*Server, error) {
	if err := o.check(); err != nil {
		return nil, ErrOptions.Wrap(err, "httpapi: new server")
	}
	return newServer(&o), nil
}

func newServer(o *Options) *Server {
	return &Server{options: o, draining: make(chan struct{}), broken: make(chan struct{}), active: active{idle: make(chan struct{}, 1)}}
}

// Module returns the module "http", which is configured by the section of that
// name. It exports the [*Server].
func Module(defaults Options) module.Descriptor {
	s := newServer(&defaults)
	return module.Descriptor{
		Name:      "http",
		Providers: []lifecycle.Provider{s},
		Needs:     defaults.Needs,
		Exports:   []di.Key{di.KeyOf[*Server]()},
		Config:    &defaults,
	}
}

// Name returns "http".
func (s *Server) Name() string { return "http" }

// Priority lets everything else boot first.
func (s *Server) Priority() lifecycle.Priority { return lifecycle.Presentation }

// Needs are those of the options.
func (s *Server) Needs() []di.Key { return s.options.Needs }

// Register offers the *Server. Options that are wrong are [ErrOptions].
func (s *Server) Register(r di.Registrar) error {
	if err := s.options.check(); err != nil {
		return ErrOptions.Wrap(err, "httpapi: server")
	}
	return di.Value(r, s)
}

// Boot makes the handler. It opens nothing.
func (s *Server) Boot(ctx context.Context, r di.Resolver) error {
	var h http.Handler
	err := errs.Catch(func() (err error) {
		h, err = s.options.Handler(ctx, r)
		return err
	})
	if err == nil && h == nil {
		err = errors.New("Options.Handler returned nil")
	}
	if err != nil {
		return ErrOptions.Wrap(err, "httpapi: make the handler")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handler = h
	return nil
}

// Bootstrap listens, and serves until Drain. An address that cannot be listened at is
// [ErrListen]; so is a second Bootstrap.
func (s *Server) Bootstrap(ctx context.Context, _ di.Resolver) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != fresh || s.handler == nil {
		return ErrListen.Wrap(nil, "httpapi: a server listens once, after Boot and before Drain")
	}
	o := s.options.withDefaults()
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", o.Addr)
	if err != nil {
		return ErrListen.Wrap(err, "httpapi")
	}
	// ctx ends when the application has started; the requests go on.
	base, cancel := context.WithCancel(context.WithValue(context.WithoutCancel(ctx), drainKey{}, (<-chan struct{})(s.draining)))
	s.server = &http.Server{
		Handler:           s.active.track(s.handler),
		ReadHeaderTimeout: bound(o.ReadHeaderTimeout),
		ReadTimeout:       bound(o.ReadTimeout),
		WriteTimeout:      bound(o.WriteTimeout),
		IdleTimeout:       bound(o.IdleTimeout),
		MaxHeaderBytes:    o.MaxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(o.Logger.Handler(), slog.LevelWarn),
		BaseContext:       func(net.Listener) context.Context { return base },
	}
	s.addr, s.cancel, s.state, s.served = ln.Addr().String(), cancel, listening, make(chan struct{})
	go s.serve(s.server, ln, o.Logger) // ends with Drain or Shutdown
	o.Logger.InfoContext(ctx, "listening", slog.String("addr", s.addr))
	return nil
}

// serve runs until the server is shut down, or until its listener breaks.
func (s *Server) serve(server *http.Server, ln net.Listener, log *slog.Logger) {
	err := server.Serve(ln)
	if !errors.Is(err, http.ErrServerClosed) {
		log.Error("server failed", slog.String("addr", ln.Addr().String()), slog.Any("error", err))
		s.mu.Lock()
		s.failure = ErrServe.Wrap(err, "httpapi: serve %s", ln.Addr())
		s.mu.Unlock()
		close(s.broken)
	}
	close(s.served)
}

// Failed is closed when the listener broke, which [Server.Shutdown] returns as
// [ErrServe]; the application then stops.
func (s *Server) Failed() <-chan struct{} { return s.broken }

// Addr returns the address that the server listens at, with its real port, or "" if it never did.
func (s *Server) Addr() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addr
}

// Drain closes the listener, ends the streams of [StreamContext], and waits for
// the requests that the server has. When ctx ends first it cancels their contexts and returns
// [ErrDraining]; Shutdown then cuts the connections. A second Drain waits too.
func (s *Server) Drain(ctx context.Context) error {
	server := s.beginDrain()
	if server == nil {
		return nil
	}
	err := server.Shutdown(ctx)
	if err == nil {
		err = s.active.wait(ctx)
	}
	if err != nil {
		s.cancel()
		return ErrDraining.Wrap(err, "httpapi: requests were still running")
	}
	return nil
}

// beginDrain marks the server and returns the one to shut down, or nil.
func (s *Server) beginDrain() *http.Server {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != drained {
		close(s.draining)
		s.state = drained
	}
	return s.server
}

// Shutdown cuts what is left of connections and waits for their handlers until
// ctx ends. Requests that should finish have had Drain to do so. It returns
// [ErrServe] if the listener broke.
func (s *Server) Shutdown(ctx context.Context) error {
	server := s.beginDrain()
	if server == nil {
		return nil
	}
	s.cancel()
	failures := []error{server.Close()}
	select {
	case <-s.served:
	case <-ctx.Done():
		failures = append(failures, ErrDraining.Wrap(context.Cause(ctx), "httpapi: shutdown"))
	}
	s.mu.Lock()
	failures = append(failures, s.failure)
	s.mu.Unlock()
	if err := s.active.wait(ctx); err != nil {
		failures = append(failures, ErrDraining.Wrap(err, "httpapi: handlers ignore that their context has ended"))
	}
	return errors.Join(failures...)
}

// bound returns d for http.Server, whose zero means no bound.
func bound(d time.Duration) time.Duration { return max(d, 0) }
