package sqldb

import (
	"context"
	"iter"
)

// Select runs a statement each time it is ranged over and yields what scan
// makes of each row. An error of the statement, of scan or of closing the rows
// comes once, last, with the zero T. The rows are closed when the loop ends,
// however it ends; the statement of a loop that is left early is given up, and
// an error that it would have had is not seen outside a transaction.
//
//	for user, err := range sqldb.Select(ctx, db, scanUser, "SELECT id, name FROM users") {
//
// Inside a transaction the body of the loop runs no statement of it ([ErrTxBusy]):
// collect first. Hoist the destinations of Scan out of scan to save an allocation per row.
func Select[T any](ctx context.Context, q Querier, scan func(Rows) (T, error), sql string, args ...any) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		rows, err := q.Query(ctx, sql, args...)
		if err != nil {
			yield(zero, err)
			return
		}
		if err := each(rows, scan, yield); err != nil {
			yield(zero, err)
		}
	}
}

// each returns an error only if the loop wants it.
func each[T any](rows Rows, scan func(Rows) (T, error), yield func(T, error) bool) (err error) {
	left := true // by the loop, or by a panic of scan or of the loop's body
	defer func() {
		if cerr := rows.Close(); err == nil && !left {
			err = cerr
		}
	}()
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			left = false
			return err
		}
		if !yield(v, nil) {
			return nil
		}
	}
	left = false
	return rows.Err()
}
