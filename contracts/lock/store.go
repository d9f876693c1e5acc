package lock

import (
	"context"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
)

// Errors of locks. [Err] is the family of them all.
var (
	Err = errs.New("LEX_ERR_INFRA_002", errs.Unknown, "lock")
	// ErrHeld reports that another owner holds the name.
	ErrHeld = Err.Sub("LEX_ERR_INFRA_003", errs.Conflict, "lock: held by another owner")
	// ErrLost reports that a lease has ended, and that its name may be another owner's.
	ErrLost = Err.Sub("LEX_ERR_LOCK_002", errs.Conflict, "lock: no longer held")
	// ErrReleased is the cause of a [Lease]'s context after Release.
	ErrReleased = Err.Sub("LEX_ERR_LOCK_003", errs.Canceled, "lock: released")
	// ErrName and ErrTTL report arguments that [CheckName] and [CheckTTL] refuse.
	ErrName = Err.Sub("LEX_ERR_LOCK_004", errs.Invalid, "lock: name or owner is not 1 to 1,024 bytes")
	ErrTTL  = Err.Sub("LEX_ERR_LOCK_005", errs.Invalid, "lock: ttl is under a millisecond")
	// ErrFree reports that nobody holds the name.
	ErrFree = Err.Sub("LEX_ERR_LOCK_006", errs.NotFound, "lock: held by nobody")
	// ErrFull reports that a bounded store has no room for another lease.
	ErrFull = Err.Sub("LEX_ERR_LOCK_007", errs.Exhausted, "lock: store is full")
	// ErrRelease reports that a lease was not released: its name stays taken until the lease ends by itself.
	ErrRelease = Err.Sub("LEX_ERR_LOCK_008", errs.Unavailable, "lock: not released")
)

// CheckName returns an error wrapping [ErrName] unless s, the name or the owner
// of a lease, has 1 to 1,024 bytes, whatever they are. Every backend calls it first, for both.
func CheckName(s string) error {
	if len(s) == 0 || len(s) > 1024 {
		return ErrName.Wrap(nil, "lock: %.40q", s)
	}
	return nil
}

// CheckTTL returns an error wrapping [ErrTTL] unless ttl is at least a
// millisecond. Every backend's Acquire and Extend call it first.
func CheckTTL(ttl time.Duration) error {
	if ttl < time.Millisecond {
		return ErrTTL.Wrap(nil, "lock: ttl %v", ttl)
	}
	return nil
}

// A Store grants leases on names, at most one at a time for each. A lease is
// live until its ttl has passed by the store's clock (when !now.Before(end), it
// has), or until it is released; then it is as if it had never been.
//
// The owner of a lease is whoever knows its owner string, which is made for
// that one lease ([TryAcquire] does) and never used again.
//
// A Store is safe for concurrent use, and outside every ambient transaction:
// others see at once what it did. Arguments that [CheckName] and [CheckTTL]
// refuse are their errors. After that, a ctx that has ended is an error wrapping
// its cause ([context.Cause]) from every method, which then has no effect; a ctx
// that ends while a backend works may leave the effect unknown, as may any
// error that wraps none of [ErrHeld], [ErrLost] and [ErrFull].
type Store interface {
	// Acquire gives owner a lease on name that ends ttl from now, and returns
	// its fence; or an error wrapping [ErrHeld] if another owner has one. It
	// waits for nobody. For the owner of the live lease it sets its end, and
	// returns the fence it has: a request may be sent twice.
	//
	// The fence is at least max(the last fence of the name + 1, microseconds since 1970
	// by the store's clock), below 1<<53: it grows with every lease on the
	// name, across owners, restarts and loss of the store's data, unless data
	// and clock are lost together.
	Acquire(ctx context.Context, name, owner string, ttl time.Duration) (fence uint64, err error)

	// Extend makes owner's lease on name end ttl from now, be that later or
	// sooner, or returns an error wrapping [ErrLost] if it has none that is live.
	Extend(ctx context.Context, name, owner string, ttl time.Duration) error

	// Release ends owner's lease on name. One that has ended is no error, and
	// another owner's is never touched.
	Release(ctx context.Context, name, owner string) error
}

// A Waiter is a [Store] that knows when a name becomes free, where others have
// to be asked again and again. [Acquire] uses it.
type Waiter interface {
	Store
	// Wait returns nil once nobody holds name, if only for a moment, or if
	// nobody does; and an error wrapping its cause when ctx ends. A lease that
	// ends by time may go unnoticed: callers bound ctx.
	Wait(ctx context.Context, name string) error
}
