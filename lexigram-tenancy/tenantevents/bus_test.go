package tenantevents_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
	"github.com/lexigram/lexigram-go/lexigram-tenancy/tenantevents"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// plain calls handlers while it publishes.
type plain struct {
	published []events.Event
	handlers  []events.Handler
}

func (p *plain) Publish(ctx context.Context, evs ...events.Event) error {
	var all []error
	for _, ev := range evs {
		p.published = append(p.published, ev)
		for _, h := range p.handlers {
			all = append(all, h(context.WithoutCancel(context.Background()), ev)) // nothing of the publisher's context
		}
	}
	return errors.Join(all...)
}

func (p *plain) Subscribe(_ context.Context, _ events.Subscription, h events.Handler) (events.Consumer, error) {
	p.handlers = append(p.handlers, h)
	return nil, nil // the tests need none
}

// deliverer is a plain bus that is a Deliverer.
type deliverer struct{ plain }

func (d *deliverer) Deliver(ctx context.Context, evs ...events.Event) error {
	return d.Publish(ctx, evs...)
}

func event(headers map[string]string) events.Event {
	ev := events.New("test", "a.b", nil)
	ev.Headers = headers
	return ev
}

func TestTenantTravels(t *testing.T) {
	inner := &deliverer{}
	bus := tenantevents.New(inner, inner)
	var seen []string
	_, err := bus.Subscribe(tenancy.With(t.Context(), "boot"), events.Subscription{Types: []string{">"}}, func(ctx context.Context, ev events.Event) error {
		id, err := tenancy.From(ctx)
		seen = append(seen, string(id)+" "+ev.Headers["x"])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	given := map[string]string{"x": "1"}
	acme, beta := tenancy.With(t.Context(), "acme"), tenancy.With(t.Context(), "beta")
	for _, err := range []error{
		bus.Publish(acme, event(given), event(nil)),
		bus.Deliver(beta, event(map[string]string{events.HeaderTenant: "beta", "x": "2"})),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	if got := fmt.Sprint(seen); got != "[acme 1 acme  beta 2]" {
		t.Error(got)
	}
	if !maps.Equal(given, map[string]string{"x": "1"}) {
		t.Errorf("the caller's headers are now %v", given)
	}
	for _, ev := range inner.published {
		if ev.Headers[events.HeaderTenant] == "" {
			t.Errorf("%+v has no tenant", ev)
		}
	}
}

func TestFailsClosed(t *testing.T) {
	inner := &deliverer{}
	bus := tenantevents.New(inner, inner)
	acme := tenancy.With(t.Context(), "acme")
	foreign := event(map[string]string{events.HeaderTenant: "beta"})
	for name, c := range map[string]struct {
		ctx  context.Context
		evs  []events.Event
		want error
	}{
		"no tenant":      {t.Context(), []events.Event{event(nil)}, tenancy.ErrNone},
		"only a header":  {t.Context(), []events.Event{foreign}, tenancy.ErrNone},
		"invalid tenant": {tenancy.With(t.Context(), "A"), []events.Event{event(nil)}, tenancy.ErrID},
		"another tenant": {acme, []events.Event{event(nil), foreign}, tenancy.ErrDenied},
		"empty header":   {acme, []events.Event{event(map[string]string{events.HeaderTenant: ""})}, events.ErrInvalid},
	} {
		for _, err := range []error{bus.Publish(c.ctx, c.evs...), bus.Deliver(c.ctx, c.evs...)} {
			if !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
		}
	}
	if len(inner.published) > 0 {
		t.Errorf("the bus got %+v", inner.published)
	}
}

// TestPoison shows that an event without a tenant never reaches a handler.
func TestPoison(t *testing.T) {
	h := tenantevents.Handle(func(context.Context, events.Event) error { t.Error("called"); return nil })
	for _, headers := range []map[string]string{nil, {events.HeaderTenant: ""}, {events.HeaderTenant: "a/b"}, {"Tenant": "acme"}} {
		if err := h(tenancy.With(t.Context(), "boot"), event(headers)); !errors.Is(err, events.ErrPoison) {
			t.Errorf("%v: %v, want ErrPoison", headers, err)
		}
	}
}

func TestUnsupported(t *testing.T) {
	ctx := tenancy.With(t.Context(), "acme")
	none := tenantevents.New(nil, nil)
	_, subscribeErr := none.Subscribe(ctx, events.Subscription{}, nil)
	for _, err := range []error{none.Publish(ctx), none.Deliver(ctx), subscribeErr, tenantevents.New(&plain{}, nil).Deliver(ctx, event(nil))} {
		if !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%v, want ErrUnsupported", err)
		}
	}
}

// TestAsDeliverer shows that the ability is told without a tenant, also through
// a decorator that has the method but not the ability.
func TestAsDeliverer(t *testing.T) {
	able, unable := tenantevents.New(&deliverer{}, nil), tenantevents.New(&plain{}, nil)
	for name, c := range map[string]struct {
		bus  events.Publisher
		want bool
	}{
		"able": {able, true}, "unable": {unable, false},
		"over able": {tenantevents.New(able, nil), true}, "over unable": {tenantevents.New(unable, nil), false},
	} {
		for _, ctx := range []context.Context{t.Context(), tenancy.With(t.Context(), "acme")} {
			if _, ok := events.AsDeliverer(ctx, c.bus); ok != c.want {
				t.Errorf("%s: a Deliverer is %v, want %v", name, ok, c.want)
			}
		}
	}
}

// TestKeys shows that the bus sees keys of one tenant each, and handlers the
// keys that were given.
func TestKeys(t *testing.T) {
	inner := &deliverer{}
	bus := tenantevents.New(inner, inner)
	var seen []events.Event
	_, err := bus.Subscribe(t.Context(), events.Subscription{Types: []string{">"}}, func(_ context.Context, ev events.Event) error {
		seen = append(seen, ev)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("k", 255)
	keys := []string{"", "k", "acme/k", long}
	for _, id := range []tenancy.ID{"acme", "beta"} {
		for _, key := range keys {
			ev := event(nil)
			ev.Key = key
			if err := bus.Publish(tenancy.With(t.Context(), id), ev); err != nil {
				t.Fatal(err)
			}
		}
	}
	on := map[string]bool{}
	for i, ev := range inner.published {
		if want := keys[i%len(keys)]; seen[i].Key != want || (ev.Key == "") != (want == "") {
			t.Errorf("key %q is %q on the bus and %q for the handler", want, ev.Key, seen[i].Key)
		}
		if _, ok := seen[i].Headers[tenantevents.HeaderKey]; ok {
			t.Errorf("the handler sees %v", seen[i].Headers)
		}
		on[ev.Key] = true
	}
	if len(on) != 2*len(keys)-1 { // "" has no order, so both have it
		t.Errorf("keys on the bus: %v", on)
	}
	again := inner.published[1]
	if err := bus.Publish(tenancy.With(t.Context(), "acme"), again); err != nil || seen[len(seen)-1].Key != "k" {
		t.Errorf("published as it was on the bus: %v, key %q", err, seen[len(seen)-1].Key)
	}
	again.Key = "k"
	tooLong := event(nil)
	tooLong.Key = long + "k"
	for _, ev := range []events.Event{again, tooLong} {
		if err := bus.Publish(tenancy.With(t.Context(), "acme"), ev); !errors.Is(err, events.ErrInvalid) {
			t.Errorf("%v, want ErrInvalid", err)
		}
	}
}

func Example() {
	inner := &plain{} // any events.Publisher and events.Subscriber
	bus := tenantevents.New(inner, inner)
	_, err := bus.Subscribe(context.Background(), events.Subscription{Types: []string{"orders.>"}}, func(ctx context.Context, ev events.Event) error {
		id, err := tenancy.From(ctx)
		fmt.Println(id, ev.Type)
		return err
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	ev := events.New("shop", "orders.placed", []byte(`{}`))
	fmt.Println(bus.Publish(tenancy.With(context.Background(), "acme"), ev))
	fmt.Println(errors.Is(bus.Publish(context.Background(), ev), tenancy.ErrNone))
	// Output:
	// acme orders.placed
	// <nil>
	// true
}
