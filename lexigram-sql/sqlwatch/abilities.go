package sqlwatch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// Upsert implements [sqldb.BulkWriter], as one statement. It returns an error
// wrapping errors.ErrUnsupported if the database cannot: [sqldb.Upsert] then
// writes statements, each of which is one.
func (d *DB) Upsert(ctx context.Context, table string, columns, key []string, from iter.Seq2[[]any, error]) (n int64, err error) {
	w, ok := d.inner.(sqldb.BulkWriter)
	if !ok {
		return 0, unsupported("upsert in bulk")
	}
	run, c := d.begin(ctx, "sql.upsert", "UPSERT INTO "+sqldb.QuoteName(table), nil)
	err = errPanicked
	defer func() {
		c.entry.Rows = n
		if errors.Is(err, errors.ErrUnsupported) {
			c.drop(err)
			return
		}
		c.done(err)
	}()
	return w.Upsert(run, table, columns, key, from)
}

// drop ends a statement that was none.
func (c *call) drop(err error) {
	c.ended = true
	if c.hold != nil {
		c.db.held.end(c.hold)
	}
	if c.end != nil {
		c.end(err)
	}
}

// Listen implements [sqldb.Listener]. It returns an error wrapping
// errors.ErrUnsupported if the database cannot.
func (d *DB) Listen(ctx context.Context, channel string) (<-chan struct{}, error) {
	l, ok := d.inner.(sqldb.Listener)
	if !ok {
		return nil, unsupported("listen")
	}
	return l.Listen(ctx, channel)
}

// Notify implements [sqldb.Listener]. It returns an error wrapping
// errors.ErrUnsupported if the database cannot.
func (d *DB) Notify(ctx context.Context, channel string) error {
	l, ok := d.inner.(sqldb.Listener)
	if !ok {
		return unsupported("notify")
	}
	return l.Notify(ctx, channel)
}

// Open opens another database, which is watched in the same way. It returns an
// error wrapping errors.ErrUnsupported if the database cannot.
func (d *DB) Open(ctx context.Context, p sqldb.Place) (sqldb.Opened, error) {
	o, ok := d.inner.(sqldb.Opener)
	if !ok {
		return nil, unsupported("open a database")
	}
	opened, err := o.Open(ctx, p)
	if err != nil {
		return nil, err
	}
	watched, err := New(opened, d.opts)
	if err != nil {
		return nil, errs.Join(err, opened.Close())
	}
	return watched, nil
}

// PoolStats returns the counts of the database; zeros if it does not tell them.
func (d *DB) PoolStats() sqldb.PoolStats {
	if p, ok := d.inner.(teller); ok {
		return p.PoolStats()
	}
	return sqldb.PoolStats{}
}

// Warm implements [sqldb.ConnectionPool]. It returns an error wrapping
// errors.ErrUnsupported if the database cannot.
func (d *DB) Warm(ctx context.Context, n int) (int, error) {
	p, ok := d.inner.(sqldb.ConnectionPool)
	if !ok {
		return 0, unsupported("warm the pool")
	}
	return p.Warm(ctx, n)
}

// Close closes the database. It returns an error wrapping
// errors.ErrUnsupported if who made that closes it in another way.
func (d *DB) Close() error {
	c, ok := d.inner.(io.Closer)
	if !ok {
		return unsupported("close")
	}
	return c.Close()
}

// crowded is the share of a pool in use from which on it is degraded.
const crowded = 0.85

// CheckHealth implements health.Checker. It asks the database; one that answers
// while more than 85 % of its connections are in use is Degraded.
func (d *DB) CheckHealth(ctx context.Context) health.Result {
	start := time.Now()
	var one int64
	err := sqldb.QueryRow(sqldb.Detach(ctx), d.inner, "SELECT 1").Scan(&one)
	s := d.PoolStats()
	r := health.Result{Status: health.Healthy, Took: time.Since(start)}
	if s.Max > 0 {
		r.Details = map[string]string{"in use": fmt.Sprintf("%d of %d", s.InUse, s.Max)}
	}
	switch {
	case err != nil:
		r.Status, r.Message = health.Unhealthy, err.Error()
	case s.Utilization() > crowded:
		r.Status, r.Message = health.Degraded, fmt.Sprintf("%d of %d connections are in use: raise the limit, or see who holds them", s.InUse, s.Max)
	}
	return r
}
