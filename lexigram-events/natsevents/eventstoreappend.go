package natsevents

import (
	"context"
	"crypto/rand"
	"errors"
	"strconv"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Append implements [eventstore.Store]. When an answer is lost it asks whether
// the events are there, and sends them again if not, for 30 s at most; then, and
// when ctx ends meanwhile, they may be there or come to be.
func (s *EventStore) Append(ctx context.Context, stream string, expected eventstore.Version, evs ...events.Event) (eventstore.Appended, error) {
	if err := eventstore.Check(stream, expected, evs...); err != nil {
		return eventstore.Appended{}, err
	}
	if ctx.Err() != nil {
		return eventstore.Appended{}, s.failed(ctx, nil, "append to %q", stream)
	}
	if len(evs) == 0 {
		at, _, err := s.last(ctx, stream)
		if err == nil && expected != eventstore.Any && expected != at.version {
			err = conflict(stream, expected, at.version)
		}
		return eventstore.Appended{Version: at.version}, err
	}
	msg := &nats.Msg{Subject: s.subject(stream), Data: encodeCommit(evs), Header: nats.Header{
		headerCommit: {rand.Text()}, "Content-Type": {batchType}, headerVersion: {"9223372036854775807"}, headerCount: {strconv.Itoa(len(evs))},
	}}
	if size, most := msg.Size()+256, s.nc.MaxPayload(); int64(size) > most { // what the client adds
		return eventstore.Appended{}, events.ErrSize.Wrap(nil, "natsevents: append to %q: %d events are a message of %d bytes and the server takes %d", stream, len(evs), size, most)
	}
	return s.commit(ctx, stream, expected, msg, len(evs))
}

func conflict(stream string, expected, at eventstore.Version) error {
	return eventstore.ErrConflict.Wrap(nil, "natsevents: append to %q at %d, which is at %d", stream, expected, at)
}

// commit sends msg until it is known what became of it.
func (s *EventStore) commit(ctx context.Context, stream string, expected eventstore.Version, msg *nats.Msg, n int) (eventstore.Appended, error) {
	at, known := s.guess(stream)
	if known = known && (expected == eventstore.Any || expected == at.version); !known && expected == eventstore.NoStream {
		at, known = head{}, true
	}
	sent := false
	for began, pause := time.Now(), time.Millisecond; ; pause = min(2*pause, 200*time.Millisecond) {
		if !known {
			var id string
			var err error
			if at, id, err = s.last(ctx, stream); err != nil {
				return eventstore.Appended{}, err
			}
			switch {
			case sent && id == msg.Header.Get(headerCommit): // the answer was lost
				return s.appended(stream, at, n), nil
			case expected != eventstore.Any && expected != at.version:
				return eventstore.Appended{}, conflict(stream, expected, at.version)
			}
		}
		next := at.version + eventstore.Version(n)
		msg.Header.Set(headerVersion, strconv.FormatInt(int64(next), 10))
		try, cancel := context.WithTimeout(ctx, answerWithin)
		ack, err := s.js.PublishMsg(try, msg, jetstream.WithExpectLastSequencePerSubject(at.seq), jetstream.WithExpectStream(s.opts.Stream), jetstream.WithRetryAttempts(0))
		cancel()
		if err == nil {
			return s.appended(stream, head{next, ack.Sequence}, n), nil
		}
		known = false
		s.forget(stream)
		if !wrongSequence(err) { // of which nothing was taken
			sent = true
			if err := s.refusal(ctx, err, stream, time.Since(began)); err != nil {
				return eventstore.Appended{}, err
			}
		}
		if err := sleep(ctx, pause); err != nil {
			return eventstore.Appended{}, s.failed(ctx, err, "append to %q", stream)
		}
	}
}

// refusal returns an error if err is one that no other try mends.
func (s *EventStore) refusal(ctx context.Context, err error, stream string, tried time.Duration) error {
	e, answered := errors.AsType[*jetstream.APIError](err)
	switch {
	case answered && e.ErrorCode == jetstream.JSErrCodeStreamMessageExceedsMaximum:
		return events.ErrSize.Wrap(err, "natsevents: append to %q", stream)
	case ctx.Err() != nil || tried > storePatience || !unanswered(err):
		return s.failed(ctx, err, "append to %q", stream)
	}
	return nil
}

func wrongSequence(err error) bool {
	e, ok := errors.AsType[*jetstream.APIError](err)
	return ok && (e.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence || e.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant)
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (s *EventStore) appended(stream string, at head, n int) eventstore.Appended {
	s.remember(stream, at)
	return eventstore.Appended{Version: at.version, Position: s.positionOf(at.seq, n-1, n)}
}

// last returns where a stream ends, and the name of its last commit.
func (s *EventStore) last(ctx context.Context, stream string) (at head, id string, err error) {
	var msg *jetstream.RawStreamMsg
	err = s.ask(ctx, func(ctx context.Context) (err error) {
		msg, err = s.stream.GetLastMsgForSubject(ctx, s.subject(stream))
		return err
	})
	switch {
	case errors.Is(err, jetstream.ErrMsgNotFound):
		return head{}, "", nil
	case err != nil:
		return head{}, "", s.failed(ctx, err, "last event of %q", stream)
	}
	if at, err = headOf(msg.Header, msg.Sequence); err == nil {
		s.remember(stream, at)
	}
	return at, msg.Header.Get(headerCommit), err
}

// knownSize is of how many streams it is known where they end.
const knownSize = 10_000

func (s *EventStore) guess(stream string) (head, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, ok := s.known[stream]
	return at, ok
}

func (s *EventStore) remember(stream string, at head) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.known) >= knownSize {
		clear(s.known)
	}
	if s.known[stream].seq < at.seq {
		s.known[stream] = at
	}
}

func (s *EventStore) forget(stream string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.known, stream)
}
