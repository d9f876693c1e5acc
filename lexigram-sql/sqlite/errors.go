package sqlite

import (
	"context"
	"errors"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	engine "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// wrap gives an error of the engine its sentinel.
func wrap(ctx context.Context, err error, op string) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil && (errors.Is(err, ctx.Err()) || code(err) == lib.SQLITE_INTERRUPT) {
		return sqldb.Err.Wrap(context.Cause(ctx), "sqlite: %s", op)
	}
	cause := &shortened{err: err, text: shorten(err)}
	switch code(err) {
	case lib.SQLITE_CONSTRAINT:
		return sqldb.Err.Wrap(constraint(cause), "sqlite: %s", op)
	case lib.SQLITE_BUSY, lib.SQLITE_LOCKED:
		return sqldb.ErrSerialization.Wrap(cause, "sqlite: %s", op)
	case lib.SQLITE_READONLY:
		return sqldb.ErrReadOnly.Wrap(cause, "sqlite: %s", op)
	case lib.SQLITE_IOERR, lib.SQLITE_CANTOPEN, lib.SQLITE_FULL, lib.SQLITE_CORRUPT, lib.SQLITE_NOTADB, lib.SQLITE_PROTOCOL:
		return sqldb.ErrUnavailable.Wrap(cause, "sqlite: %s", op)
	}
	return sqldb.Err.Wrap(cause, "sqlite: %s", op)
}

// code returns the primary result code, or 0.
func code(err error) int {
	if e, ok := errors.AsType[*engine.Error](err); ok {
		return e.Code() & 0xff
	}
	return 0
}

// constraint says which one refused. The engine tells it in words only, such as
// "UNIQUE constraint failed: users.email, users.tenant".
func constraint(cause *shortened) error {
	e := &sqldb.ConstraintError{Kind: sqldb.ErrConstraint, Cause: cause}
	full, _ := errors.AsType[*engine.Error](cause)
	switch full.Code() {
	case lib.SQLITE_CONSTRAINT_UNIQUE, lib.SQLITE_CONSTRAINT_PRIMARYKEY, lib.SQLITE_CONSTRAINT_ROWID:
		e.Kind = sqldb.ErrUnique
	case lib.SQLITE_CONSTRAINT_FOREIGNKEY:
		e.Kind = sqldb.ErrForeignKey
	}
	_, what, ok := strings.Cut(cause.text, " constraint failed: ")
	if !ok {
		return e
	}
	if index, ok := strings.CutPrefix(what, "index '"); ok {
		e.Constraint = strings.TrimSuffix(index, "'")
		return e
	}
	if full.Code() == lib.SQLITE_CONSTRAINT_CHECK {
		e.Constraint = what
		return e
	}
	var columns []string
	for part := range strings.SplitSeq(what, ", ") {
		table, column, ok := strings.Cut(part, ".")
		if !ok {
			return e
		}
		e.Table = table
		columns = append(columns, column)
	}
	e.Column = strings.Join(columns, ", ")
	return e
}

// A shortened error says once what the engine says twice.
type shortened struct {
	err  error
	text string
}

func (s *shortened) Error() string { return s.text }
func (s *shortened) Unwrap() error { return s.err }

// shorten turns "constraint failed: UNIQUE constraint failed: t.a (2067)" into
// "UNIQUE constraint failed: t.a", on one line.
func shorten(err error) string {
	text := strings.Join(strings.Fields(err.Error()), " ")
	if _, ok := errors.AsType[*engine.Error](err); !ok {
		return text
	}
	if rest, ok := strings.CutPrefix(text, "constraint failed: "); ok {
		text = rest
	}
	if rest, ok := strings.CutPrefix(text, "SQL logic error: "); ok {
		text = rest
	}
	text = strings.TrimSuffix(text, " (SQLITE_BUSY)")
	if i := strings.LastIndex(text, " ("); i > 0 && strings.HasSuffix(text, ")") {
		text = text[:i]
	}
	return text
}
