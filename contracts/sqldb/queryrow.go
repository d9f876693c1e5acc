package sqldb

import "context"

// QueryRow runs a statement of which the first row matters. It always returns
// a [Row], which holds the error for Scan to return; the caller calls Scan,
// because it is what closes the rows.
//
//	var name string
//	err := sqldb.QueryRow(ctx, db, "SELECT name FROM users WHERE id = $1", id).Scan(&name)
func QueryRow(ctx context.Context, q Querier, sql string, args ...any) Row {
	rows, err := q.Query(ctx, sql, args...)
	return Row{rows: rows, err: err}
}

// A Row is what [QueryRow] returns. It belongs to one goroutine and is used once.
type Row struct {
	rows Rows
	err  error
}

// Scan copies the columns of the row into dest and closes the rows; further
// rows are passed over. It returns [ErrNoRows] if there is none, and otherwise
// the first error of the statement, the scan or the close.
func (r Row) Scan(dest ...any) (err error) {
	if r.err != nil {
		return r.err
	}
	defer func() { // even if a Scanner panics
		if cerr := r.rows.Close(); err == nil || err == ErrNoRows && cerr != nil {
			err = cerr
		}
	}()
	return r.scan(dest)
}

func (r Row) scan(dest []any) error {
	if r.rows.Next() {
		return r.rows.Scan(dest...)
	}
	if err := r.rows.Err(); err != nil {
		return err
	}
	return ErrNoRows
}
