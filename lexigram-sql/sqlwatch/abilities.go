package sqlwatch

import (
	"context"
	"errors"
	"io"
	"iter"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqldriver"
)

// Upsert implements [sqldb.BulkWriter], as one statement. It returns an error
// wrapping errors.ErrUnsupported if the database cannot: [sqldb.Upsert] then
// writes statements, each of which is one.
func (d *DB) Upsert(ctx context.Context, table string, columns, key []string, from iter.Seq2[[]any, error]) (n int64, err error) {
	w, ok := d.inner.(sqldb.BulkWriter)
	if !ok {
		return 0, unsupported("upsert in bulk")
	}
	err = d.bulk(ctx, "UPSERT INTO "+sqldb.QuoteName(table), func(ctx context.Context) (int64, error) {
		n, err = w.Upsert(ctx, table, columns, key, from)
		return n, err
	})
	return n, err
}

// UpsertReturning implements [sqldb.BulkReturner], as one statement. It returns
// an error wrapping errors.ErrUnsupported if the database cannot.
func (d *DB) UpsertReturning(ctx context.Context, each func(sqldb.Rows) error, returning []string, table string, columns, key []string, from iter.Seq2[[]any, error]) error {
	w, ok := d.inner.(sqldb.BulkReturner)
	if !ok {
		return unsupported("return rows of an upsert in bulk")
	}
	return d.bulk(ctx, "UPSERT INTO "+sqldb.QuoteName(table)+" RETURNING "+sqldb.QuoteNames(returning), func(ctx context.Context) (n int64, err error) {
		err = w.UpsertReturning(ctx, func(r sqldb.Rows) error { n++; return each(r) }, returning, table, columns, key, from)
		return n, err
	})
}

// bulk reports what run does as one statement, unless the database cannot.
func (d *DB) bulk(ctx context.Context, text string, run func(ctx context.Context) (int64, error)) error {
	ctx, c := d.begin(ctx, "sql.upsert", text, nil)
	err := errPanicked
	defer func() {
		if errors.Is(err, errors.ErrUnsupported) {
			c.drop(err)
			return
		}
		c.done(err)
	}()
	c.entry.Rows, err = run(ctx)
	return err
}

// drop ends a statement that was none.
func (c *call) drop(err error) {
	c.ended = true
	if c.hold != nil {
		c.db.held.end(c.hold)
	}
	if c.end != nil {
		c.end(hide(err))
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

// CheckHealth implements health.Checker: it is the check of the database, if
// that has one. Any other is asked, and is Degraded if it answers while more
// than 85 % of its connections are in use.
func (d *DB) CheckHealth(ctx context.Context) health.Result {
	if c, ok := d.inner.(health.Checker); ok {
		return c.CheckHealth(ctx)
	}
	ask := func(ctx context.Context) error {
		var one int64
		return sqldb.QueryRow(sqldb.Detach(ctx), d.inner, "SELECT 1").Scan(&one)
	}
	return sqldriver.PoolCheck{Name: "sqlwatch", Limit: "the limit of the pool", Stats: d.PoolStats, Ask: ask, Beside: ask}.Run(ctx)
}
