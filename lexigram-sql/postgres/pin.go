package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqldriver"
)

// A pin is a connection, lent.
type pin struct {
	session
	router *router
}

var (
	_ sqldriver.Pinner = (*router)(nil)
	_ sqldriver.Pin    = (*pin)(nil)
	_ sqldriver.Setter = (*pin)(nil)
)

// Pin lends a connection, but not one of a pooler: each statement may be
// another server's process.
func (r *router) Pin(ctx context.Context) (sqldriver.Pin, error) {
	if r.pooled {
		return nil, sqldb.Err.Wrap(errors.ErrUnsupported, "postgres: pin a connection through a pooler in transaction mode")
	}
	c, err := r.pool.Acquire(ctx)
	if err != nil {
		return nil, wrap(ctx, err, "pin a connection")
	}
	return &pin{session: session{conn: c, tracer: r.tracer}, router: r}, nil
}

func (p *pin) Begin(_ context.Context, o sqldriver.BeginOptions) (sqldriver.Tx, error) {
	return newTx(p.router, p.conn, o, true), nil
}

// Release closes the connection: nothing else is sure to end all that a
// session may hold.
func (p *pin) Release() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_ = p.conn.Conn().Close(ctx) // it is given up
	p.conn.Release()
}
