package sqldriver

import (
	"context"
	"errors"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// A Setter is a [Conn] that runs a statement under settings of the session,
// which end with it. If the [Driver] is one, so are its [Tx] and [Pin].
type Setter interface {
	QuerySet(ctx context.Context, settings []sqldb.Setting, sql string, args []any) (sqldb.Rows, error)
	ExecSet(ctx context.Context, settings []sqldb.Setting, sql string, args []any) (affected int64, err error)
}

// WithSettings implements [sqldb.Settings], if the driver is a [Setter].
func (db *DB) WithSettings(settings ...sqldb.Setting) (sqldb.Querier, error) {
	if _, ok := db.driver.(Setter); !ok {
		return nil, sqldb.Err.Wrap(errors.ErrUnsupported, "sql: settings")
	}
	return &view{db, settings}, nil
}

// A view is a database with settings.
type view struct {
	db       *DB
	settings []sqldb.Setting
}

func (v *view) Dialect() sqldb.Dialect { return v.db.Dialect() }

func (v *view) Query(ctx context.Context, sql string, args ...any) (sqldb.Rows, error) {
	return v.db.query(ctx, statement{sql, args, v.settings})
}

func (v *view) Exec(ctx context.Context, sql string, args ...any) (int64, error) {
	return v.db.exec(ctx, statement{sql, args, v.settings})
}

// A statement is one to run.
type statement struct {
	sql      string
	args     []any
	settings []sqldb.Setting
}

func (s *statement) query(ctx context.Context, c Conn) (sqldb.Rows, error) {
	if len(s.settings) == 0 {
		return c.Query(ctx, s.sql, s.args)
	}
	return c.(Setter).QuerySet(ctx, s.settings, s.sql, s.args)
}

func (s *statement) exec(ctx context.Context, c Conn) (int64, error) {
	if len(s.settings) == 0 {
		return c.Exec(ctx, s.sql, s.args)
	}
	return c.(Setter).ExecSet(ctx, s.settings, s.sql, s.args)
}
