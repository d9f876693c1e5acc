package natsevents

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/nats-io/nats.go"
)

// FuzzStreamSubject: every name of a stream has a subject of its own, of one
// token, and no other subject leads to it.
func FuzzStreamSubject(f *testing.F) {
	s := &EventStore{opts: EventStoreOptions{Prefix: "p.q"}}
	for _, name := range []string{"order-7", "a.b", "a*", ">", "日本", "=", "=41", "A", " ", "p.q.=4"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if back, ok := s.streamOf("p.q." + name); ok && s.subject(back) != "p.q."+name && !strings.ContainsFunc(name, escaped) {
			t.Errorf("the token %q leads to %q, which has another", name, back)
		}
		if eventstore.CheckStream(name) != nil {
			return
		}
		subject := s.subject(name)
		token := strings.TrimPrefix(subject, "p.q.")
		if token == "" || strings.ContainsAny(token, ".*> \t\r\n") {
			t.Errorf("the subject of %q is %q", name, subject)
		}
		if back, ok := s.streamOf(subject); !ok || back != name {
			t.Errorf("%q has the subject %q, which leads to %q, %v", name, subject, back, ok)
		}
	})
}

// escaped reports whether only a subject that nobody makes has r in it as it is,
// or written in another way.
func escaped(r rune) bool {
	return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '_')
}

func TestDecodeRefuses(t *testing.T) {
	s := &EventStore{opts: EventStoreOptions{Prefix: "p"}, began: 7}
	evs := []events.Event{{ID: "1", Source: "/", Type: "a"}, {ID: "2", Source: "/", Type: "a"}}
	good := nats.Header{headerVersion: {"5"}, headerCount: {"2"}}
	var got []eventstore.Recorded
	keep := func(rec eventstore.Recorded) bool { got = append(got, rec); return true }
	if more, err := s.decode("p.s", good, 9, encodeCommit(evs), keep); !more || err != nil || len(got) != 2 || got[0].Version != 4 || got[1].Version != 5 || got[0].Position >= got[1].Position {
		t.Fatalf("%v, %v, %+v", more, err, got)
	}
	if more, err := s.decode("p.s", good, 9, encodeCommit(evs), func(eventstore.Recorded) bool { return false }); more || err != nil {
		t.Errorf("leaving: %v, %v", more, err)
	}
	for name, c := range map[string]struct {
		subject string
		header  nats.Header
		body    []byte
	}{
		"no version":       {"p.s", nats.Header{headerCount: {"2"}}, encodeCommit(evs)},
		"version 0":        {"p.s", nats.Header{headerVersion: {"0"}, headerCount: {"1"}}, encodeCommit(evs)},
		"no count":         {"p.s", nats.Header{headerVersion: {"5"}}, encodeCommit(evs)},
		"more than there":  {"p.s", nats.Header{headerVersion: {"5"}, headerCount: {"3"}}, encodeCommit(evs)},
		"before version 1": {"p.s", nats.Header{headerVersion: {"1"}, headerCount: {"2"}}, encodeCommit(evs)},
		"no stream":        {"p.=0", good, encodeCommit(evs)},
		"no body":          {"p.s", good, nil},
		"no events":        {"p.s", good, []byte(`[1,2]`)},
	} {
		if _, err := s.decode(c.subject, c.header, 9, c.body, func(eventstore.Recorded) bool { return true }); !errors.Is(err, eventstore.Err) {
			t.Errorf("%s: %v, want an error of the family eventstore", name, err)
		}
	}
}

func TestPlace(t *testing.T) {
	s := &EventStore{began: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).UnixNano()}
	first, middle, last, next := s.positionOf(9, 0, 3), s.positionOf(9, 1, 3), s.positionOf(9, 2, 3), s.positionOf(10, 0, 1)
	if !(first < middle && middle < last && last < next) {
		t.Errorf("order of %q %q %q %q", first, middle, last, next)
	}
	for pos, from := range map[eventstore.Position]uint64{"": 1, first: 9, middle: 9, last: 10, next: 11, (&EventStore{began: 5}).positionOf(100, 0, 1): 1} {
		if p, err := s.placeOf(pos); err != nil || p.next() != from {
			t.Errorf("%q: read on from %d, %v, want %d", pos, p.next(), err, from)
		}
	}
	for _, pos := range []eventstore.Position{"x", first[1:], first + "0", "g" + first[1:], (&EventStore{began: s.began + 1}).positionOf(1, 0, 1), eventstore.Position(strings.ToUpper(string(last)))} {
		if _, err := s.placeOf(pos); !errors.Is(err, eventstore.ErrPosition) {
			t.Errorf("%q: %v, want ErrPosition", pos, err)
		}
	}
}
