package cli

import (
	"errors"

	"github.com/lexigram/lexigram-go/contracts/errs"
)

// Errors of command lines.
var (
	Err = errs.New("LEX_ERR_CLI_001", errs.Unknown, "cli")
	// ErrUsage reports arguments and flags that a command does not take.
	ErrUsage = Err.Sub("LEX_ERR_CLI_002", errs.Invalid, "cli: wrong usage")
	// ErrConflict reports contributors that contradict each other or the contract.
	ErrConflict = Err.Sub("LEX_ERR_CLI_003", errs.Conflict, "cli: contributors conflict")
	// ErrField reports a field that a generator cannot make.
	ErrField = ErrUsage.Sub("LEX_ERR_CLI_004", errs.Invalid, "cli: wrong usage: field")
)

// The exit statuses of every command.
const (
	OK     = 0
	Failed = 1 // what was asked could not be done
	Usage  = 2 // the command line is wrong
)

// An ExitError gives an error the exit status that [Command].Exits documents.
type ExitError struct {
	Code int
	Err  error // what is printed; not nil
}

// Error returns the text of Err.
func (e *ExitError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *ExitError) Unwrap() error { return e.Err }

// ExitCode returns the exit status that err asks for: that of the first
// [*ExitError] in its tree, [Usage] for [ErrUsage], [Failed] for any other, and
// [OK] for nil.
func ExitCode(err error) int {
	if e, ok := errors.AsType[*ExitError](err); ok {
		return e.Code
	}
	switch {
	case err == nil:
		return OK
	case errors.Is(err, ErrUsage):
		return Usage
	}
	return Failed
}
