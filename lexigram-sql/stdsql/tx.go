package stdsql

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqldriver"
)

// A conn runs statements on one connection.
type conn struct {
	router *router
	raw    *sql.Conn
}

func (c conn) Query(ctx context.Context, sql string, args []any) (sqldb.Rows, error) {
	return c.router.query(ctx, c.raw, sql, args)
}

func (c conn) Exec(ctx context.Context, sql string, args []any) (int64, error) {
	return c.router.exec(ctx, c.raw, sql, args)
}

// A tx is a transaction, which statements begin and end: database/sql's own
// would end with the context of its beginning.
type tx struct {
	conn
	readOnly bool
	done     func(broken bool) // gives the connection back
}

var _ sqldriver.Tx = (*tx)(nil)

func (t *tx) Commit(ctx context.Context) error {
	_, err := t.raw.ExecContext(ctx, "COMMIT")
	if err == nil {
		t.done(t.writable(ctx) != nil)
		return nil
	}
	wrapped := t.router.faults.wrap(ctx, err, "commit")
	if !t.router.faults.answered(err) || errors.Is(wrapped, sqldb.ErrUnavailable) {
		t.done(true)
		return sqldb.ErrCommitUnknown.Wrap(wrapped, "stdsql: commit")
	}
	if rerr := t.Rollback(ctx); rerr != nil { // SQLite leaves it open
		return errs.Join(wrapped, rerr)
	}
	return wrapped
}

func (t *tx) Rollback(ctx context.Context) error {
	_, err := t.raw.ExecContext(ctx, "ROLLBACK")
	if err != nil && strings.Contains(err.Error(), "no transaction is active") {
		err = nil // SQLite rolled back by itself
	}
	if err == nil {
		t.done(t.writable(ctx) != nil)
		return nil
	}
	t.done(true)
	if err = t.router.faults.wrap(ctx, err, "rollback"); errors.Is(err, sqldb.ErrUnavailable) {
		return nil // what lost its connection is rolled back
	}
	return err
}

// writable has SQLite write again after a read-only transaction.
func (t *tx) writable(ctx context.Context) error {
	if !t.readOnly || t.router.dialect != sqldb.SQLite {
		return nil
	}
	_, err := t.raw.ExecContext(ctx, "PRAGMA query_only = OFF")
	return err
}

// A pin is a connection, lent.
type pin struct{ conn }

var _ sqldriver.Pin = (*pin)(nil)

func (r *router) Pin(ctx context.Context) (sqldriver.Pin, error) {
	c, err := r.pool.Conn(ctx)
	if err != nil {
		return nil, r.faults.wrap(ctx, err, "pin a connection")
	}
	return &pin{conn{r, c}}, nil
}

func (p *pin) Begin(ctx context.Context, o sqldriver.BeginOptions) (sqldriver.Tx, error) {
	t, err := p.router.begin(ctx, p.raw, o)
	if err != nil {
		return nil, err
	}
	t.done = func(bool) {} // the connection is discarded in the end anyway
	return t, nil
}

// Release closes the connection, and with it whatever was left on it.
func (p *pin) Release() { discard(p.raw) }
