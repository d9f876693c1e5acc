package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqldriver"
)

// A tx is a transaction on a connection of its own. Release gives the
// connection back, or closes it if it is broken or still in the transaction.
type tx struct {
	session
	router *router
	pinned bool // the connection goes back to whom it is lent
	mark   mark
	blind  bool // something may have written that did not ask for the mark
}

// newTx returns the transaction that s has begun.
func newTx(r *router, s session, pinned bool) *tx {
	t := &tx{session: s, router: r, pinned: pinned}
	t.session.tx = t
	return t
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
func (t *tx) marked(row pgx.Row) error {
	var xid *string
	if err := row.Scan(&xid, &t.mark.started); err != nil {
		return err
	}
	if xid != nil {
		t.mark.xid = *xid
		t.mark.timeline = timelineOf(t.conn.Conn())
	}
	return nil
}

func (t *tx) release() {
	if !t.pinned {
		t.conn.Release()
	}
}

func (t *tx) Commit(ctx context.Context) error {
	if t.conn.Conn().IsClosed() {
		t.release()
		return sqldb.ErrUnavailable.Wrap(errors.New("the connection was lost before"), "postgres: commit")
	}
	if t.blind && t.router.marks && t.mark.xid == "" {
		if err := t.marked(t.conn.QueryRow(ctx, markStatement)); err != nil {
			return errs.Join(wrap(ctx, err, "commit"), t.Rollback(ctx))
		}
	}
	tag, err := t.conn.Exec(ctx, "COMMIT")
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
	if t.conn.Conn().IsClosed() {
		return nil // the server rolls back what lost its connection
	}
	_, err := t.conn.Exec(ctx, "ROLLBACK")
	return wrap(ctx, err, "rollback")
}
