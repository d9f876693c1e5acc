package redisclient

import (
	"context"
	"errors"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/internal/wire"
)

// Errors of all packages beside. They come wrapped in those of a contract. [Err] is the family of them all.
var (
	Err = wire.Err
	// ErrUnavailable reports that a server could not be reached, was lost while it
	// worked, or cannot answer for now. What was asked of it may have been done.
	ErrUnavailable = wire.ErrUnavailable
	// ErrDenied reports that a server knows the user and does not let it do that,
	// and ErrUnauthenticated that it does not know it.
	ErrDenied          = wire.ErrDenied
	ErrUnauthenticated = wire.ErrUnauthenticated
	// ErrMemory reports that a server has no memory left for a write.
	ErrMemory = wire.ErrMemory
	// ErrCluster reports that a server is a node of a cluster, and was opened without Config.Cluster.
	ErrCluster = wire.ErrCluster
)

// Open returns a client of the servers that c names, once one has answered; the
// caller closes it. Errors match [Err], and errs.ErrValidation if c is not valid; none shows
// the URL. ctx bounds Open alone.
func Open(ctx context.Context, c Config) (redis.UniversalClient, error) {
	if err := c.Validate(); err != nil {
		return nil, Err.Wrap(err, "redisclient: config")
	}
	client, err := c.client()
	if err != nil {
		return nil, Err.Wrap(err, "redisclient: config")
	}
	if err := wire.Greet(ctx, client); err != nil {
		return nil, Err.Wrap(errors.Join(err, client.Close()), "redisclient: open")
	}
	return client, nil
}

// client makes a client, which does not connect.
func (c Config) client() (redis.UniversalClient, error) {
	c = c.withDefaults()
	o, err := c.parse()
	if err != nil {
		return nil, errors.New("url is invalid") // err would show it
	}
	if o.TLSConfig, err = c.tls(o.TLSConfig); err != nil {
		return nil, err
	}
	o.DialTimeout, o.DialerRetries = c.DialTimeout, 1
	o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = c.Timeout, c.Timeout, c.Timeout
	o.ContextTimeoutEnabled = true
	o.MaxRetries = c.Retries
	o.PoolSize, o.MaxActiveConns = c.MaxConns, c.MaxConns
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	if !c.Cluster {
		return redis.NewClient(o), nil
	}
	return redis.NewClusterClient(&redis.ClusterOptions{
		Addrs:    append([]string{o.Addr}, c.Addrs...),
		Username: o.Username, Password: o.Password, TLSConfig: o.TLSConfig,
		DialTimeout: o.DialTimeout, DialerRetries: o.DialerRetries,
		ReadTimeout: o.ReadTimeout, WriteTimeout: o.WriteTimeout, PoolTimeout: o.PoolTimeout,
		ContextTimeoutEnabled: true, MaxRedirects: 3 + max(0, c.Retries),
		PoolSize: o.PoolSize, MaxActiveConns: o.MaxActiveConns,
		MaintNotificationsConfig: o.MaintNotificationsConfig,
	}), nil
}
