package sqlite

import (
	"context"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqldriver"
)

// A DB is an open database file. It is safe for concurrent use; the zero value
// is not usable. Who opened it closes it.
//
// A statement that ctx ends stops at once while it looks for its first row, and
// with the next row after that.
type DB struct {
	*sqldriver.DB
	router *router
}

var (
	_ sqldb.DB             = (*DB)(nil)
	_ sqldb.ConnectionPool = (*DB)(nil)
	_ health.Checker       = (*DB)(nil)
)

// Open opens the file that c names, or makes it, and makes sure that it can be
// written. ctx bounds Open only. An error says in one line what to change; it
// matches [sqldb.Err].
func Open(ctx context.Context, c Config) (*DB, error) {
	if err := c.Validate(); err != nil {
		return nil, sqldb.Err.Wrap(err, "sqlite: open")
	}
	return open(ctx, c.withDefaults(), nil)
}

// open opens c, whose file is in dir if that is not nil.
func open(ctx context.Context, c Config, dir *tempDir) (*DB, error) {
	d, err := newRouter(ctx, c, dir)
	if err != nil {
		return nil, err
	}
	return &DB{
		DB: sqldriver.New(d, sqldriver.Options{
			DefaultIsolation: sqldb.Serializable,
			SingleWriter:     true,
			Reads:            d.reads,
		}),
		router: d,
	}, nil
}

// Close closes the connections, those in use when their statement, rows or
// transaction ends; statements from now on are [sqldb.ErrUnavailable]. It is idempotent.
func (db *DB) Close() error { return db.router.close() }

// PoolStats implements [sqldb.Pool]: the writer and the readers together.
func (db *DB) PoolStats() sqldb.PoolStats {
	s, w := db.router.readers.stats(), db.router.writer.stats()
	return sqldb.PoolStats{
		Max: s.Max + w.Max, Total: s.Total + w.Total, InUse: s.InUse + w.InUse, Idle: s.Idle + w.Idle,
		Acquired: s.Acquired + w.Acquired, Waited: s.Waited + w.Waited, WaitTime: s.WaitTime + w.WaitTime, Cancelled: s.Cancelled + w.Cancelled,
		Created: s.Created + w.Created, Destroyed: s.Destroyed + w.Destroyed,
	}
}

// Warm implements [sqldb.ConnectionPool]: the writer first, then readers.
func (db *DB) Warm(ctx context.Context, n int) (int, error) {
	w, err := db.router.writer.warm(ctx, min(n, 1))
	if err != nil {
		return w, err
	}
	r, err := db.router.readers.warm(ctx, n-w)
	return w + r, err
}

// CheckHealth implements health.Checker: it reads from the file. With more than
// 85 % of the readers in use it is Degraded; with all of them it reads on a
// connection made for that.
func (db *DB) CheckHealth(ctx context.Context) health.Result {
	return sqldriver.PoolCheck{
		Name: "sqlite", Limit: "max_readers", Stats: db.router.readers.stats,
		Ask: func(ctx context.Context) error {
			var tables int64
			return sqldb.QueryRow(sqldb.Detach(ctx), db, "SELECT count(*) FROM sqlite_schema").Scan(&tables)
		},
		Beside: func(ctx context.Context) error {
			c, err := dial(ctx, db.router.path, db.router.config, true)
			if err != nil {
				return err
			}
			return errs.Join(c.command(ctx, "SELECT count(*) FROM sqlite_schema"), c.close())
		},
	}.Run(ctx)
}
