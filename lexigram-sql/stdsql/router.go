package stdsql

import (
	"context"
	"database/sql"
	"database/sql/driver"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqldriver"
)

// An executor is a pool or one connection of it.
type executor interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// router runs statements on any connection of the pool.
type router struct {
	pool    *sql.DB
	dialect sqldb.Dialect
	faults  faults
	known   sqldriver.Memo[*statement]
}

var (
	_ sqldriver.Driver = (*router)(nil)
	_ sqldriver.Pinner = (*router)(nil)
)

func (r *router) Dialect() sqldb.Dialect { return r.dialect }

func (r *router) Query(ctx context.Context, sql string, args []any) (sqldb.Rows, error) {
	return r.query(ctx, r.pool, sql, args)
}

func (r *router) Exec(ctx context.Context, sql string, args []any) (int64, error) {
	return r.exec(ctx, r.pool, sql, args)
}

func (r *router) query(ctx context.Context, on executor, sql string, args []any) (sqldb.Rows, error) {
	st, err := r.parse(sql)
	if err != nil {
		return nil, err
	}
	if args, err = st.bind(r.dialect, args); err != nil {
		return nil, err
	}
	raw, err := on.QueryContext(ctx, st.text, args...)
	if err != nil {
		return nil, r.faults.wrap(ctx, err, "query")
	}
	live, err := newRows(ctx, r, raw)
	if err != nil {
		return nil, err
	}
	if r.dialect != sqldb.SQLite || st.verb == reading {
		return live, nil
	}
	b, err := drain(live)
	if err != nil {
		return nil, err
	}
	return b, nil
}

func (r *router) exec(ctx context.Context, on executor, sql string, args []any) (int64, error) {
	st, err := r.parse(sql)
	if err != nil {
		return 0, err
	}
	if args, err = st.bind(r.dialect, args); err != nil {
		return 0, err
	}
	res, err := on.ExecContext(ctx, st.text, args...)
	if err != nil {
		return 0, r.faults.wrap(ctx, err, "exec")
	}
	if st.verb != writing {
		return 0, nil // drivers tell the rows of a SELECT, or of the statement before
	}
	n, err := res.RowsAffected()
	return n, r.faults.wrap(ctx, err, "exec")
}

func (r *router) Begin(ctx context.Context, o sqldriver.BeginOptions) (sqldriver.Tx, error) {
	c, err := r.pool.Conn(ctx)
	if err != nil {
		return nil, r.faults.wrap(ctx, err, "begin")
	}
	t, err := r.begin(ctx, c, o)
	if err != nil {
		discard(c) // a BEGIN that was interrupted may have begun
		return nil, err
	}
	t.done = func(broken bool) { giveBack(c, broken) }
	return t, nil
}

// begin starts a transaction on c.
func (r *router) begin(ctx context.Context, c *sql.Conn, o sqldriver.BeginOptions) (*tx, error) {
	t := &tx{conn: conn{r, c}, readOnly: o.ReadOnly}
	for _, sql := range beginStatements(r.dialect, o) {
		if _, err := c.ExecContext(ctx, sql); err != nil {
			return nil, r.faults.wrap(ctx, err, "begin")
		}
	}
	return t, nil
}

var levels = map[sqldb.Isolation]string{
	sqldb.ReadCommitted:  " ISOLATION LEVEL READ COMMITTED",
	sqldb.RepeatableRead: " ISOLATION LEVEL REPEATABLE READ",
	sqldb.Serializable:   " ISOLATION LEVEL SERIALIZABLE",
}

func beginStatements(d sqldb.Dialect, o sqldriver.BeginOptions) []string {
	switch {
	case d == sqldb.SQLite && o.ReadOnly:
		return []string{"BEGIN", "PRAGMA query_only = ON"}
	case d == sqldb.SQLite:
		return []string{"BEGIN IMMEDIATE"}
	case o.ReadOnly:
		return []string{"BEGIN" + levels[o.Isolation] + " READ ONLY"}
	}
	return []string{"BEGIN" + levels[o.Isolation]}
}

func giveBack(c *sql.Conn, broken bool) {
	if broken {
		discard(c)
		return
	}
	_ = c.Close() // it goes back to the pool; what fails is that it was closed
}

// discard has the pool close the connection.
func discard(c *sql.Conn) {
	_ = c.Raw(func(any) error { return driver.ErrBadConn }) // returns just that
	_ = c.Close()                                           // and it is closed
}
