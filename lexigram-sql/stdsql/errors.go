package stdsql

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqldriver"
)

// faults give errors of a driver their sentinels.
type faults struct {
	constraint func(err error) (constraint, table, column string)
}

// A stater is an error of PostgreSQL, as its drivers have them; a coder is one
// of SQLite.
type (
	stater interface {
		error
		SQLState() string
	}
	coder interface {
		error
		Code() int
	}
)

// answered reports whether err is what the database says of a statement.
func (f faults) answered(err error) bool {
	_, state := errors.AsType[stater](err)
	_, code := errors.AsType[coder](err)
	return state || code
}

func (f faults) wrap(ctx context.Context, err error, op string) error {
	if err == nil || errors.Is(err, sqldb.Err) {
		return err
	}
	kind, cause := f.kind(err), &line{err, strings.Join(strings.Fields(err.Error()), " ")}
	if ctx.Err() != nil && (errors.Is(err, ctx.Err()) || !f.answered(err) || kind == os.ErrDeadlineExceeded) {
		return sqldb.Err.Wrap(context.Cause(ctx), "stdsql: %s", op)
	}
	switch kind {
	case sqldb.ErrUnique, sqldb.ErrForeignKey, sqldb.ErrConstraint:
		c := &sqldb.ConstraintError{Kind: kind, Cause: cause}
		name := f.constraint
		if name == nil {
			name = named
		}
		c.Constraint, c.Table, c.Column = name(err)
		return sqldb.Err.Wrap(c, "stdsql: %s", op)
	case os.ErrDeadlineExceeded:
		return sqldb.Err.Wrap(fmt.Errorf("%w: %w", os.ErrDeadlineExceeded, cause), "stdsql: %s", op)
	default:
		return kind.(*errs.Error).Wrap(cause, "stdsql: %s", op)
	}
}

// kind returns the sentinel of err.
func (f faults) kind(err error) error {
	if s, ok := errors.AsType[stater](err); ok {
		return sqldriver.OfState(s.SQLState())
	}
	if c, ok := errors.AsType[coder](err); ok {
		return ofCode(c.Code())
	}
	var netErr net.Error
	if errors.As(err, &netErr) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, driver.ErrBadConn) ||
		errors.Is(err, sql.ErrConnDone) || strings.Contains(err.Error(), "database is closed") { // which has no sentinel
		return sqldb.ErrUnavailable
	}
	return sqldb.Err
}

// ofCode returns the sentinel of a result code of SQLite (sqlite.org/rescode.html).
func ofCode(code int) error {
	switch code {
	case 1555, 2067, 2579: // PRIMARYKEY, UNIQUE, ROWID
		return sqldb.ErrUnique
	case 787: // FOREIGNKEY
		return sqldb.ErrForeignKey
	}
	switch code & 0xff {
	case 19: // CONSTRAINT
		return sqldb.ErrConstraint
	case 5, 6: // BUSY, LOCKED
		return sqldb.ErrSerialization
	case 8: // READONLY
		return sqldb.ErrReadOnly
	case 9: // INTERRUPT
		return os.ErrDeadlineExceeded
	case 10, 11, 13, 14, 15, 26: // IOERR, CORRUPT, FULL, CANTOPEN, PROTOCOL, NOTADB
		return sqldb.ErrUnavailable
	}
	return sqldb.Err
}

// named reads which constraint refused from what both databases say of it:
// `UNIQUE constraint failed: users.email, users.tenant`, and
// `new row for relation "t" violates check constraint "c"`.
func named(err error) (constraint, table, column string) {
	text := err.Error()
	if _, columns, ok := strings.Cut(text, " constraint failed: "); ok {
		columns, _, _ = strings.Cut(columns, " (")
		var names []string
		for part := range strings.SplitSeq(columns, ", ") {
			t, c, dot := strings.Cut(part, ".")
			if !dot {
				return columns, "", ""
			}
			table, names = t, append(names, c)
		}
		return "", table, strings.Join(names, ", ")
	}
	return after(text, `constraint "`), after(text, `relation "`) + after(text, `on table "`), after(text, `column "`)
}

// after returns what stands in quotes after prefix.
func after(text, prefix string) string {
	_, rest, _ := strings.Cut(text, prefix)
	name, _, ok := strings.Cut(rest, `"`)
	if !ok {
		return ""
	}
	return name
}

// A line is an error whose text is one.
type line struct {
	err  error
	text string
}

func (l *line) Error() string { return l.text }
func (l *line) Unwrap() error { return l.err }
