package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqldriver"
)

// A DB is a pool of connections to one database. It is safe for concurrent
// use; the zero value is not usable. Who opened it closes it.
//
// A statement that ctx ends is cancelled on the server, and its connection used again.
type DB struct {
	*sqldriver.DB
	config Config
	router *router
	hears  *hears
}

var (
	_ sqldb.DB             = (*DB)(nil)
	_ sqldb.ConnectionPool = (*DB)(nil)
	_ sqldb.BulkWriter     = (*DB)(nil)
	_ sqldb.BulkReturner   = (*DB)(nil)
	_ sqldb.Listener       = (*DB)(nil)
	_ sqldb.Opener         = (*DB)(nil)
	_ health.Checker       = (*DB)(nil)
)

// Open makes a pool and one connection. A server that cannot be reached within
// c.ConnectTimeout or by the end of ctx is an error wrapping
// [sqldb.ErrUnavailable]; a replica that cannot is one that lags. No error
// shows a URL or its password.
func Open(ctx context.Context, c Config) (*DB, error) {
	if err := c.Validate(); err != nil {
		return nil, sqldb.Err.Wrap(err, "postgres: open")
	}
	c = c.withDefaults()
	connecting, cancel := context.WithTimeout(ctx, c.ConnectTimeout)
	defer cancel()
	pc, err := poolConfig(c, c.URL.Reveal())
	if err != nil {
		return nil, err
	}
	found, err := find(connecting, pc.ConnConfig)
	if err != nil {
		return nil, unreached(ctx, err)
	}
	if c.Pooler == "" && found.pooled {
		c.Pooler = transactionPooler
	}
	if c.Pooler == transactionPooler && c.StatementTimeout > 0 {
		return nil, sqldb.Err.Wrap(errors.New(noTimeout), "postgres: open: statement_timeout")
	}
	db := &DB{config: c, hears: newHears()}
	db.router = &router{tracer: c.Tracer, pooled: c.Pooler == transactionPooler, marks: found.marks}
	if err := db.connect(connecting); err != nil {
		return nil, errs.Join(err, db.Close())
	}
	db.DB = sqldriver.New(db.router, sqldriver.Options{DefaultIsolation: sqldb.ReadCommitted})
	return db, nil
}

// connect makes the pools.
func (db *DB) connect(ctx context.Context) error {
	var err error
	if db.router.pool, err = newPool(ctx, db.config, db.config.URL.Reveal()); err != nil {
		return err
	}
	if err := db.router.pool.Ping(ctx); err != nil {
		return unreached(ctx, err)
	}
	var pools []*pgxpool.Pool
	for _, url := range db.config.Replicas {
		p, err := newPool(ctx, db.config, url.Reveal())
		if err != nil {
			closeAll(pools)
			return err
		}
		pools = append(pools, p)
	}
	if len(pools) == 0 {
		return nil
	}
	// What looks how far the primary is must not wait for those who use it.
	own := db.config
	own.MaxConns, own.MinConns = 1, 0
	primary, err := newPool(ctx, own, own.URL.Reveal())
	if err != nil {
		closeAll(pools)
		return err
	}
	db.router.replicas = newReplicas(primary, pools, db.config.MaxReplicaLag)
	return nil
}

func closeAll(pools []*pgxpool.Pool) {
	for _, p := range pools {
		p.Close()
	}
}

func newPool(ctx context.Context, c Config, url string) (*pgxpool.Pool, error) {
	pc, err := poolConfig(c, url)
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(context.WithoutCancel(ctx), pc) // its background work ends with Close
	return pool, wrap(ctx, err, "open")
}

// Pool returns the pgx pool, for what this contract does not offer. It does not
// know ambient transactions. [DB.Close] closes it.
func (db *DB) Pool() *pgxpool.Pool { return db.router.pool }

// Close ends listening, waits for the statements, rows and transactions at hand
// and closes the connections. It is idempotent; statements afterwards are [sqldb.ErrUnavailable].
func (db *DB) Close() error {
	db.hears.close()
	if r := db.router.replicas; r != nil {
		r.close()
	}
	if p := db.router.pool; p != nil {
		p.Close()
	}
	return nil
}

// CheckHealth implements health.Checker: it asks the server. With more than 85 %
// of the pool in use it is Degraded; with all of it the server is asked by a
// connection made for that.
func (db *DB) CheckHealth(ctx context.Context) health.Result {
	return sqldriver.PoolCheck{
		Name: "postgres", Limit: "max_conns", Stats: db.PoolStats,
		Ask: func(ctx context.Context) error {
			var one int64
			return sqldb.QueryRow(sqldb.Detach(ctx), db, "SELECT 1").Scan(&one)
		},
		Beside: func(ctx context.Context) error {
			c, err := pgx.ConnectConfig(ctx, db.router.pool.Config().ConnConfig)
			if pg, ok := errors.AsType[*pgconn.PgError](err); ok && pg.Code == tooManyConnections {
				return nil // it answers
			}
			if err != nil {
				return unreached(ctx, err)
			}
			return wrap(ctx, c.Close(ctx), "close a connection")
		},
	}.Run(ctx)
}

// tooManyConnections is what a server says that has no more to give.
const tooManyConnections = "53300"
