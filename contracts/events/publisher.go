package events

import (
	"context"
	"errors"
)

// A Publisher accepts events.
type Publisher interface {
	// Publish returns nil once the bus has taken every event, with the
	// durability that the backend documents: handlers run later. A bus over
	// sqldb takes them in the ambient transaction, when it commits. Publish
	// blocks while the bus is full, until ctx ends. On an error none, some or
	// all were taken: publish the same events again. Within the bus's window,
	// two minutes at least, an equal Source and ID of an equal tenant
	// ([HeaderTenant]) is the same event; later it is delivered anew, so
	// handlers are idempotent.
	Publish(ctx context.Context, evs ...Event) error
}

// A Deliverer is a bus in this process that can say that an event was handled.
// An outbox over it marks an event as sent only then, so that a crash repeats
// the handlers instead of losing the event.
type Deliverer interface {
	Publisher
	// Deliver hands evs, in order, to every matching subscription of this
	// process and returns nil once each handler has acknowledged each event.
	// A handler is called once for each event: the errors, of handlers that
	// failed and of events that were held back behind them, are joined, and
	// the caller delivers again later, to all subscriptions: no window makes
	// that the same event. The result matches [ErrPoison] only if every error
	// does. Deliver respects the order of keys with what is published and
	// delivered besides. When ctx ends it returns its cause at once; handlers
	// that run go on. Deliver of no events does nothing and returns nil; a
	// decorator of a bus that is no Deliverer returns errors.ErrUnsupported
	// before any effect.
	Deliver(ctx context.Context, evs ...Event) error
}

// AsDeliverer returns p as a [Deliverer], and whether it is one: a decorator
// that says errors.ErrUnsupported is none.
func AsDeliverer(ctx context.Context, p Publisher) (Deliverer, bool) {
	d, ok := p.(Deliverer)
	if !ok || errors.Is(d.Deliver(ctx), errors.ErrUnsupported) {
		return nil, false
	}
	return d, true
}
