package features

import "github.com/lexigram/lexigram-go/contracts/errs"

// Errors of flags. [Err] is the family of them all.
var (
	Err = errs.New("LEX_ERR_FEAT_001", errs.Unknown, "features")
	// ErrFlagNotFound reports that a provider has no flag of a key.
	ErrFlagNotFound = Err.Sub("LEX_ERR_FEAT_002", errs.NotFound, "features: no such flag")
	// ErrEvaluation reports a provider that failed: the kind is that of its cause.
	ErrEvaluation = Err.Sub("LEX_ERR_FEAT_003", errs.Unknown, "features: flag not evaluated")
	// ErrType reports a flag whose value is not of the type that the caller's default has.
	ErrType = Err.Sub("LEX_ERR_FEAT_005", errs.Invalid, "features: flag is of another type")
	// ErrKey reports a key that [CheckKey] refuses.
	ErrKey = Err.Sub("LEX_ERR_FEAT_006", errs.Invalid, "features: invalid key of a flag")
)

// CheckKey returns an error wrapping [ErrKey] unless key is 1 to 128 of A-Z, a-z, 0-9,
// "-", "_" and ".". Every provider calls it first. Keys that differ in case or in these
// signs alone are not portable: in the environment they are one.
func CheckKey(key string) error {
	if len(key) == 0 || len(key) > 128 {
		return ErrKey.Wrap(nil, "features: flag %.80q is not 1 to 128 bytes", key)
	}
	for i := range len(key) {
		switch c := key[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '.':
		default:
			return ErrKey.Wrap(nil, "features: flag %.80q is not made of A-Z, a-z, 0-9, \"-\", \"_\" and \".\"", key)
		}
	}
	return nil
}

// A FlagType says what a flag is decided by.
type FlagType string

// The types.
const (
	Boolean       FlagType = "boolean"        // by its value alone, which may be any
	Percentage    FlagType = "percentage"     // by the subject's bucket
	UserList      FlagType = "user_list"      // by who the subject is
	UserAttribute FlagType = "user_attribute" // by the subject's attributes, all of which are equal
	TimeBased     FlagType = "time_based"     // by the time
	Variant       FlagType = "variant"        // by the subject's bucket among weighted variants
)

// A Reason says why a flag has its value.
type Reason string

// The reasons.
const (
	Default       Reason = "default"        // of the zero Evaluation: nothing was decided
	Static        Reason = "static"         // it has this value for every subject
	Match         Reason = "match"          // its rule holds for the subject
	NoMatch       Reason = "no_match"       // its rule does not hold for the subject, or there is none
	Split         Reason = "split"          // the subject's bucket decided
	Override      Reason = "override"       // somebody set the value at run time
	FlagDisabled  Reason = "flag_disabled"  // the flag is switched off
	FlagNotFound  Reason = "flag_not_found" // no provider has it: the caller's default
	ProviderError Reason = "provider_error" // a provider failed: the caller's default
	TypeMismatch  Reason = "type_mismatch"  // its value is of another type: the caller's default
)

// An Evaluation is the value of a flag for a subject, and why.
type Evaluation struct {
	Key      string
	Value    any // a bool, string or float64
	Type     FlagType
	Reason   Reason
	Variant  string            // which of several, "" if there are none
	Metadata map[string]string // of the provider; nobody changes it
	// Err is why an evaluator fell back to the default, for those who want to know; a
	// provider leaves it nil.
	Err error
}

// A Subject is whom a flag is evaluated for. The zero Subject is nobody in particular.
type Subject struct {
	ID         string // stable, such as "user/7": buckets are computed from it
	Attributes map[string]string
}
