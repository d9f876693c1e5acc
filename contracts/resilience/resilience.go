// Package resilience is the contract between code that calls a dependency and
// the policies that protect both: retries, circuit breakers, limits, deadlines.
//
//	user, err := resilience.Do(ctx, policy, func(ctx context.Context) (User, error) {
//		return client.User(ctx, id)
//	})
package resilience

import (
	"context"
	"errors"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
)

// Errors of policies. [Err] is the family of them all.
var (
	Err = errs.New("LEX_ERR_RES_001", errs.Unknown, "resilience")
	// ErrFull reports that as many calls run, and wait, as may.
	ErrFull = Err.Sub("LEX_ERR_RES_004", errs.Unavailable, "resilience: bulkhead is full")
	// ErrFallback reports that the fallback failed too.
	ErrFallback = Err.Sub("LEX_ERR_RES_005", errs.Unknown, "resilience: fallback failed")
	// ErrExhausted is matched by every [*RetryExhaustedError].
	ErrExhausted = Err.Sub("LEX_ERR_RES_006", errs.Unknown, "resilience: retries are exhausted")
	// ErrOpen reports that the circuit breaker lets no call through.
	ErrOpen = Err.Sub("LEX_ERR_RES_007", errs.Unavailable, "resilience: circuit is open")
	// ErrTimeout reports that a call took longer than its policy allows.
	ErrTimeout = Err.Sub("LEX_ERR_RES_011", errs.Timeout, "resilience: call timed out").Also(context.DeadlineExceeded)
	// ErrLimited reports that a rate limit refused the call.
	ErrLimited = Err.Sub("LEX_ERR_RES_012", errs.Exhausted, "resilience: rate limit is reached")
	// ErrInvalid reports arguments that [CheckAllow] refuses.
	ErrInvalid = Err.Sub("LEX_ERR_RES_013", errs.Invalid, "resilience: invalid argument")
	// ErrGoexit reports that a call ended its goroutine, as testing.T.FailNow does.
	ErrGoexit = Err.Sub("LEX_ERR_RES_014", errs.Internal, "resilience: call ended its goroutine")
)

// A Policy protects a dependency. It admits each call and is told how the call
// ended. It is safe for concurrent use. [Do] is how it is used.
type Policy interface {
	// Enter admits a call, perhaps after a wait, and returns the context to make
	// it with, a child of ctx. Or it refuses with an error, which matches
	// [Err] or is of what the policy depends on; then there is no Exit, and the
	// refused call has no effect. A ctx that has ended is an error that matches
	// its cause ([context.Cause]).
	Enter(ctx context.Context) (context.Context, Pass, error)

	// Exit ends the call that Enter admitted with pass, once, from any
	// goroutine; ctx is what Enter was given, and may have ended. It returns nil
	// if err is nil, and otherwise err or an error that matches it.
	Exit(ctx context.Context, pass Pass, err error) error
}

// A Pass is what Enter has to tell Exit of the same call. Only the policy that
// made it knows what the fields mean.
type Pass struct {
	Mark  uint64
	Begun time.Duration
	State any
}

// A Retrier is a [Policy] by which a call that failed may be made again.
type Retrier interface {
	Policy
	// Retry returns nil when the next attempt may begin, perhaps after a wait,
	// or the error to give up with, which matches err. attempts is how many were
	// made, and err what the last one, or Enter, failed with. The end of ctx ends
	// the wait, and no attempt follows it.
	Retry(ctx context.Context, attempts int, err error) error
}

// A Hedger is a [Policy] by which [DoHedged] makes a call again while a slow
// one still runs.
type Hedger interface {
	Policy
	// Hedge returns how long to wait for the calls that run before another one
	// begins, and how many there may be in all; under 2 is none but the first.
	Hedge() (after time.Duration, calls int)
}

// RetryAfter returns how long the first error in err's tree that has a method
// RetryAfter() time.Duration asks to wait before the next attempt; ok is false
// if none has, or it is not positive.
func RetryAfter(err error) (after time.Duration, ok bool) {
	var e interface{ RetryAfter() time.Duration }
	if errors.As(err, &e) {
		after = e.RetryAfter()
	}
	return after, after > 0
}

// Answered reports whether err, of a call, shows that the dependency works: it
// is nil, or its kind ([errs.KindOf]) says that the request was understood and
// refused: Invalid, NotFound, Conflict, Denied, Unauthenticated, Unsupported. To make such
// a call again as it is cannot help.
func Answered(err error) bool {
	if err == nil {
		return true
	}
	switch errs.KindOf(err) {
	case errs.Invalid, errs.NotFound, errs.Conflict, errs.Denied, errs.Unauthenticated, errs.Unsupported:
		return true
	}
	return false
}
