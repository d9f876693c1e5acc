package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
)

// A canceller asks the server to cancel a statement whose ctx ended, so that
// its connection lives on; if the server does not answer it is closed. Unlike
// pgx's own it never breaks the request off when the statement ends meanwhile:
// that ends PgBouncer 1.18, with all its connections.
type canceller struct {
	conn *pgconn.PgConn
	done chan struct{} // closed when the request has been served
}

var _ ctxwatch.Handler = (*canceller)(nil)

const (
	// patience is how long the server may take to answer.
	patience = 2 * time.Second
	// settling is how long a signal may take from the server to the process
	// of the statement; a request that comes later cancels the next one.
	settling = 100 * time.Millisecond
)

// HandleCancel implements [ctxwatch.Handler].
func (c *canceller) HandleCancel(context.Context) {
	deadline := time.Now().Add(patience)
	_ = c.conn.Conn().SetDeadline(deadline) // fails if it is closed, and then there is nothing to end
	c.done = make(chan struct{})
	go func() {
		defer close(c.done)
		ctx, cancel := context.WithDeadline(context.Background(), deadline)
		defer cancel()
		if c.conn.CancelRequest(ctx) == nil { // else the deadline ends the statement
			time.Sleep(settling)
		}
	}()
}

// HandleUnwatchAfterCancel implements [ctxwatch.Handler].
func (c *canceller) HandleUnwatchAfterCancel() {
	<-c.done
	_ = c.conn.Conn().SetDeadline(time.Time{}) // as above
}
