package sqlwatch

import (
	"context"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// A transaction is what statements of a context have in common: an InTx, or a
// Pinned, whose id is 0.
type transaction struct{ id uint64 }

// ambient returns the one of ctx, or nil.
func (d *DB) ambient(ctx context.Context) *transaction {
	t, _ := d.scope.Tx(ctx).(*transaction)
	return t
}

// InTx implements [sqldb.Transactor]. What it begins has a number, which entries have as Tx.
func (d *DB) InTx(ctx context.Context, fn func(ctx context.Context) error, opts ...sqldb.TxOption) error {
	around := d.ambient(ctx)
	if around != nil && around.id != 0 && !separate(opts) {
		return d.inner.InTx(ctx, fn, opts...)
	}
	own := around == nil || around.id != 0 // it takes a connection
	t := &transaction{d.txs.Add(1)}
	return d.lend(ctx, own, "transaction", func(got func()) error {
		return d.inner.InTx(ctx, func(ctx context.Context) error {
			got()
			return fn(d.scope.With(ctx, t))
		}, opts...)
	})
}

// Pinned implements [sqldb.Pinner]. It returns an error wrapping
// errors.ErrUnsupported if the database cannot.
func (d *DB) Pinned(ctx context.Context, fn func(ctx context.Context) error) error {
	p, ok := d.inner.(sqldb.Pinner)
	if !ok {
		return unsupported("pin a connection")
	}
	if d.ambient(ctx) != nil { // on the same connection, or refused
		return p.Pinned(ctx, fn)
	}
	return d.lend(ctx, true, "pinned", func(got func()) error {
		return p.Pinned(ctx, func(ctx context.Context) error {
			got()
			return fn(d.scope.With(ctx, &transaction{}))
		})
	})
}

// lend runs what takes a connection and calls got when it has it.
func (d *DB) lend(ctx context.Context, own bool, what string, run func(got func()) error) error {
	if d.held == nil || !own {
		return run(func() {})
	}
	h := d.held.begin(ctx, what)
	defer d.held.end(h)
	return run(func() { d.held.got(h, what) })
}

func separate(opts []sqldb.TxOption) bool {
	var o sqldb.TxOptions
	for _, opt := range opts {
		opt(&o)
	}
	return o.Propagation == sqldb.Separate
}
