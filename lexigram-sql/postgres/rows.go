package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// rows give pgx's their sentinels.
type rows struct {
	ctx     context.Context // of the query; the contract says that it ends the rows
	raw     pgx.Rows
	first   bool // the first row was fetched, and Next was not called yet
	columns []string
	names   [8]string // where those are if they are few: no allocation of their own
	scanErr error
	trail   func() error // reads what comes after the rows; or nil
	done    func()       // gives the connection back; or nil
	endErr  error        // of trail, or of ctx
	over    bool         // Next was false
}

var _ sqldb.Rows = (*rows)(nil)

// begin waits for the first row of what pgx's Query returned, so that an error
// of the statement comes from Query, where it can be repeated.
func begin(ctx context.Context, raw pgx.Rows, err error) (*rows, error) {
	if err != nil {
		return nil, err
	}
	r := &rows{ctx: ctx, raw: raw, first: raw.Next()}
	if err := raw.Err(); err != nil {
		return nil, err // the rows have closed themselves
	}
	return r, nil
}

func (r *rows) Next() bool {
	if r.first {
		r.first = false
		return true
	}
	if r.over {
		return false
	}
	// A server may have sent all rows before it hears of the end of ctx.
	err := r.ctx.Err()
	if err == nil && r.raw.Next() {
		return true
	}
	r.over = true
	if err != nil {
		r.raw.Close()
	}
	if r.end(); r.endErr == nil {
		r.endErr = err
	}
	return false
}

// end does what comes after the rows, which have closed themselves.
func (r *rows) end() {
	if trail := r.trail; trail != nil {
		r.trail = nil
		r.endErr = trail()
	}
	if done := r.done; done != nil {
		r.done = nil
		done()
	}
}

// Scan closes the rows if it fails, as pgx does.
func (r *rows) Scan(dest ...any) error {
	if r.first {
		return sqldb.Err.Wrap(errors.New("there is no row: call Next first"), "postgres: scan")
	}
	if err := r.raw.Scan(dest...); err != nil {
		if s, ok := errors.AsType[pgx.ScanArgError](err); ok {
			err = &sqldb.ScanError{Column: s.FieldName, Index: s.ColumnIndex, Cause: &short{err: s.Err, text: shorten(s.Err)}}
			r.scanErr = sqldb.Err.Wrap(err, "postgres")
		} else {
			r.scanErr = wrap(r.ctx, err, "scan")
		}
		return r.scanErr
	}
	return nil
}

func (r *rows) Columns() []string {
	if r.columns == nil {
		fields := r.raw.FieldDescriptions()
		r.columns = r.names[:0]
		for i := range fields {
			r.columns = append(r.columns, fields[i].Name)
		}
	}
	return r.columns
}

func (r *rows) Err() error {
	if r.scanErr != nil {
		return r.scanErr
	}
	err := r.raw.Err()
	if err == nil {
		err = r.endErr
	}
	return wrap(r.ctx, err, "rows")
}

// Close reads what is left, because the statement may be writing.
func (r *rows) Close() error {
	r.raw.Close()
	r.end()
	if r.scanErr != nil {
		return nil // the caller of Scan had it
	}
	return r.Err()
}
