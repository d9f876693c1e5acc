package httpapi

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/errs"
)

// Defaults of [Options].
const (
	DefaultAddr              = "127.0.0.1:8080"
	DefaultReadHeaderTimeout = 5 * time.Second
	DefaultReadTimeout       = time.Minute
	DefaultWriteTimeout      = 2 * time.Minute
	DefaultIdleTimeout       = 2 * time.Minute
	DefaultMaxHeaderBytes    = 64 << 10
)

// Options say what a [Server] serves and where. Only Handler is needed. The
// tagged fields are configuration keys of section "http". A timeout of 0 is the default, a
// negative one is none.
type Options struct {
	// Addr is host:port; port 0 is any free one. [DefaultAddr] if empty: only this
	// machine reaches it. ":8080" is every interface.
	Addr              string        `config:"addr"`
	ReadHeaderTimeout time.Duration `config:"read_header_timeout"`
	// ReadTimeout is for the whole request; the context of a handler that runs
	// longer ends. [NewEvents] lifts it.
	ReadTimeout time.Duration `config:"read_timeout"`
	// WriteTimeout is from the end of the header to the end of the response.
	// [NewEvents] lifts it.
	WriteTimeout   time.Duration `config:"write_timeout"`
	IdleTimeout    time.Duration `config:"idle_timeout"`
	MaxHeaderBytes int           `config:"max_header_bytes"`

	// Handler makes the handler when the application boots; r yields what Needs
	// name. Its panic is caught.
	Handler func(ctx context.Context, r di.Resolver) (http.Handler, error) `config:"-"`
	// Needs are the services that Handler resolves.
	Needs []di.Key `config:"-"`
	// Logger is told of the listener, and of what net/http complains of; nil tells nobody.
	Logger *slog.Logger `config:"-"`
}

// Validate says what is wrong with the configured keys.
func (o *Options) Validate() error {
	var invalid errs.ValidationError
	if o.Addr != "" {
		_, port, err := net.SplitHostPort(o.Addr)
		if n, bad := strconv.Atoi(port); err != nil || bad != nil || n < 0 || n > 65535 {
			invalid.Add("addr", "is not host:port, such as 127.0.0.1:8080 or :8080", "")
		}
	}
	if o.MaxHeaderBytes < 0 {
		invalid.Add("max_header_bytes", "is negative; 0 means 65536", "")
	}
	return invalid.Err()
}

// check says what is wrong with all of o.
func (o *Options) check() error {
	var invalid errs.ValidationError
	if o.Handler == nil {
		invalid.Add("Handler", "is nil: it makes what the server serves", "")
	}
	if err := o.Validate(); err != nil {
		if len(invalid.Fields) == 0 {
			return err
		}
		invalid.Fields = append(invalid.Fields, err.(*errs.ValidationError).Fields...)
	}
	return invalid.Err()
}

// withDefaults returns a copy in which nothing is zero.
func (o *Options) withDefaults() Options {
	d := *o
	if d.Addr == "" {
		d.Addr = DefaultAddr
	}
	for _, t := range []struct {
		value    *time.Duration
		fallback time.Duration
	}{
		{&d.ReadHeaderTimeout, DefaultReadHeaderTimeout},
		{&d.ReadTimeout, DefaultReadTimeout},
		{&d.WriteTimeout, DefaultWriteTimeout},
		{&d.IdleTimeout, DefaultIdleTimeout},
	} {
		if *t.value == 0 {
			*t.value = t.fallback
		}
	}
	if d.MaxHeaderBytes == 0 {
		d.MaxHeaderBytes = DefaultMaxHeaderBytes
	}
	if d.Logger == nil {
		d.Logger = slog.New(slog.DiscardHandler)
	}
	return d
}
