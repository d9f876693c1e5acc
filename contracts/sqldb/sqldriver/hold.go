package sqldriver

import (
	"context"
	"io"
)

// Hold reserves the connection of the transaction of ctx, or the pinned one,
// for what a backend does on it that is no statement of the contract, as one
// statement of the transaction. Without either it returns nil. The caller calls Release.
func (db *DB) Hold(ctx context.Context) (*Held, error) {
	f := db.ambient(ctx)
	if f == nil {
		return nil, db.outside(ctx, "")
	}
	if err := f.acquire(); err != nil {
		return nil, err
	}
	return &Held{Conn: f.conn(), frame: f}, nil
}

// Held is what [DB.Hold] reserved. It belongs to one goroutine.
type Held struct {
	Conn  Conn // what the driver's Begin or Pin returned
	frame *frame
}

// Release gives the connection back to the transaction. An err fails the
// transaction as a statement's does.
func (h *Held) Release(err error) { h.frame.release(err) }

// Left has rows closed when the transaction ends and they are still open. Its
// Close calls Release.
func (h *Held) Left(rows io.Closer) { h.frame.left(rows) }

// Args returns args as a [Conn] gets them, or [sqldb.ErrArgument].
func Args(args []any) ([]any, error) { return normalize(args) }
