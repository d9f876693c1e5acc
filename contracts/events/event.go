package events

import (
	"crypto/rand"
	"time"
)

// An Event is a fact. The bus neither reads nor changes Data; whoever holds an
// Event may read it from several goroutines but must not change it.
type Event struct {
	ID      string // unique for Source
	Source  string // URI reference of the producer
	Type    string // dot-separated, such as "orders.order.placed"
	Key     string // orders events, see [Subscription]; "" has no order
	Time    time.Time
	Schema  int    // version of the shape of Data, from 1
	Format  string // media type of Data; "" means application/json
	Data    []byte
	Headers map[string]string // trace context, tenant, causation, correlation; see the constants
}

// Names of headers that Lexigram gives meaning to.
const (
	HeaderTrace       = "traceparent"
	HeaderTenant      = "tenant"
	HeaderCorrelation = "correlationid"
	HeaderCausation   = "causationid"
)

// New returns an event of now with a random ID of 26 letters and digits and
// schema 1. It keeps data.
func New(source, typ string, data []byte) Event {
	return Event{ID: rand.Text(), Source: source, Type: typ, Time: time.Now(), Schema: 1, Data: data}
}

// Check returns an error wrapping [ErrInvalid] unless ev has an ID, a Source and
// a Type of 1 to 255 bytes, a Type of dot-separated tokens of letters, digits,
// "-" and "_", a Key of at most 255 bytes and a Schema that is not negative.
// Every backend's Publish calls it first, for every event.
func Check(ev Event) error {
	switch {
	case len(ev.ID) == 0 || len(ev.ID) > 255:
		return ErrInvalid.Wrap(nil, "events: ID %.40q is not 1 to 255 bytes", ev.ID)
	case len(ev.Source) == 0 || len(ev.Source) > 255:
		return ErrInvalid.Wrap(nil, "events: source %.40q of event %q is not 1 to 255 bytes", ev.Source, ev.ID)
	case len(ev.Key) > 255:
		return ErrInvalid.Wrap(nil, "events: key %.40q of event %q is over 255 bytes", ev.Key, ev.ID)
	case ev.Schema < 0:
		return ErrInvalid.Wrap(nil, "events: schema %d of event %q is negative", ev.Schema, ev.ID)
	case !tokens(ev.Type, false):
		return ErrInvalid.Wrap(nil, "events: type %.40q of event %q is not dot-separated words", ev.Type, ev.ID)
	}
	return nil
}
