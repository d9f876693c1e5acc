package events

import (
	"context"
	"time"
)

// A Handler handles one event. Returning nil acknowledges it. Any error, and a
// panic, has it delivered again later, or sent to the dead letters.
type Handler func(ctx context.Context, ev Event) error

// A Subscriber delivers events to handlers.
type Subscriber interface {
	// Subscribe returns once the subscription stands: what is published after
	// it returned is delivered. ctx bounds this call only, and lends its
	// values, not its end, to the context of handlers; [Consumer] ends the
	// rest. A Subscription that differs from the one its Group has elsewhere
	// is an error wrapping [ErrGroup].
	Subscribe(ctx context.Context, s Subscription, h Handler) (Consumer, error)
}

// A Subscription says which events a handler gets and how.
//
// Events of one key reach the handlers of one group one at a time and in the
// order they were published. An event that fails holds back the later events
// of its key, and of no other key, until it is handled or dead. After a crash
// or a fail-over of a consumer, an event may be handled again while its
// successor already is: a handler that minds compares versions.
type Subscription struct {
	Types   []string      // at least one; exact, or with "*" for one token and ">" for the rest; ">" for all
	Group   string        // consumers of one group share the events, and its place outlives them; "" is a group of its own that ends with the consumer
	Begin   Begin         // where a Group starts that the bus has not seen; not used with Group ""
	Lanes   int           // events handled at the same time in this process; 0 means GOMAXPROCS
	Timeout time.Duration // of one call of the handler: its ctx ends, and no other consumer gets the event before; 0 means 30 s
	Retry   Retry
}

// Begin says where a new group starts.
type Begin uint8

const (
	Latest   Begin = iota // with what is published after Subscribe returned
	Earliest              // with the oldest event that the bus has kept
)

// A Retry says what becomes of an event whose handler failed.
type Retry struct {
	Attempts  int           // in all, the first included; 0 means 10, 1 means no second one
	Base, Cap time.Duration // exponential with full jitter; 0 means 1 s and 10 min
	Drop      bool          // after the last attempt log it and forget it; otherwise it is kept among the dead letters, with the reason
}
