package sqldriver

import (
	"os"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// OfState returns the sentinel of an SQLSTATE of PostgreSQL, or [sqldb.Err].
// That of a statement which was cancelled is [os.ErrDeadlineExceeded].
func OfState(code string) error {
	switch code {
	case "23505", "23P01":
		return sqldb.ErrUnique
	case "23503", "23001":
		return sqldb.ErrForeignKey
	case "40001", "40P01", "55P03":
		return sqldb.ErrSerialization
	case "25006":
		return sqldb.ErrReadOnly
	case "25P02":
		return sqldb.ErrTxAborted
	case "57014":
		return os.ErrDeadlineExceeded
	}
	switch {
	case strings.HasPrefix(code, "23"):
		return sqldb.ErrConstraint
	// Connection exceptions, no connection left, shutdown, startup, and a login that is refused.
	case strings.HasPrefix(code, "08"), strings.HasPrefix(code, "53"), strings.HasPrefix(code, "57P"), strings.HasPrefix(code, "28"):
		return sqldb.ErrUnavailable
	}
	return sqldb.Err
}
