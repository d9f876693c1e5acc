package repo

import (
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/errs"
)

// Errors of repositories. [Err] is the family of them all.
var (
	Err = errs.New("LEX_ERR_SQL_023", errs.Unknown, "repo")
	// ErrNotFound reports that no entity has the key, or that it is softly deleted.
	ErrNotFound = Err.Sub("LEX_ERR_REPO_001", errs.NotFound, "repo: no such entity")
	// ErrConflict reports that an entity is not in the version that the caller
	// read, or is gone; see [ConflictError]. Read it again, then decide.
	ErrConflict = Err.Sub("LEX_ERR_SQL_015", errs.Conflict, "repo: entity has changed")
	// ErrExists reports that there is an entity with the key, or with another value that is unique.
	ErrExists = Err.Sub("LEX_ERR_REPO_002", errs.Conflict, "repo: entity exists")
	// ErrKey reports the zero key where a key is needed: it would be every entity.
	ErrKey = Err.Sub("LEX_ERR_REPO_003", errs.Invalid, "repo: the key is zero")
	// ErrField reports a condition or an order by a field that the repository
	// does not have, or does not allow there.
	ErrField = Err.Sub("LEX_ERR_REPO_004", errs.Invalid, "repo: field")
)

// A ConflictError says which version of which entity is not there; find it with
// errors.AsType. It is [ErrConflict].
type ConflictError struct {
	Entity   string // what the repository calls its entities, such as its table
	Key      any
	Expected int64 // version
}

// Error returns one line.
func (e *ConflictError) Error() string {
	return fmt.Sprintf("repo: %s %v is not in version %d: read it again", e.Entity, e.Key, e.Expected)
}

// Unwrap returns [ErrConflict].
func (e *ConflictError) Unwrap() error { return ErrConflict }
