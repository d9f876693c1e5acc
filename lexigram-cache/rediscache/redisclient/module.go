package redisclient

import (
	"context"
	"net"

	"github.com/redis/go-redis/v9"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
)

// Module returns the module "redisclient", which exports a redis.UniversalClient of
// the servers that the section "redisclient" names over defaults. It does not connect:
// the modules of stores do, and fail the boot where they cannot. So an application whose
// configuration chose no store in Redis needs no server, and no URL. The client is
// closed with the container, after everything that uses it.
func Module(defaults Config) module.Descriptor {
	cfg := settings(defaults)
	return module.Descriptor{
		Name:      "redisclient",
		Providers: []lifecycle.Provider{provider{&cfg}},
		Exports:   []di.Key{di.KeyOf[redis.UniversalClient]()},
		Config:    &cfg,
	}
}

// settings are a Config that may lack a URL as long as nobody needs one.
type settings Config

// Validate implements config.Validator.
func (s settings) Validate() error {
	if s.URL.Reveal() == "" {
		return nil
	}
	return Config(s).Validate()
}

type provider struct{ cfg *settings }

func (provider) Name() string { return "redisclient" }

func (p provider) Register(r di.Registrar) error {
	return di.Singleton(r, func(context.Context, di.Resolver) (redis.UniversalClient, error) {
		if p.cfg.URL.Reveal() == "" {
			return nobody(), nil
		}
		client, err := Config(*p.cfg).client()
		if err != nil {
			return nil, Err.Wrap(err, "redisclient: config")
		}
		return client, nil
	}, di.Closed(func(_ context.Context, c redis.UniversalClient) error { return c.Close() }))
}

// nobody is a client that reaches no server, and says why.
func nobody() redis.UniversalClient {
	return redis.NewClient(&redis.Options{
		Addr: "nowhere", MaxRetries: -1, DialerRetries: 1,
		Dialer: func(context.Context, string, string) (net.Conn, error) {
			return nil, ErrUnavailable.Wrap(nil, "redisclient.url is empty: set it to one such as redis://user:password@host:6379/0")
		},
	})
}
