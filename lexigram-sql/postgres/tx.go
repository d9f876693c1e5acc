package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqldriver"
)

// A tx is a transaction on a connection of its own. Release gives the
// connection back, or closes it if it is broken or still in the transaction.
type tx struct{ conn *pgxpool.Conn }

var _ sqldriver.Tx = (*tx)(nil)

func (t *tx) Query(ctx context.Context, sql string, args []any) (sqldb.Rows, error) {
	if err := single(sql); err != nil {
		return nil, err
	}
	raw, err := t.conn.Query(ctx, sql, args...)
	rows, err := begin(ctx, raw, err)
	if err != nil {
		return nil, wrap(ctx, stale(err), "query")
	}
	return rows, nil
}

func (t *tx) Exec(ctx context.Context, sql string, args []any) (int64, error) {
	if err := single(sql); err != nil {
		return 0, err
	}
	tag, err := t.conn.Exec(ctx, sql, args...)
	if err != nil {
		return 0, wrap(ctx, stale(err), "exec")
	}
	return affected(tag), nil
}

func (t *tx) Commit(ctx context.Context) error {
	defer t.conn.Release()
	if t.conn.Conn().IsClosed() {
		return sqldb.ErrUnavailable.Wrap(errors.New("the connection was lost before"), "postgres: commit")
	}
	tag, err := t.conn.Exec(ctx, "COMMIT")
	switch {
	case err == nil && tag.String() == "COMMIT":
		return nil
	case err == nil: // ROLLBACK is what the server answers for a transaction that failed
		return sqldb.ErrTxAborted.Wrap(nil, "postgres: commit")
	case unknown(err):
		return sqldb.ErrCommitUnknown.Wrap(wrap(ctx, err, "commit"), "postgres: commit")
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
	defer t.conn.Release()
	if t.conn.Conn().IsClosed() {
		return nil // the server rolls back what lost its connection
	}
	_, err := t.conn.Exec(ctx, "ROLLBACK")
	return wrap(ctx, err, "rollback")
}
