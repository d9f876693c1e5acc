package sqlite

import (
	"context"
	"database/sql/driver"
	"net/url"
	"path/filepath"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	engine "modernc.org/sqlite"
)

// A conn is one connection. It belongs to whom the pool lent it.
type conn struct {
	raw    driver.Conn
	cache  map[string]stmt
	limit  int
	broken bool // not to be used again
}

// stmt is what a prepared statement of the engine can do.
type stmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// dial opens a connection and sets it up.
func dial(ctx context.Context, path string, cfg Config, readOnly bool) (*conn, error) {
	// Strings are quoted by ', never by ", where a misspelt column would become one.
	name := "file:" + (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath() + "?_dqs=0&_error_rc=1"
	raw, err := (&engine.Driver{}).Open(name)
	if err != nil {
		return nil, wrap(ctx, err, "open")
	}
	c := &conn{raw: raw, cache: map[string]stmt{}, limit: cfg.CacheStatements}
	setup := []string{
		"PRAGMA journal_mode = WAL",
		"PRAGMA synchronous = " + cfg.Synchronous,
		"PRAGMA foreign_keys = ON",
		"PRAGMA trusted_schema = OFF",
	}
	if readOnly {
		setup = append(setup[1:], "PRAGMA query_only = ON")
	}
	for _, pragma := range setup {
		err := retryBusy(ctx, cfg.BusyTimeout, func() error { return c.command(ctx, pragma) })
		if err != nil {
			_ = c.close() // the first error is the one to tell
			return nil, err
		}
	}
	return c, nil
}

// prepare returns the statement, from the cache if it is there.
func (c *conn) prepare(sql string) (stmt, error) {
	if s, ok := c.cache[sql]; ok {
		return s, nil
	}
	prepared, err := c.raw.Prepare(sql)
	if err != nil {
		return nil, err
	}
	s := prepared.(stmt)
	for old, st := range c.cache { // any one: the cache is for statements that come all the time
		if len(c.cache) < c.limit {
			break
		}
		delete(c.cache, old)
		_ = st.Close() // its last run has told its errors
	}
	c.cache[sql] = s
	return s, nil
}

// forget drops a statement that failed: the next use starts afresh.
func (c *conn) forget(sql string) {
	if s, ok := c.cache[sql]; ok {
		delete(c.cache, sql)
		_ = s.Close() // it repeats the error that the statement had
	}
}

// exec returns the number of rows that st wrote.
func (c *conn) exec(ctx context.Context, st *statement, args []any) (int64, error) {
	values, err := st.bind(args)
	if err != nil {
		return 0, err
	}
	s, err := c.prepare(st.text)
	if err != nil {
		return 0, wrap(ctx, err, "exec")
	}
	res, err := s.ExecContext(ctx, values)
	if err != nil {
		c.forget(st.text)
		return 0, wrap(ctx, err, "exec")
	}
	if !st.writes {
		return 0, nil // the engine would tell the number of the statement before
	}
	return res.RowsAffected()
}

// query returns the rows of st; done is called once, when they are closed.
// Rows of a statement that does not only read are read to their end before.
func (c *conn) query(ctx context.Context, st *statement, args []any, done func()) (sqldb.Rows, error) {
	values, err := st.bind(args)
	if err != nil {
		return nil, err
	}
	s, err := c.prepare(st.text)
	if err != nil {
		return nil, wrap(ctx, err, "query")
	}
	raw, err := s.QueryContext(ctx, values)
	if err != nil {
		c.forget(st.text)
		return nil, wrap(ctx, err, "query")
	}
	live := newRows(ctx, c, st.text, raw)
	if st.reads {
		live.done = done
		return live, nil
	}
	b, err := drain(live)
	if err != nil {
		return nil, err
	}
	done()
	return b, nil
}

// command runs a statement without arguments that is not worth keeping.
func (c *conn) command(ctx context.Context, sql string) error {
	s, err := c.raw.Prepare(sql)
	if err != nil {
		return wrap(ctx, err, sql)
	}
	defer s.Close()
	_, err = s.(stmt).ExecContext(ctx, nil)
	return wrap(ctx, err, sql)
}

func (c *conn) close() error {
	for sql := range c.cache {
		c.forget(sql)
	}
	if err := c.raw.Close(); err != nil {
		return sqldb.Err.Wrap(err, "sqlite: close")
	}
	return nil
}
