// Package ids is the contract between code that names things and what makes the
// names: text that no other call returns, without asking a server.
package ids

import "github.com/lexigram/lexigram-go/contracts/errs"

// Err is matched by every error about an ID: text that is none, a prefix or a
// strategy that does not exist.
var Err = errs.New("LEX_ERR_ID_001", errs.Invalid, "ids")

// A Strategy names a form of ID. Forms that need a number assigned to each
// process, such as snowflake's, are left out: two processes that are given the
// same one make the same IDs, and nothing says so. 128 bits need no assignment.
type Strategy string

const (
	// UUID4 is a random UUID (RFC 9562 §5.4), such as "919108f7-52d1-4320-9bac-f847db4148a8".
	// It cannot be guessed.
	UUID4 Strategy = "uuid4"
	// UUID7 is a UUID that begins with the time (RFC 9562 §5.7), and so sorts by it, to the
	// millisecond at least, as text and as bytes: "017f22e2-79b0-7cc3-98c4-dc0c0c07398f". Like
	// those below, it tells when it was made, and is no secret.
	UUID7 Strategy = "uuid7"
	// ULID is as UUID7, written in 26 upper-case characters of Crockford's
	// base 32: "01ARZ3NDEKTSV4RRFFQ69G5FAV".
	ULID Strategy = "ulid"
	// Prefixed is a UUID7 in lower-case base 32 after the type of what it names, as
	// TypeID (v0.3) has it: "user_2x4y6z8a0b1c2d3e4f5g6h7j8k".
	Prefixed Strategy = "prefixed"
)

// A Generator makes IDs. It is safe for concurrent use and does no I/O.
//
// An ID is 1 to 90 of A-Z, a-z, 0-9, "-" and "_", so that it can stand in a
// URL, a key and a file name.
type Generator interface {
	// Strategy returns the form of every ID that this generator makes.
	Strategy() Strategy

	// NewID returns an ID that no other call, here or elsewhere, has returned.
	// With [Prefixed] it has no prefix.
	NewID() string

	// NewIDFor returns an ID for a thing of a type, such as "user". With
	// [Prefixed] it begins with the type's prefix, if the generator has one for it, and "_";
	// another strategy does not look at the type.
	NewIDFor(entity string) string
}
