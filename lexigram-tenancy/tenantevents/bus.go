// Package tenantevents carries tenants through a bus: every event is published
// with the tenant of its context, and handled in a context of that tenant.
package tenantevents

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
	"github.com/lexigram/lexigram-go/lexigram-tenancy/internal/bound"
)

// A Bus publishes and subscribes for tenants. Publish and Deliver want a tenant
// in the context, and return an error wrapping [tenancy.ErrNone] without one,
// before any effect. Make one with [New].
//
// Subscriptions are the application's, not a tenant's: a handler gets the
// events of all tenants, each in a context of its own tenant, so that whatever
// it touches through the decorators of this module is that tenant's. Keys are
// not told apart: an event that fails holds back those of its key, of other
// tenants too, unless the key names the tenant.
type Bus struct {
	publisher  events.Publisher
	subscriber events.Subscriber
}

var (
	_ events.Publisher  = (*Bus)(nil)
	_ events.Deliverer  = (*Bus)(nil)
	_ events.Subscriber = (*Bus)(nil)
)

// New returns a Bus over a publisher and a subscriber, which may be one value.
// Either may be nil: its methods then return an error wrapping
// errors.ErrUnsupported.
func New(p events.Publisher, s events.Subscriber) *Bus { return &Bus{publisher: p, subscriber: s} }

// Publish publishes evs with the header [events.HeaderTenant]. An event that has
// the header already and names another tenant is refused, and with it all of
// evs, with an error wrapping [events.ErrInvalid] and [tenancy.ErrDenied]. The
// events given are not changed.
func (b *Bus) Publish(ctx context.Context, evs ...events.Event) error {
	stamped, err := stamp(ctx, evs)
	if err != nil {
		return err
	}
	if b.publisher == nil {
		return unsupported("publish")
	}
	return b.publisher.Publish(ctx, stamped...)
}

// Deliver does as Publish and waits for the handlers, or returns an error
// wrapping errors.ErrUnsupported if the publisher is no [events.Deliverer].
func (b *Bus) Deliver(ctx context.Context, evs ...events.Event) error {
	stamped, err := stamp(ctx, evs)
	if err != nil {
		return err
	}
	d, ok := b.publisher.(events.Deliverer)
	if !ok {
		return unsupported("deliver")
	}
	return d.Deliver(ctx, stamped...)
}

// Subscribe has h handle events in a context of their tenant, whatever tenant
// ctx has. An event without a valid tenant is poison ([events.ErrPoison]): h
// never sees it.
func (b *Bus) Subscribe(ctx context.Context, s events.Subscription, h events.Handler) (events.Consumer, error) {
	if b.subscriber == nil {
		return nil, unsupported("subscribe")
	}
	return b.subscriber.Subscribe(ctx, s, Handle(h))
}

// Handle returns a handler that calls h in a context of the event's tenant. It
// is what Subscribe uses, for buses that are not subscribed to through a Bus.
func Handle(h events.Handler) events.Handler {
	return func(ctx context.Context, ev events.Event) error {
		id := tenancy.ID(ev.Headers[events.HeaderTenant])
		if id == "" {
			return events.ErrPoison.Wrap(tenancy.ErrNone, "tenantevents: event %.40q", ev.ID)
		}
		if err := tenancy.CheckID(id); err != nil {
			return events.ErrPoison.Wrap(err, "tenantevents: event %.40q", ev.ID)
		}
		return h(tenancy.With(ctx, id), ev)
	}
}

// stamp returns copies of evs that name the tenant of ctx.
func stamp(ctx context.Context, evs []events.Event) ([]events.Event, error) {
	id, err := bound.Tenant(ctx)
	if err != nil {
		return nil, tenancy.Err.Wrap(err, "tenantevents: publish")
	}
	out := make([]events.Event, len(evs))
	for i, ev := range evs {
		if named, ok := ev.Headers[events.HeaderTenant]; ok && named != string(id) {
			return nil, events.ErrInvalid.Wrap(tenancy.ErrDenied,
				"tenantevents: event %.40q names tenant %.70q, the context has %q", ev.ID, named, id)
		}
		ev.Headers = maps.Clone(ev.Headers)
		if ev.Headers == nil {
			ev.Headers = make(map[string]string, 1)
		}
		ev.Headers[events.HeaderTenant] = string(id)
		out[i] = ev
	}
	return out, nil
}

func unsupported(op string) error {
	return fmt.Errorf("tenantevents: %s: %w", op, errors.ErrUnsupported)
}
