package sqldriver

import (
	"context"
	"errors"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// A Pinner is a [Driver] that lends a connection for a while.
type Pinner interface {
	// Pin waits for a connection. ctx bounds Pin only.
	Pin(ctx context.Context) (Pin, error)
}

// A Pin is a connection that was lent. [DB] runs one statement or transaction
// of it at a time.
type Pin interface {
	Conn
	// Begin starts a transaction on the connection, as [Driver] does. The end
	// of the transaction does not give the connection back.
	Begin(ctx context.Context, o BeginOptions) (Tx, error)
	// Release gives the connection back, without what it was left with. It is called once, last.
	Release()
}

// Pinned implements [sqldb.Pinner], if the driver is a [Pinner].
func (db *DB) Pinned(ctx context.Context, fn func(ctx context.Context) error) (err error) {
	p, ok := db.driver.(Pinner)
	if !ok {
		return sqldb.Err.Wrap(errors.ErrUnsupported, "sql: pin a connection")
	}
	if f := db.ambient(ctx); f != nil {
		if f.tx.pin == nil {
			return sqldb.ErrTxOptions.Wrap(errors.New("Pinned inside a transaction, which has its connection"), "sql: pin a connection")
		}
		return fn(ctx)
	}
	if err := db.outside(ctx, ""); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return sqldb.Err.Wrap(endOf(ctx), "sql: pin a connection")
	}
	pin, err := p.Pin(ctx)
	if err != nil {
		return seal(ctx, err, "pin a connection")
	}
	t := begun(pin, false, sqldb.DefaultIsolation, nil)
	t.pin, t.pinned = pin, true
	f := t.top
	defer func() {
		_, stray := f.reserve()
		f.pop(nil)
		pin.Release()
		if err == nil {
			err = stray
		}
	}()
	return fn(db.scope.With(ctx, f))
}
