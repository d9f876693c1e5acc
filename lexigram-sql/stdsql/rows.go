package stdsql

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"strconv"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqldriver"
)

// rows give database/sql's the contract's conversions and sentinels.
type rows struct {
	ctx     context.Context // of the query; the contract says that it ends the rows
	router  *router
	raw     *sql.Rows
	columns []string
	numeric []bool // columns whose numbers come as text
	values  []any
	dests   []any // pointers to values
	ready   bool
	closed  bool
	first   bool // the first row was fetched, and Next was not called yet
	scanErr error
	err     error
}

var _ sqldb.Rows = (*rows)(nil)

// newRows fetches the first row, so that an error of the statement comes from Query.
func newRows(ctx context.Context, r *router, raw *sql.Rows) (*rows, error) {
	columns, err := raw.Columns()
	if err != nil {
		_ = raw.Close() // the first error is the one to tell
		return nil, r.faults.wrap(ctx, err, "query")
	}
	rs := &rows{ctx: ctx, router: r, raw: raw, columns: columns, values: make([]any, len(columns)), dests: make([]any, len(columns))}
	for i := range rs.values {
		rs.dests[i] = &rs.values[i]
	}
	if r.dialect == sqldb.Postgres {
		types, err := raw.ColumnTypes()
		if err != nil {
			_ = raw.Close() // as above
			return nil, r.faults.wrap(ctx, err, "query")
		}
		rs.numeric = make([]bool, len(types))
		for i, t := range types {
			rs.numeric[i] = t.DatabaseTypeName() == "NUMERIC"
		}
	}
	if rs.first = rs.raw.Next(); !rs.first {
		if err := rs.Close(); err != nil {
			return nil, err
		}
	}
	return rs, nil
}

func (r *rows) Columns() []string { return r.columns }

func (r *rows) Next() bool {
	r.ready = false
	switch {
	case r.closed:
		return false
	case r.first:
		r.first = false
	case !r.raw.Next():
		_ = r.Close() // Err has it
		return false
	}
	r.ready = true
	return true
}

func (r *rows) Scan(dest ...any) error {
	if !r.ready {
		return sqldb.Err.Wrap(sqldriver.ErrNoRow, "stdsql: scan")
	}
	err := r.fetch()
	if err == nil {
		err = sqldriver.ScanRow(r.columns, r.row(dest), dest)
	}
	if err != nil {
		r.scanErr = err
		_ = r.Close() // the error of Scan is the one to tell
	}
	return err
}

// fetch has values hold the row.
func (r *rows) fetch() error {
	return r.router.faults.wrap(r.ctx, r.raw.Scan(r.dests...), "scan")
}

// row returns the values, numbers that came as text as what dest wants.
func (r *rows) row(dest []any) []driver.Value {
	row := make([]driver.Value, len(r.values))
	for i, v := range r.values {
		row[i] = v
		s, ok := v.(string)
		if !ok || r.numeric == nil || !r.numeric[i] || i >= len(dest) || isText(dest[i]) {
			continue
		}
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			row[i] = n
		} else if f, err := strconv.ParseFloat(s, 64); err == nil {
			row[i] = f
		}
	}
	return row
}

// isText reports whether dest takes a number as the text that it came as.
func isText(dest any) bool {
	switch dest.(type) {
	case *string, **string, *any, *[]byte, sql.Scanner:
		return true
	}
	return false
}

func (r *rows) Err() error {
	if r.scanErr != nil {
		return r.scanErr
	}
	return r.err
}

func (r *rows) Close() error {
	if r.closed {
		return r.err
	}
	r.closed, r.ready, r.first = true, false, false
	cerr := r.raw.Close()
	if r.err = r.router.faults.wrap(r.ctx, r.raw.Err(), "rows"); r.err == nil {
		r.err = r.router.faults.wrap(r.ctx, cerr, "rows")
	}
	if r.scanErr != nil {
		r.err = nil // the caller of Scan had it
	}
	return r.err
}
