package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqldriver"
)

// wrap gives an error of pgx its sentinel.
func wrap(ctx context.Context, err error, op string) error {
	if err == nil || errors.Is(err, sqldb.Err) {
		return err
	}
	pg, refused := errors.AsType[*pgconn.PgError](err)
	if ctx.Err() != nil && (!refused || pg.Code == "57014") {
		return sqldb.Err.Wrap(context.Cause(ctx), "postgres: %s", op)
	}
	cause := &short{err: err, text: shorten(err)}
	if refused {
		return sentinel(pg, cause, op)
	}
	if isConnection(err) {
		return sqldb.ErrUnavailable.Wrap(cause, "postgres: %s", op)
	}
	return sqldb.Err.Wrap(cause, "postgres: %s", op)
}

// unreached is the error of a first connection, which is [sqldb.ErrUnavailable]
// whatever the cause.
func unreached(ctx context.Context, err error) error {
	err = wrap(ctx, err, "connect")
	if errors.Is(err, sqldb.ErrUnavailable) {
		return err
	}
	return sqldb.ErrUnavailable.Wrap(err, "postgres: open")
}

// sentinel maps an SQLSTATE.
func sentinel(pg *pgconn.PgError, cause error, op string) error {
	switch kind := sqldriver.OfState(pg.Code); kind {
	case sqldb.ErrUnique, sqldb.ErrForeignKey, sqldb.ErrConstraint:
		return sqldb.Err.Wrap(constraint(kind, pg, cause), "postgres: %s", op)
	case os.ErrDeadlineExceeded:
		return sqldb.Err.Wrap(fmt.Errorf("%w: %w", kind, cause), "postgres: %s", op)
	default:
		return kind.(*errs.Error).Wrap(cause, "postgres: %s", op)
	}
}

func constraint(kind error, pg *pgconn.PgError, cause error) error {
	return &sqldb.ConstraintError{Kind: kind, Constraint: pg.ConstraintName, Table: pg.TableName, Column: pg.ColumnName, Cause: cause}
}

// unreachable: connection exceptions, no connection left, shutdown, startup, and a login that is refused.
func unreachable(code string) bool { return sqldriver.OfState(code) == sqldb.ErrUnavailable }

// isConnection reports whether err is not the server's answer to a statement.
func isConnection(err error) bool {
	var netErr net.Error
	_, connecting := errors.AsType[*pgconn.ConnectError](err)
	return connecting || errors.As(err, &netErr) || pgconn.SafeToRetry(err) || errors.Is(err, io.ErrUnexpectedEOF) ||
		strings.Contains(err.Error(), "closed pool") || strings.Contains(err.Error(), "conn closed") // pgx has no sentinels for them
}

// stalePlan reports whether the tables changed under a prepared statement.
func stalePlan(err error) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (pg.Code == "26000" || pg.Code == "0A000" && strings.Contains(pg.Message, "cached plan"))
}

// stale makes a transaction that met a stale plan one that is repeated.
func stale(err error) error {
	if !stalePlan(err) {
		return err
	}
	return sqldb.ErrSerialization.Wrap(&short{err: err, text: shorten(err)}, "postgres: tables changed under a prepared statement")
}

// A short error is one line, and quotes no argument.
type short struct {
	err  error
	text string
}

func (s *short) Error() string { return s.text }
func (s *short) Unwrap() error { return s.err }

var encoding = regexp.MustCompile(`args\[(\d+)\]`)

// shorten returns err's text on one line. Of the attempts to reach a server,
// one for each address and way to encrypt, it tells the first. Where pgx quotes
// the value of an argument that it could not encode, it only says which.
func shorten(err error) string {
	if _, connecting := errors.AsType[*pgconn.ConnectError](err); connecting {
		if dns, ok := errors.AsType[*net.DNSError](err); ok {
			return "lookup " + dns.Name + ": " + oneLine(dns.Err) + ": is that the server's name?"
		}
		if dial, ok := errors.AsType[*net.OpError](err); ok {
			return oneLine(dial.Error()) + ": is the server there that the URL names?"
		}
	}
	text := oneLine(err.Error())
	if !strings.Contains(text, "encode") {
		return text
	}
	if m := encoding.FindStringSubmatch(text); m != nil {
		n, _ := strconv.Atoi(m[1]) // digits; a number too large shows as the largest
		return fmt.Sprintf("argument $%d does not fit the type of its placeholder: convert it, or cast the placeholder", n+1)
	}
	return text
}
