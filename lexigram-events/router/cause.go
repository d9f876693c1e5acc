package router

import (
	"context"

	"github.com/lexigram/lexigram-go/contracts/events"
)

// handling is the context of a handler: it knows the event.
type handling struct {
	context.Context
	ev events.Event
}

type causeKey struct{}

func (h *handling) Value(key any) any {
	if key == (causeKey{}) {
		return h
	}
	return h.Context.Value(key)
}

// Cause returns the event that the handler with ctx, or with a context that ctx
// is made from, handles; false if there is none.
func Cause(ctx context.Context) (events.Event, bool) {
	h, ok := ctx.Value(causeKey{}).(*handling)
	if !ok {
		return events.Event{}, false
	}
	return h.ev, true
}
