package natsevents

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/nats-io/nats.go"
)

// Headers of a commit, whose body is the events in the batch mode of CloudEvents 1.0.
const (
	headerVersion = "lexigram-version" // of the stream after it
	headerCount   = "lexigram-count"   // of its events
	headerCommit  = "lexigram-commit"  // names it, for who lost the answer
	batchType     = "application/cloudevents-batch+json"
)

// encodeCommit returns the body of a commit.
func encodeCommit(evs []events.Event) []byte {
	b := []byte{'['}
	for i := range evs {
		if i > 0 {
			b = append(b, ',')
		}
		ev := evs[i]
		ev.Time = time.UnixMicro(ev.Time.UnixMicro())
		b = events.AppendJSON(b, ev)
	}
	return append(b, ']')
}

// headOf returns the version that a message leaves its stream at.
func headOf(header nats.Header, seq uint64) (head, error) {
	v, err := strconv.ParseInt(header.Get(headerVersion), 10, 64)
	if err != nil || v < 1 {
		return head{}, eventstore.Err.Wrap(events.ErrInvalid, "natsevents: message %d is no commit", seq)
	}
	return head{eventstore.Version(v), seq}, nil
}

// decode calls fn with the events of a message until it returns false, and
// reports whether it did not. What it is not asked for is not decoded.
func (s *EventStore) decode(subject string, header nats.Header, seq uint64, body []byte, fn func(eventstore.Recorded) bool) (bool, error) {
	h, err := headOf(header, seq)
	if err != nil {
		return false, err
	}
	stream, ok := s.streamOf(subject)
	n, err := strconv.Atoi(header.Get(headerCount))
	if !ok || err != nil || n < 1 || int64(n) > int64(h.version) {
		return false, eventstore.Err.Wrap(events.ErrInvalid, "natsevents: message %d on %q is no commit", seq, subject)
	}
	d := json.NewDecoder(bytes.NewReader(body))
	if _, err = d.Token(); err != nil {
		return false, eventstore.Err.Wrap(err, "natsevents: message %d", seq)
	}
	for i := range n {
		var raw json.RawMessage
		var ev events.Event
		if err = d.Decode(&raw); err == nil {
			ev, err = events.ParseJSON(raw)
		}
		if err != nil {
			return false, eventstore.Err.Wrap(err, "natsevents: message %d: event %d of %d", seq, i+1, n)
		}
		if !fn(eventstore.Recorded{Event: ev, Stream: stream, Version: h.version - eventstore.Version(n-1-i), Position: s.positionOf(seq, i, n)}) {
			return false, nil
		}
	}
	return true, nil
}

// positionOf returns that of the i-th of n events of a message.
func (s *EventStore) positionOf(seq uint64, i, n int) eventstore.Position {
	p := place{s.began, seq, uint32(i)}
	if i == n-1 {
		p.nr = lastOfMessage
	}
	return p.position()
}
