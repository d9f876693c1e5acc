package rowscan

import (
	"context"
	"errors"
	"iter"
	"reflect"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// Collect runs a statement and returns its rows, nil if there is none. If args
// is one [Params], the statement has named parameters. With an error it returns
// no rows.
func Collect[T any](ctx context.Context, q sqldb.Querier, sql string, args ...any) ([]T, error) {
	var all []T
	err := run(ctx, q, sql, args, func(v *T) bool { all = append(all, *v); return true })
	if err != nil {
		return nil, err
	}
	return all, nil
}

// One runs a statement and returns its only row. Without a row it returns an
// error wrapping [sqldb.ErrNoRows], with several one wrapping [ErrManyRows]: an
// arbitrary one of them is none. For the first of many say LIMIT 1. Its
// arguments are those of [Collect].
func One[T any](ctx context.Context, q sqldb.Querier, sql string, args ...any) (T, error) {
	var one, zero T
	n := 0
	err := run(ctx, q, sql, args, func(v *T) bool {
		if n++; n == 1 {
			one = *v
		}
		return n == 1
	})
	switch {
	case err != nil:
		return zero, err
	case n == 0:
		return zero, sqldb.ErrNoRows
	case n > 1:
		return zero, ErrManyRows.Wrap(nil, "rowscan: one")
	}
	return one, nil
}

// Iter runs a statement each time it is ranged over and yields its rows as they
// come, in constant memory. An error comes once, last, with the zero T. Leaving
// the loop closes the rows; inside a transaction its body runs no statement
// ([sqldb.ErrTxBusy]). Its arguments are those of [Collect].
func Iter[T any](ctx context.Context, q sqldb.Querier, sql string, args ...any) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		left := false
		err := run(ctx, q, sql, args, func(v *T) bool {
			left = !yield(*v, nil)
			return !left
		})
		if err != nil && !left {
			var zero T
			yield(zero, err)
		}
	}
}

// A target is the row that is scanned into and, unless it has many columns, the
// pointers to its fields: one allocation.
type target[T any] struct {
	row  T
	dest [12]any
}

// run calls each with every row until it returns false. The value that it is
// given is that of all rows in turn.
func run[T any](ctx context.Context, q sqldb.Querier, sql string, args []any, each func(*T) bool) (err error) {
	plan, err := PlanOf[T]()
	if err != nil {
		return err
	}
	if len(args) == 1 {
		if p, named := args[0].(Params); named {
			if sql, args, err = Bind(q.Dialect(), sql, p); err != nil {
				return err
			}
		}
	}
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return err
	}
	left := true // early: by each, or by a panic of it
	defer func() {
		if cerr := rows.Close(); err == nil && !left {
			err = cerr
		}
	}()
	t := new(target[T])
	v := &t.row
	dest, err := plan.destinations(reflect.ValueOf(v).Elem(), rows.Columns(), t.dest[:0])
	if err != nil {
		return err
	}
	for rows.Next() {
		var zero T
		*v = zero // what a Scanner makes of one row shares nothing with the next
		if err := rows.Scan(dest...); err != nil {
			return plan.explain(err)
		}
		if !each(v) {
			return nil
		}
	}
	left = false
	return rows.Err()
}

// explain adds the field to an error of Scan.
func (p *Plan) explain(err error) error {
	s, ok := errors.AsType[*sqldb.ScanError](err)
	if !ok {
		return err
	}
	return &FieldError{Column: s.Column, Field: p.field(s.Column), Err: err}
}
