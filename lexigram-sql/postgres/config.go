package postgres

import (
	"time"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/errs"
)

// Config says which server to use and how. The zero value lacks a URL.
type Config struct {
	// URL is the connection string: postgres://user:password@host:port/database?sslmode=verify-full,
	// or libpq's key=value form. There is no default: the environment of libpq
	// (PGHOST …) only completes it.
	URL config.Secret[string] `config:"url"`

	// MaxConns is how many connections the pool has at most. 0 means 10.
	MaxConns int `config:"max_conns"`

	// MinConns is how many it keeps ready. 0 means none.
	MinConns int `config:"min_conns"`

	// ConnectTimeout bounds Open, and each connection made later. 0 means 5 s.
	ConnectTimeout time.Duration `config:"connect_timeout"`

	// StatementTimeout has the server end a statement that takes longer. 0
	// leaves the server's setting. It cannot be kept behind PgBouncer.
	StatementTimeout time.Duration `config:"statement_timeout"`

	// MaxConnLifetime and MaxConnIdleTime say when a connection is replaced
	// and when it is dropped. 0 means 1 h and 30 min.
	MaxConnLifetime time.Duration `config:"max_conn_lifetime"`
	MaxConnIdleTime time.Duration `config:"max_conn_idle_time"`

	// ApplicationName is what pg_stat_activity shows. "" means "lexigram".
	ApplicationName string `config:"application_name"`

	// PgBouncer keeps no prepared statement on a connection, so that a pooler
	// in transaction mode may stand between.
	PgBouncer bool `config:"pgbouncer"`
}

// Validate implements config.Validator. It does not show the URL.
func (c *Config) Validate() error {
	var v errs.ValidationError
	if c.URL.Reveal() == "" {
		v.Add("url", `is empty: set it to a connection string such as "postgres://user:password@host:5432/database"`, "REQUIRED")
	}
	if c.MaxConns < 0 || c.MaxConns > 10_000 {
		v.Add("max_conns", "is not one of 0 to 10000", "")
	}
	if c.MinConns < 0 || c.MinConns > c.withDefaults().MaxConns {
		v.Add("min_conns", "is not one of 0 to max_conns", "")
	}
	for _, d := range []struct {
		name string
		of   time.Duration
	}{
		{"connect_timeout", c.ConnectTimeout},
		{"max_conn_lifetime", c.MaxConnLifetime},
		{"max_conn_idle_time", c.MaxConnIdleTime},
	} {
		if d.of < 0 {
			v.Add(d.name, "is negative", "")
		}
	}
	switch {
	case c.StatementTimeout < 0 || c.StatementTimeout > 0 && c.StatementTimeout < time.Millisecond:
		v.Add("statement_timeout", "is negative or under a millisecond", "")
	case c.StatementTimeout > 0 && c.PgBouncer:
		v.Add("statement_timeout", "cannot be kept behind PgBouncer: use ALTER ROLE … SET statement_timeout", "")
	}
	return v.Err()
}

func (c Config) withDefaults() Config {
	if c.MaxConns == 0 {
		c.MaxConns = 10
	}
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = 5 * time.Second
	}
	if c.MaxConnLifetime == 0 {
		c.MaxConnLifetime = time.Hour
	}
	if c.MaxConnIdleTime == 0 {
		c.MaxConnIdleTime = 30 * time.Minute
	}
	if c.ApplicationName == "" {
		c.ApplicationName = "lexigram"
	}
	return c
}
