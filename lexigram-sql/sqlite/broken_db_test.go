package sqlite_test

import (
	"context"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// broken is a good database that breaks one rule where a field is set.
type broken struct {
	sqldb.DB
	sql     func(sql string, args []any) (string, []any) // of every statement
	query   func(ctx context.Context, sql string, args []any) (sqldb.Rows, error)
	exec    func(ctx context.Context, sql string, args []any) (int64, error)
	rows    func(sql string, r sqldb.Rows) sqldb.Rows // of every query
	err     func(error) error                         // of every statement
	inTx    func(ctx context.Context, fn txFunc, opts []sqldb.TxOption) error
	dialect func() sqldb.Dialect
	abilities
}

type txFunc = func(ctx context.Context) error

func (b *broken) Query(ctx context.Context, sql string, args ...any) (sqldb.Rows, error) {
	if b.sql != nil {
		sql, args = b.sql(sql, args)
	}
	query := b.query
	if query == nil {
		query = b.good
	}
	rows, err := query(ctx, sql, args)
	if b.err != nil && err != nil {
		return nil, b.err(err)
	}
	if b.rows != nil && err == nil {
		rows = b.rows(sql, rows)
	}
	return rows, err
}

func (b *broken) good(ctx context.Context, sql string, args []any) (sqldb.Rows, error) {
	return b.DB.Query(ctx, sql, args...)
}

func (b *broken) Exec(ctx context.Context, sql string, args ...any) (n int64, err error) {
	if b.sql != nil {
		sql, args = b.sql(sql, args)
	}
	if b.exec != nil {
		n, err = b.exec(ctx, sql, args)
	} else {
		n, err = b.DB.Exec(ctx, sql, args...)
	}
	if b.err != nil && err != nil {
		err = b.err(err)
	}
	return n, err
}

func (b *broken) InTx(ctx context.Context, fn func(context.Context) error, opts ...sqldb.TxOption) error {
	if b.inTx != nil {
		return b.inTx(ctx, fn, opts)
	}
	return b.DB.InTx(ctx, fn, opts...)
}

func (b *broken) Dialect() sqldb.Dialect {
	if b.dialect != nil {
		return b.dialect()
	}
	return b.DB.Dialect()
}

// brokenRows are good rows but for the functions that are set.
type brokenRows struct {
	sqldb.Rows
	next    func() bool
	scan    func(dest []any) error
	columns func() []string
	err     func() error
}

func (r *brokenRows) Next() bool {
	if r.next != nil {
		return r.next()
	}
	return r.Rows.Next()
}

func (r *brokenRows) Scan(dest ...any) error {
	if r.scan != nil {
		return r.scan(dest)
	}
	return r.Rows.Scan(dest...)
}

func (r *brokenRows) Columns() []string {
	if r.columns != nil {
		return r.columns()
	}
	return r.Rows.Columns()
}

func (r *brokenRows) Err() error {
	if r.err != nil {
		return r.err()
	}
	return r.Rows.Err()
}

// within marks the contexts of a transaction, so that breakers can tell a
// nested InTx, and find the transaction that Detach left.
type within struct {
	ctx  context.Context
	done bool
}

type withinKey struct{}

func inside(ctx context.Context) *within {
	w, _ := ctx.Value(withinKey{}).(*within)
	return w
}

// mark runs fn with its context marked.
func mark(fn txFunc) (*within, txFunc) {
	w := &within{}
	return w, func(ctx context.Context) error {
		w.ctx = ctx
		return fn(context.WithValue(ctx, withinKey{}, w))
	}
}
