package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

func TestSentinels(t *testing.T) {
	for code, want := range map[string]error{
		"23505": sqldb.ErrUnique, "23P01": sqldb.ErrUnique, "23503": sqldb.ErrForeignKey, "23001": sqldb.ErrForeignKey,
		"23502": sqldb.ErrConstraint, "23514": sqldb.ErrConstraint, "23000": sqldb.ErrConstraint,
		"40001": sqldb.ErrSerialization, "40P01": sqldb.ErrSerialization, "55P03": sqldb.ErrSerialization,
		"25006": sqldb.ErrReadOnly, "25P02": sqldb.ErrTxAborted, "57014": os.ErrDeadlineExceeded,
		"08006": sqldb.ErrUnavailable, "53300": sqldb.ErrUnavailable, "57P01": sqldb.ErrUnavailable, "28P01": sqldb.ErrUnavailable,
		"42601": sqldb.Err,
	} {
		pg := &pgconn.PgError{Severity: "ERROR", Code: code, Message: "two\nlines", ConstraintName: "c", TableName: "t"}
		err := wrap(t.Context(), fmt.Errorf("outer: %w", pg), "exec")
		if !errors.Is(err, want) || !errors.Is(err, sqldb.Err) || !errors.Is(err, error(pg)) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %v", code, err, want)
		}
		if c, ok := errors.AsType[*sqldb.ConstraintError](err); ok != strings.HasPrefix(code, "23") || ok && (c.Constraint != "c" || c.Table != "t") {
			t.Errorf("%s: ConstraintError %+v", code, c)
		}
		if wrap(t.Context(), err, "again") != err {
			t.Errorf("%s: wrapped twice", code)
		}
	}
}

func TestConnectionErrors(t *testing.T) {
	for _, err := range []error{&net.OpError{Op: "read", Err: io.EOF}, io.ErrUnexpectedEOF, errors.New("conn closed"), errors.New("closed pool")} {
		if got := wrap(t.Context(), err, "exec"); !errors.Is(got, sqldb.ErrUnavailable) || errs.KindOf(got) != errs.Unavailable {
			t.Errorf("%v: %v", err, got)
		}
	}
}

func TestEndOfContext(t *testing.T) {
	own := errors.New("own")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(own)
	if err := wrap(ctx, &pgconn.PgError{Code: "57014"}, "exec"); !errors.Is(err, own) {
		t.Errorf("a cancelled statement: %v", err)
	}
	if err := wrap(ctx, &pgconn.PgError{Code: "23505"}, "exec"); !errors.Is(err, sqldb.ErrUnique) || errors.Is(err, own) {
		t.Errorf("a refusal while ctx ends: %v", err)
	}
}

func TestCommitUnknown(t *testing.T) {
	for err, want := range map[error]bool{
		&pgconn.PgError{Code: "23503"}: false,
		&pgconn.PgError{Code: "40001"}: false,
		&pgconn.PgError{Code: "57P01"}: true,
		&pgconn.PgError{Code: "57014"}: true,
		io.ErrUnexpectedEOF:            true,
	} {
		if unknown(err) != want {
			t.Errorf("%v: unknown is %v", err, !want)
		}
	}
}

func TestArgumentsAreNotShown(t *testing.T) {
	err := wrap(t.Context(), errors.New(`failed to encode args[2]: unable to encode "hunter2" into binary format for int8 (OID 20)`), "exec")
	if strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "argument $3") {
		t.Error(err)
	}
}

func TestSingle(t *testing.T) {
	for sql, want := range map[string]bool{
		"SELECT 1": true, "SELECT 1;": true, "SELECT ';'; -- ;": true, "SELECT $$;$$": true,
		"CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END;": true,
		"SELECT 1; SELECT 2": false, "SELECT 1; DROP TABLE t": false, "SELECT 1 --\r; DROP TABLE t": false,
		"SELECT atomic FROM t; DROP TABLE t": false, "CREATE TABLE atomic (a int); DROP TABLE t": false,
		"CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END; DROP TABLE t": false, "SELECT 1\x00": false,
	} {
		if err := single(sql); (err == nil) != want {
			t.Errorf("%q: %v", sql, err)
		}
	}
}
