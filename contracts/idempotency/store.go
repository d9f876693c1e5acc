package idempotency

import (
	"context"
	"errors"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
)

// Errors of idempotency. [Err] is the family of them all.
var (
	Err = errs.New("LEX_ERR_IDEM_001", errs.Unknown, "idempotency")
	// ErrPending reports that another claim on the key is live; see [PendingError].
	ErrPending = Err.Sub("LEX_ERR_IDEM_004", errs.Conflict, "idempotency: in flight")
	// ErrMismatch reports that the key was used for another request.
	ErrMismatch = Err.Sub("LEX_ERR_IDEM_007", errs.Invalid, "idempotency: key was used for another request").
			WithHint("use a new key for each request, and the same one only to repeat it")
	// ErrLost reports that a claim has ended, and that its key may be another's.
	ErrLost = Err.Sub("LEX_ERR_IDEM_008", errs.Conflict, "idempotency: claim no longer held")
	// ErrClaim and ErrTTL report arguments that [CheckKey], [CheckClaim] and [CheckTTL] refuse.
	ErrClaim = Err.Sub("LEX_ERR_IDEM_009", errs.Invalid, "idempotency: invalid claim")
	ErrTTL   = Err.Sub("LEX_ERR_IDEM_010", errs.Invalid, "idempotency: ttl is under a millisecond")
	// ErrNotFound reports that a key has no live record.
	ErrNotFound = Err.Sub("LEX_ERR_IDEM_011", errs.NotFound, "idempotency: no record")
	// ErrFull reports that a bounded store has no room: it drops nothing that is live.
	ErrFull = Err.Sub("LEX_ERR_IDEM_012", errs.Exhausted, "idempotency: store is full")
	// ErrUnkept reports that the work was done and its result was not kept: asked again, it may be done again.
	ErrUnkept = Err.Sub("LEX_ERR_IDEM_013", errs.Unavailable, "idempotency: result was not kept")
)

// A Claim is one attempt at the work of a key.
type Claim struct {
	// Key names the work, within all that use the store: 1 to 1,024 bytes, whatever they are.
	Key string
	// Token tells this attempt from all others: 1 to 256 bytes, made for it ([Do] does) and never used again.
	Token string
	// Fingerprint tells the request from others that use the same key by mistake, up to 256
	// bytes; see [Fingerprint]. A store keeps it, and compares nothing.
	Fingerprint string
}

// CheckKey returns an error wrapping [ErrClaim] unless key has 1 to 1,024 bytes.
func CheckKey(key string) error {
	if len(key) == 0 || len(key) > 1024 {
		return ErrClaim.Wrap(nil, "idempotency: key %.40q is not 1 to 1,024 bytes", key)
	}
	return nil
}

// CheckClaim returns an error wrapping [ErrClaim] unless each field of c is as
// long as it may be. Every backend calls it first.
func CheckClaim(c Claim) error {
	if err := CheckKey(c.Key); err != nil {
		return err
	}
	if len(c.Token) == 0 || len(c.Token) > 256 || len(c.Fingerprint) > 256 {
		return ErrClaim.Wrap(nil, "idempotency: token has %d of 1 to 256 bytes, fingerprint %d of 0 to 256", len(c.Token), len(c.Fingerprint))
	}
	return nil
}

// CheckTTL returns an error wrapping [ErrTTL] unless ttl is at least a
// millisecond. Every backend calls it first where it is given one.
func CheckTTL(ttl time.Duration) error {
	if ttl < time.Millisecond {
		return ErrTTL.Wrap(nil, "idempotency: ttl %v", ttl)
	}
	return nil
}

// A Status says how far the work of a key is.
type Status uint8

// The states of a record. One that has expired is no record.
const (
	Pending  Status = iota // claimed
	Complete               // done, with a result
)

// String returns "pending" or "complete".
func (s Status) String() string {
	if s == Complete {
		return "complete"
	}
	return "pending"
}

// A Record is what a store knows of a key. Times are by its clock.
type Record struct {
	Key         string
	Fingerprint string // of the claim
	Status      Status
	Result      []byte    // of a complete one; the caller owns it
	CreatedAt   time.Time // of the claim
	ExpiresAt   time.Time // of the claim if it is pending, of the result if it is complete
}

// A Store holds at most one record for each key. A record whose ttl has passed
// by the store's clock (when !now.Before(ExpiresAt), it has) is as if it had never been.
//
// A Store is safe for concurrent use. It copies what it is given and what it
// returns. Acquire and Release are outside every ambient transaction. Arguments
// that [CheckClaim] and [CheckTTL] refuse are their errors, and change nothing.
// After that, a ctx that has ended is an error wrapping its cause
// ([context.Cause]) from every method, which then has no effect; a ctx that ends
// while a backend works may leave the effect unknown.
type Store interface {
	// Acquire claims c.Key until ttl from now, unless the key has a live record.
	// It returns the live record, and whether it is c's own; of several claims on
	// one key exactly one is. It waits for nobody. Called again with c, it sets
	// the end if c is pending, and changes nothing if it is complete: a request
	// may be sent twice, and a claim be renewed. A bounded store without room
	// returns an error wrapping [ErrFull]. Call it before a transaction begins: a
	// database with one writer refuses it inside.
	Acquire(ctx context.Context, c Claim, ttl time.Duration) (r Record, own bool, err error)

	// Complete keeps result for ttl from now as that of c, which is pending. If c
	// has ended or was never acquired it returns an error wrapping [ErrLost], and
	// nothing changes. If c is complete it returns nil, and nothing changes.
	//
	// If ctx has an ambient transaction of the database that the store is in,
	// Complete takes part in it.
	Complete(ctx context.Context, c Claim, result []byte, ttl time.Duration) error

	// Release drops c if it is pending, so that the next may claim the key. One
	// that has ended or is complete is no error, and another's is never touched.
	Release(ctx context.Context, c Claim) error
}

// A Reader is a [Store] that tells what it knows. Use [Get].
type Reader interface {
	Store
	// Get returns the live record of key, or an error wrapping [ErrNotFound].
	Get(ctx context.Context, key string) (Record, error)
}

// Get returns the live record of key; an error wrapping [ErrNotFound] if there is
// none, and [errors.ErrUnsupported] if s is no [Reader].
func Get(ctx context.Context, s Store, key string) (Record, error) {
	if r, ok := s.(Reader); ok {
		return r.Get(ctx, key)
	}
	return Record{}, Err.Wrap(errors.ErrUnsupported, "idempotency: get %.40q", key)
}
