package sqlwatch

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// A call is one statement from its beginning to its end.
type call struct {
	db    *DB
	ctx   context.Context
	end   func(error)
	hold  *holder // nil unless it has a connection of its own that is recorded
	entry sqldb.QueryLogEntry
	ended bool
}

// begin returns the context to run the statement in.
func (d *DB) begin(ctx context.Context, op, sql string, args []any) (context.Context, call) {
	c := call{db: d, ctx: ctx, entry: sqldb.QueryLogEntry{SQL: sql, Args: args, Dialect: d.inner.Dialect()}}
	if d.opts.Observer.Sink != nil {
		ctx, c.end = d.opts.Observer.Start(ctx, op,
			slog.String("db.system", string(c.entry.Dialect)), slog.String("db.query", Fingerprint(sql, c.entry.Dialect)))
	}
	if d.opts.Callers {
		c.entry.PC = caller()
	}
	if t := d.ambient(ctx); t != nil {
		c.entry.Tx = t.id
	} else if d.held != nil {
		c.hold = d.held.begin(ctx, "statement")
	}
	c.entry.At = time.Now()
	return ctx, c
}

// done reports the statement, once.
func (c *call) done(err error) {
	if c.ended {
		return
	}
	c.ended = true
	c.entry.Took, c.entry.Err = time.Since(c.entry.At), err
	if c.hold != nil {
		c.db.held.end(c.hold)
	}
	if c.end != nil {
		c.end(hide(err))
		o, system := c.db.opts.Observer, slog.String("db.system", string(c.entry.Dialect))
		o.Record(c.ctx, "sql.duration", c.entry.Took.Seconds(), system)
		if err != nil {
			o.Count(c.ctx, "sql.failures", 1, system)
		}
	}
	if c.db.opts.Logger != nil {
		c.db.opts.Logger.LogQuery(c.ctx, c.entry)
	}
}

// errPanicked is how a statement ended that did not return.
var errPanicked = sqldb.Err.Wrap(errors.New("it panicked"), "sqlwatch: statement")

func (d *DB) exec(ctx context.Context, q sqldb.Querier, sql string, args []any) (n int64, err error) {
	run, c := d.begin(ctx, "sql.exec", sql, args)
	err = errPanicked
	defer func() {
		c.entry.Rows = n
		c.done(err)
	}()
	return q.Exec(run, sql, args...)
}

func (d *DB) query(ctx context.Context, q sqldb.Querier, sql string, args []any) (_ sqldb.Rows, err error) {
	run, c := d.begin(ctx, "sql.query", sql, args)
	err = errPanicked
	defer func() {
		if err != nil {
			c.done(err)
		}
	}()
	inner, err := q.Query(run, sql, args...)
	if err != nil {
		return nil, err
	}
	if c.hold != nil {
		d.held.got(c.hold, "rows")
	}
	return &rows{inner: inner, call: c}, nil
}

// rows reports the statement when they end.
type rows struct {
	inner sqldb.Rows
	call  call
}

func (r *rows) Next() bool {
	if r.inner.Next() {
		r.call.entry.Rows++
		return true
	}
	r.call.done(r.inner.Err())
	return false
}

func (r *rows) Scan(dest ...any) error {
	err := r.inner.Scan(dest...)
	if err != nil {
		r.call.done(err)
	}
	return err
}

func (r *rows) Close() error {
	err := r.inner.Close()
	r.call.done(err)
	return err
}

func (r *rows) Columns() []string { return r.inner.Columns() }

func (r *rows) Err() error { return r.inner.Err() }
