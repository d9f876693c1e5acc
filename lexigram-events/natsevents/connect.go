package natsevents

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/nats-io/nats.go"
)

// Config is the section "natsevents" of [Module]: which server, and the
// [Options] of the bus. The zero value lacks a URL.
type Config struct {
	// URL is nats://host:4222 or tls://user:password@host:4222, or several of
	// one cluster, separated by commas.
	URL config.Secret[string] `config:"url"`
	// User and Password, or Token, if they are not in URL.
	User     string                `config:"user"`
	Password config.Secret[string] `config:"password"`
	Token    config.Secret[string] `config:"token"`
	// Credentials is the path of a file with a user's JWT and seed (.creds).
	Credentials string `config:"credentials"`
	// NKey is the path of a file with a user's seed.
	NKey string `config:"nkey"`
	// CA is the path of a file with the certificates that may have signed the
	// server's. "" means those of the host. It has the connection use TLS.
	CA string `config:"ca"`
	// Cert and CertKey are the paths of files with the certificate that this
	// client shows and its key.
	Cert    string `config:"cert"`
	CertKey string `config:"cert_key"`
	// Client names the connection on the server. "" means "lexigram".
	Client string `config:"client"`
	// ConnectTimeout bounds the connection to one server. 0 means 5 s.
	ConnectTimeout time.Duration `config:"connect_timeout"`

	Options
}

// Validate implements config.Validator. It does not show what is secret.
func (c *Config) Validate() error {
	var v errs.ValidationError
	switch bad := badURL(c.URL.Reveal()); {
	case c.URL.Reveal() == "":
		v.Add("url", `is empty: set it to a URL such as "nats://host:4222"`, "REQUIRED")
	case bad:
		v.Add("url", `is not a URL such as "nats://host:4222", or several separated by commas`, "FORMAT")
	}
	if (c.Cert == "") != (c.CertKey == "") {
		v.Add("cert", "goes with cert_key: set both or neither", "")
	}
	ways := 0
	for _, set := range []bool{c.User != "", c.Token.Reveal() != "", c.Credentials != "", c.NKey != ""} {
		if set {
			ways++
		}
	}
	if ways > 1 {
		v.Add("user", "and token, credentials and nkey exclude each other: set one", "")
	}
	if c.ConnectTimeout < 0 {
		v.Add("connect_timeout", "is negative", "RANGE")
	}
	return errors.Join(v.Err(), c.Options.Validate())
}

func badURL(s string) bool {
	for one := range strings.SplitSeq(s, ",") {
		u, err := url.Parse(strings.TrimSpace(one))
		if err != nil || u.Host == "" && !strings.Contains(one, ":") {
			return true
		}
	}
	return false
}

// Open connects to the server of c, declares what the bus needs and returns
// the bus, which closes the connection when it is closed. A server that cannot
// be reached by the end of ctx is an error wrapping [ErrUnavailable]. See [New]
// for the others.
func Open(ctx context.Context, c Config) (*Bus, error) {
	if err := c.Validate(); err != nil {
		return nil, events.ErrInvalid.Wrap(err, "natsevents: open")
	}
	nc, err := Connect(ctx, c)
	if err != nil {
		return nil, err
	}
	b, err := New(ctx, nc, c.Options)
	if err != nil {
		nc.Close()
		return nil, err
	}
	b.owned = true
	return b, nil
}

// Connect returns a connection to the server of c, which the caller closes. It
// finds its way back after any time without a server. Lost connections and
// errors of the server go to the Logger.
func Connect(ctx context.Context, c Config) (*nats.Conn, error) {
	opts, err := c.natsOptions(ctx)
	if err != nil {
		return nil, events.ErrInvalid.Wrap(redacted(err), "natsevents: connect")
	}
	nc, err := nats.Connect(c.URL.Reveal(), opts...)
	switch {
	case err == nil:
		return nc, nil
	case ctx.Err() != nil:
		return nil, ErrUnavailable.Wrap(context.Cause(ctx), "natsevents: connect")
	}
	return nil, ErrUnavailable.Wrap(redacted(err), "natsevents: connect")
}

// redacted returns an error with the text of err, without passwords, that wraps it.
func redacted(err error) error {
	text := config.RedactText(err.Error())
	if text == err.Error() {
		return err
	}
	return errors.New(text) // what it wraps could show the password again
}

func (c *Config) natsOptions(ctx context.Context) ([]nats.Option, error) {
	timeout := c.ConnectTimeout
	if timeout == 0 {
		timeout = 5 * time.Second
	}
	if end, ok := ctx.Deadline(); ok {
		timeout = max(min(timeout, time.Until(end)), time.Millisecond)
	}
	name := c.Client
	if name == "" {
		name = "lexigram"
	}
	opts := []nats.Option{
		nats.Name(name), nats.Timeout(timeout),
		nats.MaxReconnects(-1), nats.ReconnectWait(100 * time.Millisecond), nats.ReconnectJitter(200*time.Millisecond, 500*time.Millisecond),
		nats.PingInterval(5 * time.Second), nats.MaxPingsOutstanding(2), // a dead line is known within 15 s
	}
	opts = append(opts, c.logged()...)
	switch {
	case c.Credentials != "":
		opts = append(opts, nats.UserCredentials(c.Credentials))
	case c.NKey != "":
		o, err := nats.NkeyOptionFromSeed(c.NKey)
		if err != nil {
			return nil, err
		}
		opts = append(opts, o)
	case c.Token.Reveal() != "":
		opts = append(opts, nats.Token(c.Token.Reveal()))
	case c.User != "":
		opts = append(opts, nats.UserInfo(c.User, c.Password.Reveal()))
	}
	if c.CA != "" {
		opts = append(opts, nats.RootCAs(c.CA))
	}
	if c.Cert != "" {
		opts = append(opts, nats.ClientCert(c.Cert, c.CertKey))
	}
	return opts, nil
}

func (c *Config) logged() []nats.Option {
	log := c.Logger
	if log == nil {
		return []nats.Option{nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {})} // nats.go prints them
	}
	return []nats.Option{
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				log.Warn("natsevents: connection lost", "error", redacted(err))
			}
		}),
		nats.ReconnectHandler(func(nc *nats.Conn) { log.Info("natsevents: connected again", "server", nc.ConnectedServerName()) }),
		nats.ErrorHandler(func(_ *nats.Conn, s *nats.Subscription, err error) {
			subject := ""
			if s != nil {
				subject = s.Subject
			}
			log.Error("natsevents: error of the connection", "subject", subject, "error", redacted(err))
		}),
	}
}
