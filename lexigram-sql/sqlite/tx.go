package sqlite

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqldriver"
	engine "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// A tx is a transaction on a connection of its own.
type tx struct {
	conn     *conn
	pool     *pool // nil if the connection is pinned
	parsed   *parser
	readOnly bool // and pinned: the writer must be told
}

var _ sqldriver.Tx = (*tx)(nil)

func (t *tx) Query(ctx context.Context, sql string, args []any) (sqldb.Rows, error) {
	st, err := t.parsed.parse(sql)
	if err != nil {
		return nil, err
	}
	return t.conn.query(ctx, st, args, func() {})
}

func (t *tx) Exec(ctx context.Context, sql string, args []any) (int64, error) {
	st, err := t.parsed.parse(sql)
	if err != nil {
		return 0, err
	}
	return t.conn.exec(ctx, st, args)
}

// Commit rolls back what could not be committed: SQLite leaves it open.
func (t *tx) Commit(ctx context.Context) error {
	err := t.conn.command(ctx, "COMMIT")
	if err == nil {
		return t.end(ctx)
	}
	if rerr := t.Rollback(ctx); rerr != nil {
		err = errs.Join(err, rerr)
	}
	if unknown(err) {
		return sqldb.ErrCommitUnknown.Wrap(err, "sqlite: commit")
	}
	return err
}

func (t *tx) Rollback(ctx context.Context) error {
	err := t.conn.command(ctx, "ROLLBACK")
	if err != nil && strings.Contains(err.Error(), "no transaction is active") {
		err = nil // SQLite rolled back by itself: full disk, interrupted write
	}
	if err != nil {
		t.conn.broken = true
	}
	return abandon(err, t.end(ctx))
}

// end gives the connection back to whom it came from.
func (t *tx) end(ctx context.Context) error {
	if t.pool != nil {
		t.pool.put(t.conn)
		return nil
	}
	if t.readOnly {
		return t.conn.command(ctx, "PRAGMA query_only = OFF")
	}
	return nil
}

// abandon notes on err what came of clearing up after it.
func abandon(err, after error) error {
	if err == nil || after == nil {
		return errs.Join(err, after)
	}
	return fmt.Errorf("%w (then: %v)", err, after)
}

// unknown reports whether a commit that failed with err may be found in the log after a crash.
func unknown(err error) bool {
	if e, ok := errors.AsType[*engine.Error](err); ok {
		switch e.Code() & 0xff {
		case lib.SQLITE_IOERR, lib.SQLITE_INTERRUPT:
			return true
		}
		return false
	}
	return errors.Is(err, context.DeadlineExceeded)
}
