package events

import "context"

// A Consumer is a running subscription. It is safe for concurrent use; Stop and
// Drain of one that ended do nothing.
type Consumer interface {
	// Stop ends fetching, cancels the context of running handlers, and drops
	// what was fetched but not handled: a Group gets it again. It does not wait.
	Stop()
	// Drain stops fetching, finishes what was fetched and then stops. At the
	// end of ctx it does as Stop and returns the cause.
	Drain(ctx context.Context) error
	// Closed is closed when the last handler has returned.
	Closed() <-chan struct{}
	// Err says, once Closed is closed, what ended the subscription; nil after
	// Stop and Drain. A lost connection does not end it.
	Err() error
}
