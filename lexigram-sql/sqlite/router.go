package sqlite

import (
	"context"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqldriver"
)

// router routes statements to the writer and the readers.
type router struct {
	parsed  *parser
	busy    time.Duration
	writer  *pool // of one
	readers *pool
	config  Config
	path    string   // absolute
	dir     *tempDir // of a [Memory] database, or nil
	closed  atomic.Bool
}

var _ sqldriver.Driver = (*router)(nil)

// newRouter opens c.Path, which is in dir unless that is nil.
func newRouter(ctx context.Context, c Config, dir *tempDir) (_ *router, err error) {
	name := c.Path
	if c.Path == Memory {
		if dir, err = newTempDir(); err != nil {
			return nil, err
		}
		c.Path = filepath.Join(dir.path, "memory.db")
	}
	d := &router{parsed: &parser{}, busy: c.BusyTimeout, config: c, dir: dir}
	if dir != nil {
		dir.users.Add(1)
	}
	if d.path, err = create(c.Path); err != nil {
		return nil, errs.Join(err, dir.release())
	}
	dial := func(readOnly bool) func(context.Context) (*conn, error) {
		return func(ctx context.Context) (*conn, error) { return dial(ctx, d.path, c, readOnly) }
	}
	d.writer = newPool(1, dial(false))
	d.readers = newPool(c.MaxReaders, dial(true))
	if err := d.probe(ctx); err != nil {
		return nil, errs.Join(sqldb.Err.Wrap(err, "sqlite: open %q", name), d.close())
	}
	return d, nil
}

// probe makes the first connection and sees whether it may write.
func (d *router) probe(ctx context.Context) error {
	tx, err := d.Begin(ctx, sqldriver.BeginOptions{})
	if err != nil {
		return err
	}
	return tx.Rollback(ctx)
}

func (d *router) Dialect() sqldb.Dialect { return sqldb.SQLite }

// reads reports whether a statement may run on a reader.
func (d *router) reads(sql string) bool {
	st, err := d.parsed.parse(sql)
	return err == nil && st.reads
}

// pool returns the connections that run st outside a transaction.
func (d *router) pool(st *statement) *pool {
	if st.reads {
		return d.readers
	}
	return d.writer
}

func (d *router) Query(ctx context.Context, sql string, args []any) (rows sqldb.Rows, err error) {
	st, err := d.parsed.parse(sql)
	if err != nil {
		return nil, err
	}
	p := d.pool(st)
	c, err := p.get(ctx)
	if err != nil {
		return nil, err
	}
	err = retryBusy(ctx, d.busy, func() error {
		rows, err = c.query(ctx, st, args, func() { p.put(c) })
		return err
	})
	if err != nil {
		p.put(c)
		return nil, err
	}
	return rows, nil
}

func (d *router) Exec(ctx context.Context, sql string, args []any) (n int64, err error) {
	st, err := d.parsed.parse(sql)
	if err != nil {
		return 0, err
	}
	p := d.pool(st)
	c, err := p.get(ctx)
	if err != nil {
		return 0, err
	}
	defer p.put(c)
	err = retryBusy(ctx, d.busy, func() error {
		n, err = c.exec(ctx, st, args)
		return err
	})
	return n, err
}

// Begin takes the writer, or a reader if the transaction will not write.
func (d *router) Begin(ctx context.Context, o sqldriver.BeginOptions) (sqldriver.Tx, error) {
	p, begin := d.writer, "BEGIN IMMEDIATE"
	if o.ReadOnly {
		p, begin = d.readers, "BEGIN"
	}
	c, err := p.get(ctx)
	if err != nil {
		return nil, err
	}
	err = retryBusy(ctx, d.busy, func() error { return c.command(ctx, begin) })
	if err != nil {
		c.broken = true // a BEGIN that was interrupted may have begun
		p.put(c)
		return nil, err
	}
	return &tx{conn: c, pool: p, parsed: d.parsed}, nil
}

func (d *router) close() error {
	if d.closed.Swap(true) {
		return nil
	}
	return errs.Join(d.readers.close(), d.writer.close(), d.dir.release())
}
