package postgres

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqldriver"
)

// A tx is a transaction on a connection of its own. BEGIN goes with its first
// statement: it costs no round trip. Release gives the connection back, or
// closes it if it is broken or still in the transaction.
type tx struct {
	session
	router *router
	begin  string // the statement that begins it
	open   bool   // the server has begun it
	gone   bool   // it has no connection
	pinned bool   // the connection goes back to whom it is lent
	mark   mark
	blind  bool // something may have written that did not ask for the mark

	canceller canceller // of the last statement
	fired     sync.WaitGroup
}

// newTx returns a transaction that begins on c.
func newTx(r *router, c *pgxpool.Conn, o sqldriver.BeginOptions, pinned bool) *tx {
	t := &tx{session: session{conn: c, tracer: r.tracer}, router: r, begin: beginStatement(o), pinned: pinned}
	t.session.tx = t
	return t
}

// restart takes another connection, unless the server has begun the transaction.
func (t *tx) restart(ctx context.Context) bool {
	if t.open || t.pinned || t.gone {
		return false
	}
	t.conn.Release()
	c, err := t.router.pool.Acquire(ctx)
	if t.gone = err != nil; t.gone {
		return false
	}
	t.conn = c
	return true
}

var (
	_ sqldriver.Tx     = (*tx)(nil)
	_ sqldriver.Setter = (*tx)(nil)
)

// unmarked reports whether the number of the transaction is to be asked for
// with sql: from the first statement that may write until there is one.
func (t *tx) unmarked(sql string) bool {
	return t.router.marks && t.mark.xid == "" && t.router.judge.of(sql) == mayWrite
}

// marked keeps the answer to markStatement.
func (t *tx) marked(xid string, started, at time.Time) {
	if t.mark.started, t.mark.at = started, at; xid != "" {
		t.mark.xid = xid
		t.mark.timeline = timelineOf(t.conn.Conn())
	}
}

func (t *tx) release() {
	if !t.pinned && !t.gone {
		t.conn.Release()
	}
}

func (t *tx) Commit(ctx context.Context) error {
	if !t.open { // nothing was done
		t.release()
		return nil
	}
	if t.conn.Conn().IsClosed() {
		t.release()
		return sqldb.ErrUnavailable.Wrap(errors.New("the connection was lost before"), "postgres: commit")
	}
	if t.blind && t.router.marks && t.mark.xid == "" {
		var xid *string
		var started, at time.Time
		if err := t.conn.QueryRow(ctx, markStatement).Scan(&xid, &started, &at); err != nil {
			return errs.Join(wrap(ctx, err, "commit"), t.Rollback(ctx))
		}
		if xid != nil {
			t.marked(*xid, started, at)
		}
	}
	tag, err := t.last(ctx, "COMMIT")
	t.release()
	switch {
	case err == nil && tag.String() == "COMMIT":
		return nil
	case err == nil: // ROLLBACK is what the server answers for a transaction that failed
		return sqldb.ErrTxAborted.Wrap(nil, "postgres: commit")
	case unknown(err):
		return t.router.resolve(ctx, t.mark, wrap(ctx, err, "commit"))
	}
	return wrap(ctx, err, "commit")
}

// unknown reports whether the transaction may have been committed although err
// came: COMMIT may have been sent, and the answer is not a refusal.
func unknown(err error) bool {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return unreachable(pg.Code) || pg.Code == "57014"
	}
	return true
}

func (t *tx) Rollback(ctx context.Context) error {
	defer t.release()
	if !t.open || t.conn.Conn().IsClosed() {
		return nil // the server rolls back what lost its connection
	}
	_, err := t.last(ctx, "ROLLBACK")
	return wrap(ctx, err, "rollback")
}

// last executes a statement until the deadline of ctx, which nothing else
// cancels: a timer, where pgx would have ctx watched for ten allocations more.
func (t *tx) last(ctx context.Context, sql string) (pgconn.CommandTag, error) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return t.conn.Exec(ctx, sql)
	}
	t.canceller.conn = t.conn.Conn().PgConn()
	t.fired.Add(1)
	timer := time.AfterFunc(time.Until(deadline), t.cancelLast)
	unwatched := context.Background()
	if t.tracer != nil { // which may look for values
		unwatched = context.WithoutCancel(ctx)
	}
	tag, err := t.conn.Exec(unwatched, sql)
	if !timer.Stop() {
		t.fired.Wait()
		t.canceller.HandleUnwatchAfterCancel()
	}
	return tag, err
}

func (t *tx) cancelLast() {
	t.canceller.HandleCancel(context.Background())
	t.fired.Done()
}
