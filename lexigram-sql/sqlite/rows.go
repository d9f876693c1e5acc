package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqldriver"
)

// rows are read from the engine as the caller goes.
type rows struct {
	ctx     context.Context // of the query; the contract says that it ends the rows
	conn    *conn
	text    string
	raw     driver.Rows
	values  []driver.Value
	ready   bool // values hold a row
	closed  bool
	err     error
	scanErr error  // of Scan, which ends the rows
	done    func() // gives the connection back
}

var _ sqldb.Rows = (*rows)(nil)

func newRows(ctx context.Context, c *conn, text string, raw driver.Rows) *rows {
	return &rows{ctx: ctx, conn: c, text: text, raw: raw, values: make([]driver.Value, len(raw.Columns()))}
}

func (r *rows) Columns() []string { return r.raw.Columns() }

func (r *rows) Next() bool {
	r.ready = false
	if r.closed {
		return false
	}
	err := r.ctx.Err()
	if err == nil {
		err = r.raw.Next(r.values)
	}
	if err == nil {
		r.ready = true
		return true
	}
	if !errors.Is(err, io.EOF) {
		r.err = wrap(r.ctx, err, "rows")
	}
	_ = r.Close() // Err has it
	return false
}

func (r *rows) Scan(dest ...any) error {
	if !r.ready {
		return sqldb.Err.Wrap(sqldriver.ErrNoRow, "sqlite: scan")
	}
	if err := sqldriver.ScanRow(r.raw.Columns(), r.values, dest); err != nil {
		r.scanErr = err
		_ = r.Close() // the error of Scan is the one to tell
		return err
	}
	return nil
}

func (r *rows) Err() error {
	if r.err == nil {
		return r.scanErr
	}
	return r.err
}

func (r *rows) Close() error {
	if r.closed {
		return r.err
	}
	r.closed, r.ready = true, false
	if err := r.raw.Close(); err != nil && r.err == nil {
		r.err = wrap(r.ctx, err, "rows")
	}
	if r.err != nil {
		r.conn.forget(r.text)
	}
	if r.done != nil {
		r.done()
	}
	return r.err
}
