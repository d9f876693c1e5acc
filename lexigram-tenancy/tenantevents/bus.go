// Package tenantevents carries tenants through a bus: every event is published
// with the tenant of its context, and handled in a context of that tenant.
package tenantevents

import (
	"context"
	"errors"
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
// it touches through the decorators of this module is that tenant's.
//
// Keys are a tenant's own: on the bus an event has a key that no other tenant's
// event has, and its own in the header [HeaderKey], so that one that fails holds
// back its tenant's only. Handlers get the event with its own key. Of IDs the
// contract says that they are a tenant's own.
type Bus struct {
	publisher  events.Publisher
	subscriber events.Subscriber
}

var (
	_ events.Publisher  = (*Bus)(nil)
	_ events.Deliverer  = (*Bus)(nil)
	_ events.Subscriber = (*Bus)(nil)
)

// HeaderKey is where a published event keeps the key that it was given.
const HeaderKey = "tenantkey"

// New returns a Bus over a publisher and a subscriber, which may be one value.
// Either may be nil: its methods then return an error wrapping
// errors.ErrUnsupported.
func New(p events.Publisher, s events.Subscriber) *Bus { return &Bus{publisher: p, subscriber: s} }

// Publish publishes evs with the header [events.HeaderTenant]. An event that has
// the header already and names another tenant is refused, and with it all of
// evs, with an error wrapping [events.ErrInvalid] and [tenancy.ErrDenied]; so is
// one that [events.Check] refuses, and one with a [HeaderKey] that is not that of
// its key. The events given are not changed.
func (b *Bus) Publish(ctx context.Context, evs ...events.Event) error {
	if b.publisher == nil {
		return unsupported("publish")
	}
	stamped, err := stamp(ctx, evs)
	if err != nil {
		return err
	}
	return b.publisher.Publish(ctx, stamped...)
}

// Deliver does as Publish and waits for the handlers, or returns an error
// wrapping errors.ErrUnsupported if the publisher is no [events.Deliverer].
func (b *Bus) Deliver(ctx context.Context, evs ...events.Event) error {
	// First of all, and also of a publisher that decorates another:
	// [events.AsDeliverer] asks in contexts without a tenant.
	d, ok := events.AsDeliverer(ctx, b.publisher)
	if !ok {
		return unsupported("deliver")
	}
	stamped, err := stamp(ctx, evs)
	if err != nil {
		return err
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
		if key, ok := ev.Headers[HeaderKey]; ok {
			ev.Key, ev.Headers = key, maps.Clone(ev.Headers)
			delete(ev.Headers, HeaderKey)
		}
		return h(tenancy.With(ctx, id), ev)
	}
}

// stamp returns copies of evs that name the tenant of ctx and have keys of it.
func stamp(ctx context.Context, evs []events.Event) ([]events.Event, error) {
	id, err := bound.Tenant(ctx)
	if err != nil {
		return nil, tenancy.Err.Wrap(err, "tenantevents: publish")
	}
	out := make([]events.Event, len(evs))
	for i, ev := range evs {
		if err := events.Check(ev); err != nil { // before its key is another
			return nil, err
		}
		if named, ok := ev.Headers[events.HeaderTenant]; ok && named != string(id) {
			return nil, events.ErrInvalid.Wrap(tenancy.ErrDenied,
				"tenantevents: event %.40q names tenant %.70q, the context has %q", ev.ID, named, id)
		}
		ev.Headers = maps.Clone(ev.Headers)
		if ev.Headers == nil {
			ev.Headers = make(map[string]string, 1)
		}
		ev.Headers[events.HeaderTenant] = string(id)
		if out[i], err = own(id, ev); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// own gives ev, whose headers may be changed, a key of the tenant. One that has
// it already, such as a dead letter that is published again, keeps it.
func own(id tenancy.ID, ev events.Event) (events.Event, error) {
	if key, ok := ev.Headers[HeaderKey]; ok {
		if ev.Key != bound.Token(string(id), key) {
			return ev, events.ErrInvalid.Wrap(nil, "tenantevents: event %.40q has the header %s of another key", ev.ID, HeaderKey)
		}
		return ev, nil
	}
	if ev.Key != "" {
		ev.Headers[HeaderKey] = ev.Key
		ev.Key = bound.Token(string(id), ev.Key)
	}
	return ev, nil
}

func unsupported(op string) error {
	return events.Err.Wrap(errors.ErrUnsupported, "tenantevents: %s", op)
}
