package postgres

import (
	"context"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
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
	pool *pgxpool.Pool
}

var (
	_ sqldb.DB       = (*DB)(nil)
	_ health.Checker = (*DB)(nil)
)

// Open makes a pool and one connection. A server that cannot be reached within
// c.ConnectTimeout or by the end of ctx is an error wrapping
// [sqldb.ErrUnavailable]. No error shows the URL or its password.
func Open(ctx context.Context, c Config) (*DB, error) {
	if err := c.Validate(); err != nil {
		return nil, sqldb.Err.Wrap(err, "postgres: open")
	}
	c = c.withDefaults()
	pc, err := poolConfig(c)
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(context.WithoutCancel(ctx), pc) // its background work ends with Close
	if err != nil {
		return nil, wrap(ctx, err, "open")
	}
	pingCtx, cancel := context.WithTimeout(ctx, c.ConnectTimeout)
	defer cancel()
	if err := pool.Ping(pingCtx); err != nil {
		pool.Close()
		return nil, unreached(ctx, err)
	}
	return &DB{DB: sqldriver.New(&router{pool}, sqldriver.Options{DefaultIsolation: sqldb.ReadCommitted}), pool: pool}, nil
}

// Pool returns the pgx pool, for what this contract does not offer. It does not
// know ambient transactions. [DB.Close] closes it.
func (db *DB) Pool() *pgxpool.Pool { return db.pool }

// Close waits for the statements, rows and transactions at hand and closes the
// connections. It is idempotent; statements afterwards are [sqldb.ErrUnavailable].
func (db *DB) Close() error {
	db.pool.Close()
	return nil
}

// CheckHealth implements health.Checker: it asks the server.
func (db *DB) CheckHealth(ctx context.Context) health.Result {
	start := time.Now()
	var one int64
	err := sqldb.QueryRow(sqldb.Detach(ctx), db, "SELECT 1").Scan(&one)
	s := db.pool.Stat()
	r := health.Result{Status: health.Healthy, Took: time.Since(start), Details: map[string]string{
		"connections": strconv.Itoa(int(s.TotalConns())) + " of " + strconv.Itoa(int(s.MaxConns())),
		"in use":      strconv.Itoa(int(s.AcquiredConns())),
	}}
	if err != nil {
		r.Status, r.Message = health.Unhealthy, err.Error()
	}
	return r
}
