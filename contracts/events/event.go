package events

import (
	"math/rand/v2"
	"time"
	"unicode/utf8"
)

// An Event is a fact. The bus neither reads nor changes Data; whoever holds an
// Event may read it from several goroutines but must not change it.
type Event struct {
	ID      string // unique for Source and tenant ([HeaderTenant])
	Source  string // URI reference of the producer
	Type    string // dot-separated, such as "orders.order.placed"
	Key     string // orders events, see [Subscription]; "" has no order
	Time    time.Time
	Schema  int    // version of the shape of Data, from 1
	Format  string // media type of Data; "" means application/json
	Data    []byte
	Headers map[string]string // trace context, tenant, causation, correlation; see the constants and [Check]
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
	return Event{ID: newID(), Source: source, Type: typ, Time: time.Now(), Schema: 1, Data: data}
}

// newID returns 130 random bits, as crypto/rand.Text does at four times the
// cost: an ID must be unique, not secret. The generator is seeded by the
// operating system.
func newID() string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	var id [26]byte
	for i := 0; i < len(id); i += 12 {
		bits := rand.Uint64()
		for j := i; j < min(i+12, len(id)); j++ {
			id[j] = letters[bits&31]
			bits >>= 5
		}
	}
	return string(id[:])
}

// Check returns an error wrapping [ErrInvalid] unless ev has an ID and a Source
// of 1 to 255 bytes, a Key and a Format of at most 255, a Type of 1 to 255 bytes
// of dot-separated tokens of letters, digits, "-" and "_", a Time of the years 0
// to 9999 in UTC, a Schema that is not negative, and Headers with names of 1 to 64 of a-z, 0-9, "-" and "_". All of
// these strings, and the values of Headers, are UTF-8 without control
// characters: in some backend each is a header or a column. Every backend's
// Publish calls it first, for every event.
func Check(ev Event) error {
	switch {
	case ev.ID == "" || !short(ev.ID):
		return ErrInvalid.Wrap(nil, "events: ID %.40q is not 1 to 255 bytes of UTF-8 without control characters", ev.ID)
	case ev.Source == "" || !short(ev.Source):
		return ErrInvalid.Wrap(nil, "events: source %.40q of event %q is not 1 to 255 bytes of UTF-8 without control characters", ev.Source, ev.ID)
	case !short(ev.Key):
		return ErrInvalid.Wrap(nil, "events: key %.40q of event %q is over 255 bytes or not UTF-8 without control characters", ev.Key, ev.ID)
	case !short(ev.Format):
		return ErrInvalid.Wrap(nil, "events: format %.40q of event %q is over 255 bytes or not UTF-8 without control characters", ev.Format, ev.ID)
	case ev.Schema < 0:
		return ErrInvalid.Wrap(nil, "events: schema %d of event %q is negative", ev.Schema, ev.ID)
	case ev.Time.Unix() < -62167219200 || ev.Time.Unix() > 253402300799:
		return ErrInvalid.Wrap(nil, "events: time of event %q is not of the years 0 to 9999", ev.ID)
	case !tokens(ev.Type, false):
		return ErrInvalid.Wrap(nil, "events: type %.40q of event %q is not dot-separated words", ev.Type, ev.ID)
	}
	for name, value := range ev.Headers {
		if !headerName(name) {
			return ErrInvalid.Wrap(nil, "events: header %.70q of event %q is not 1 to 64 of a-z, 0-9, \"-\" and \"_\"", name, ev.ID)
		}
		if !line(value) {
			return ErrInvalid.Wrap(nil, "events: value of header %q of event %q is not UTF-8 without control characters", name, ev.ID)
		}
	}
	return nil
}

func short(s string) bool { return len(s) <= 255 && line(s) }

// line reports whether s is UTF-8 without control characters. Publish calls it
// for every event, so what is ASCII is gone over once.
func line(s string) bool {
	bits := byte(0)
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c == 0x7f {
			return false
		}
		bits |= c
	}
	return bits < utf8.RuneSelf || utf8.ValidString(s)
}

func headerName(s string) bool {
	for i := range len(s) {
		if c := s[i]; !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '_') {
			return false
		}
	}
	return len(s) > 0 && len(s) <= 64
}
