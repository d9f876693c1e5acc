package rowscan

import (
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// Errors of rows. They are of the family [sqldb.Err].
var (
	// ErrColumn reports that the columns of a statement are not those of the type.
	ErrColumn = sqldb.Err.Sub("LEX_ERR_SQL_070", errs.Internal, "sql: columns do not fit the type")
	// ErrType reports a type that no row can be read into.
	ErrType = sqldb.Err.Sub("LEX_ERR_SQL_071", errs.Internal, "sql: not a type of rows")
	// ErrManyRows reports that [One] found more than one row.
	ErrManyRows = sqldb.Err.Sub("LEX_ERR_SQL_072", errs.Conflict, "sql: more than one row")
	// ErrParam reports named parameters that the statement does not have, or has and are not given.
	ErrParam = sqldb.ErrArgument.Sub("LEX_ERR_SQL_073", errs.Invalid, "sql: invalid argument: named parameter")
)

// A FieldError says which column did not fit which field; find it with
// errors.AsType. It wraps the error of the database, a [sqldb.ScanError].
type FieldError struct {
	Column string
	Field  string // such as "main.User.Age"; the type alone if it is that of one column
	Err    error
}

// Error returns one line that names both.
func (e *FieldError) Error() string { return "rowscan: into " + e.Field + ": " + e.Err.Error() }

// Unwrap returns the error of the database.
func (e *FieldError) Unwrap() error { return e.Err }
