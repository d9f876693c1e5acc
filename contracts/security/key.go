package security

import (
	"context"

	"github.com/lexigram/lexigram-go/contracts/config"
)

// A Key is 32 bytes to seal or sign with. [CheckKey] says which are one.
type Key struct {
	// ID stands beside what was made with the key, and is no secret. One ID means
	// the same bytes for ever.
	ID string
	// Bytes are shared: nobody changes them.
	Bytes config.Secret[[]byte]
}

// A KeySource has the key of today and those before it. It is safe for concurrent
// use, and its keys are those that [CheckKey] takes. A rotation makes another key
// current and keeps the former; to remove one is to destroy what was sealed with
// it. A ctx that has ended is an error wrapping its cause. No key shows in the text
// of a source.
type KeySource interface {
	// Current returns the key to seal and sign with. Key returns it, too.
	Current(ctx context.Context) (Key, error)
	// Key returns the key of an ID, or an error wrapping [ErrKeyNotFound]; one that
	// [CheckKeyID] refuses is an error wrapping [ErrKey].
	Key(ctx context.Context, id string) (Key, error)
}

// A Sealer encrypts and authenticates. It is safe for concurrent use, copies what
// it is given, and the caller owns what it returns. It may call a service for
// each: a ctx that has ended is an error wrapping its cause.
type Sealer interface {
	// Seal returns plain sealed for a purpose, such as "secrets/database/password":
	// where the sealed bytes belong, so that they open nowhere else. The purpose is
	// any text, needed to open them, and not contained in them. Seal of the same
	// arguments returns other bytes each time.
	Seal(ctx context.Context, purpose string, plain []byte) ([]byte, error)
	// Open returns what was sealed for the purpose, or an error wrapping [ErrOpen],
	// and [ErrKeyNotFound] too if the key is not there. Any bytes may be given to it.
	Open(ctx context.Context, purpose string, sealed []byte) ([]byte, error)
}
