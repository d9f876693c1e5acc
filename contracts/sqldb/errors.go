package sqldb

import (
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/errs"
)

// Errors of databases. [Err] is the family of them all.
var (
	Err              = errs.New("LEX_ERR_DB_001", errs.Unknown, "sql")
	ErrNoRows        = Err.Sub("LEX_ERR_DB_008", errs.NotFound, "sql: no rows")
	ErrUnique        = Err.Sub("LEX_ERR_DB_005", errs.Conflict, "sql: unique constraint")
	ErrForeignKey    = Err.Sub("LEX_ERR_SQL_010", errs.Conflict, "sql: foreign key constraint")
	ErrConstraint    = Err.Sub("LEX_ERR_DB_004", errs.Invalid, "sql: constraint")                            // not null, check
	ErrSerialization = Err.Sub("LEX_ERR_SQL_018", errs.Unavailable, "sql: lost a race")                      // 40001, 40P01, SQLITE_BUSY
	ErrCommitUnknown = Err.Sub("LEX_ERR_SQL_040", errs.Timeout, "sql: outcome of the commit is unknown")     // never retried
	ErrTxBusy        = Err.Sub("LEX_ERR_SQL_041", errs.Internal, "sql: transaction is busy")                 // see Querier
	ErrTxAborted     = Err.Sub("LEX_ERR_SQL_042", errs.Conflict, "sql: transaction failed before")           // see Transactor
	ErrTxOptions     = Err.Sub("LEX_ERR_SQL_043", errs.Internal, "sql: outer transaction does not allow it") // see TxOptions
	ErrTxOutside     = Err.Sub("LEX_ERR_SQL_047", errs.Internal, "sql: context is outside the transaction")  // see Transactor
	ErrUnavailable   = Err.Sub("LEX_ERR_SQL_045", errs.Unavailable, "sql: database cannot be reached")       // or is closed
	ErrArgument      = Err.Sub("LEX_ERR_SQL_046", errs.Invalid, "sql: invalid argument")                     // nothing was sent
	ErrReadOnly      = Err.Sub("LEX_ERR_SQL_044", errs.Denied, "sql: write in a read-only transaction")
)

// A ConstraintError says which constraint refused a row. It is [ErrUnique],
// [ErrForeignKey] or [ErrConstraint]; find it with [errors.AsType].
type ConstraintError struct {
	Kind                      error  // the sentinel
	Constraint, Table, Column string // "" where the database does not say; SQLite names columns, not constraints
	Cause                     error
}

// Error returns one line: the sentinel, the constraint or, where its name is
// not known, its columns, and the cause.
func (e *ConstraintError) Error() string {
	name := e.Constraint
	if name == "" && e.Column != "" {
		name = e.Table + "." + e.Column
	}
	if name != "" {
		name = " " + name
	}
	return e.Kind.Error() + name + ": " + e.Cause.Error()
}

// Unwrap returns the sentinel and the cause.
func (e *ConstraintError) Unwrap() []error { return []error{e.Kind, e.Cause} }

// A ScanError says which column did not fit its destination; find it with
// errors.AsType. It is [Err].
type ScanError struct {
	Column string // its name, which need not be unique
	Index  int    // from 0
	Cause  error
}

// Error returns one line: the column and the cause.
func (e *ScanError) Error() string { return fmt.Sprintf("scan column %q: %v", e.Column, e.Cause) }

// Unwrap returns [Err] and the cause.
func (e *ScanError) Unwrap() []error { return []error{Err, e.Cause} }
