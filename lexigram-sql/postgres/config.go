package postgres

import (
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
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
	// leaves the server's setting. It cannot be kept behind a pooler.
	StatementTimeout time.Duration `config:"statement_timeout"`

	// MaxConnLifetime and MaxConnIdleTime say when a connection is replaced
	// and when it is dropped. 0 means 1 h and 30 min.
	MaxConnLifetime time.Duration `config:"max_conn_lifetime"`
	MaxConnIdleTime time.Duration `config:"max_conn_idle_time"`

	// ApplicationName is what pg_stat_activity shows. "" means "lexigram".
	ApplicationName string `config:"application_name"`

	// Pooler says what stands between: "transaction" is PgBouncer or the like,
	// which may give each transaction another connection to the server. Then
	// no prepared statement is kept, and Pinned and Listen are errors.ErrUnsupported.
	// "none" is nothing that does so. "" finds out when it opens.
	Pooler string `config:"pooler"`

	// Replicas are the connection strings of servers that follow URL's. They
	// are asked in turn, instead of it, by queries outside transactions with
	// sqldb.AllowReplica that are seen to write and lock nothing. A replica
	// that fails, or lags more than MaxReplicaLag, is not.
	Replicas []config.Secret[string] `config:"replicas"`

	// MaxReplicaLag is how old an answer may be. 0 means 5 s.
	MaxReplicaLag time.Duration `config:"max_replica_lag"`

	// Tracer follows the work of pgx. nil follows nothing.
	Tracer pgx.QueryTracer `config:"-"`
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
		{"max_replica_lag", c.MaxReplicaLag},
	} {
		if d.of < 0 {
			v.Add(d.name, "is negative", "")
		}
	}
	switch {
	case c.StatementTimeout < 0 || c.StatementTimeout > 0 && c.StatementTimeout < time.Millisecond:
		v.Add("statement_timeout", "is negative or under a millisecond", "")
	case c.StatementTimeout > 0 && c.Pooler == transactionPooler:
		v.Add("statement_timeout", noTimeout, "")
	}
	switch c.Pooler {
	case "", noPooler, transactionPooler:
	default:
		v.Add("pooler", `is neither "transaction" nor "none"; leave it out to find out`, "")
	}
	for i, r := range c.Replicas {
		if r.Reveal() == "" {
			v.Add("replicas["+strconv.Itoa(i)+"]", "is empty", "REQUIRED")
		}
	}
	return v.Err()
}

// What Config.Pooler may be.
const (
	noPooler          = "none"
	transactionPooler = "transaction"
)

const noTimeout = "cannot be kept behind a pooler: use ALTER ROLE … SET statement_timeout"

func (c Config) withDefaults() Config {
	if c.MaxReplicaLag == 0 {
		c.MaxReplicaLag = 5 * time.Second
	}
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
