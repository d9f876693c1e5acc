package events_test

import (
	"context"
	"errors"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/events"
)

type publisher struct{}

func (publisher) Publish(context.Context, ...events.Event) error { return nil }

type deliverer struct {
	publisher
	err error
}

func (d deliverer) Deliver(context.Context, ...events.Event) error { return d.err }

func TestAsDeliverer(t *testing.T) {
	for name, c := range map[string]struct {
		p    events.Publisher
		want bool
	}{
		"publisher":           {publisher{}, false},
		"deliverer":           {deliverer{}, true},
		"one that is closed":  {deliverer{err: events.ErrClosed}, true},
		"decorator of no one": {deliverer{err: events.Err.Wrap(errors.ErrUnsupported, "tenantevents: deliver")}, false},
	} {
		if d, ok := events.AsDeliverer(t.Context(), c.p); ok != c.want || (d != nil) != c.want {
			t.Errorf("%s: %v, %v", name, d, ok)
		}
	}
}
