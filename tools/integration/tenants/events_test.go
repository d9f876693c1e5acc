package tenants

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/events/eventstest"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
	"github.com/lexigram/lexigram-go/lexigram-events/memoryevents"
	"github.com/lexigram/lexigram-go/lexigram-tenancy/tenantevents"
)

// A bus is a tenant's bus; the suite finds its Deliver and Close too.
type bus struct {
	*tenantevents.Bus
	inner *memoryevents.Bus
}

func (b bus) Publish(ctx context.Context, evs ...events.Event) error {
	return b.Bus.Publish(in(ctx), evs...)
}

func (b bus) Deliver(ctx context.Context, evs ...events.Event) error {
	return b.Bus.Deliver(in(ctx), evs...)
}

func (b bus) Close(ctx context.Context) error { return b.inner.Close(ctx) }

func TestEvents(t *testing.T) {
	eventstest.Run(t, func(t *testing.T) eventstest.Bus {
		inner := memoryevents.New(memoryevents.Options{Keep: 10})
		t.Cleanup(func() {
			ctx, cancel := context.WithCancel(context.Background())
			cancel() // what a check left over may go
			_ = inner.Close(ctx)
		})
		return bus{tenantevents.New(inner, inner), inner}
	}, eventstest.Keeps())
}

// TestHeldBack shows that an event that fails holds back its own tenant's
// events of the key, and no other tenant's.
func TestHeldBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inner := memoryevents.New(memoryevents.Options{})
		b := tenantevents.New(inner, inner)
		broken := tenancy.With(t.Context(), "broken")
		var handled []string
		_, err := b.Subscribe(t.Context(), events.Subscription{Types: []string{">"}}, func(ctx context.Context, ev events.Event) error {
			id, err := tenancy.From(ctx)
			if id == "broken" {
				return errors.New("fails")
			}
			handled = append(handled, string(id)+" "+ev.Key)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, ctx := range []context.Context{broken, in(t.Context())} {
			ev := events.New("/test", "a", nil)
			ev.Key = "order-1"
			if err := b.Publish(ctx, ev); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		if !slices.Equal(handled, []string{"t1 order-1"}) {
			t.Errorf("handled %v while another tenant's event waits for its next attempt", handled)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // the event that fails may go
		_ = inner.Close(ctx)
	})
}

// TestEqualIDs shows that two tenants that choose one ID are both heard.
func TestEqualIDs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inner := memoryevents.New(memoryevents.Options{})
		b := tenantevents.New(inner, inner)
		var handled []string
		_, err := b.Subscribe(t.Context(), events.Subscription{Types: []string{">"}, Lanes: 1}, func(ctx context.Context, ev events.Event) error {
			id, err := tenancy.From(ctx)
			handled = append(handled, string(id)+" "+ev.ID)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		ev := events.New("billing", "invoice.sent", nil)
		ev.ID = "invoice-1"
		for _, id := range []tenancy.ID{"acme", "beta", "acme"} {
			if err := b.Publish(tenancy.With(t.Context(), id), ev); err != nil {
				t.Fatal(err)
			}
		}
		if err := inner.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		slices.Sort(handled)
		if want := []string{"acme invoice-1", "beta invoice-1"}; !slices.Equal(handled, want) {
			t.Errorf("handled %q, want %q", handled, want)
		}
	})
}
