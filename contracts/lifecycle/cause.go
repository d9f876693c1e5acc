package lifecycle

import (
	"context"
	"os"
)

// StopCause returns why the application stops, in a Drain or a Shutdown: a
// [Signaled], the cause of the end of a context, which provider failed, or why
// the start failed; in the Shutdown of an [Optional] provider that did not boot,
// why it did not. It is nil if whoever stops the application did not say so.
func StopCause(ctx context.Context) error {
	cause, _ := ctx.Value(causeKey{}).(error)
	return cause
}

// WithStopCause returns a context that tells hooks why the application stops.
// Give it to an application's Stop.
func WithStopCause(ctx context.Context, cause error) context.Context {
	return context.WithValue(ctx, causeKey{}, cause)
}

type causeKey struct{}

// A Signaled is the [StopCause] of an application that a signal ended. It is
// comparable: errors.Is(cause, lifecycle.Signaled{Signal: syscall.SIGTERM}). As the cause of
// a context it matches [context.Canceled].
type Signaled struct{ os.Signal }

// Error returns the name of the signal, such as "terminated".
func (s Signaled) Error() string { return s.String() }

// Is reports whether target is [context.Canceled].
func (Signaled) Is(target error) bool { return target == context.Canceled }
