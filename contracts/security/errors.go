package security

import (
	"strings"

	"github.com/lexigram/lexigram-go/contracts/errs"
)

// Errors of secrets, keys and sealed bytes. [Err] is the family of them all.
var (
	Err = errs.New("LEX_ERR_SEC_001", errs.Unknown, "security")
	// ErrSecretNotFound reports that a store has no secret of a name, or not the version asked
	// for.
	ErrSecretNotFound = Err.Sub("LEX_ERR_INFRA_009", errs.NotFound, "security: no such secret")
	// ErrSecretAccess is matched by every [*SecretAccessError]; the kind is that of its cause.
	ErrSecretAccess = Err.Sub("LEX_ERR_SEC_005", errs.Unknown, "security: secret cannot be accessed")
	// ErrSecretName and ErrSecretValue report arguments that [CheckSecretName] and
	// [CheckSecretValue] refuse.
	ErrSecretName  = Err.Sub("LEX_ERR_SEC_006", errs.Invalid, "security: invalid name of a secret")
	ErrSecretValue = Err.Sub("LEX_ERR_SEC_007", errs.Invalid, "security: secret is too large")
	// ErrKeyNotFound reports that a source has no key of an ID.
	ErrKeyNotFound = Err.Sub("LEX_ERR_SEC_008", errs.NotFound, "security: no such key")
	// ErrKey reports a key or the ID of one that [CheckKey] or [CheckKeyID] refuses.
	ErrKey = Err.Sub("LEX_ERR_SEC_009", errs.Invalid, "security: invalid key")
	// ErrOpen reports bytes that a [Sealer] does not open: changed, cut, sealed for
	// another purpose or with a key that is not there, or never sealed. It does not say which.
	ErrOpen = Err.Sub("LEX_ERR_SEC_010", errs.Invalid, "security: sealed bytes do not open")
)

// A SecretAccessError says that a store did not do what it was asked, for a
// reason other than the name and the value: it may not, cannot, or was not
// reached. It holds no value of a secret, and neither does its cause.
type SecretAccessError struct {
	Name  string // of the secret
	Op    string // "get", "set", "delete", "has", "get many", "rotate", "versions", "get version"
	Cause error  // not nil
}

// Error returns one line, such as `security: set secret "smtp/password": read-only file
// system`.
func (e *SecretAccessError) Error() string {
	return "security: " + e.Op + " secret " + quoted(e.Name) + ": " + strings.ReplaceAll(e.Cause.Error(), "\n", "; ")
}

// Unwrap returns [ErrSecretAccess] and the cause.
func (e *SecretAccessError) Unwrap() []error { return []error{ErrSecretAccess, e.Cause} }
