package natsevents

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// fewMessages are read one by one; for more it takes a consumer.
const fewMessages = 16

// Read implements [eventstore.Store].
func (s *EventStore) Read(ctx context.Context, stream string, after eventstore.Version) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		if err := eventstore.CheckStream(stream); err != nil {
			yield(eventstore.Recorded{}, err)
			return
		}
		if ctx.Err() != nil {
			yield(eventstore.Recorded{}, s.failed(ctx, nil, "read %q", stream))
			return
		}
		at, _, err := s.last(ctx, stream)
		switch {
		case err != nil:
		case at.version == 0:
			err = eventstore.ErrNoStream.Wrap(nil, "natsevents: read %q", stream)
		case after < at.version:
			err = s.each(ctx, s.subject(stream), 1, at.seq, func(rec eventstore.Recorded) bool {
				return rec.Version <= after || yield(rec, nil)
			})
		}
		if err != nil {
			yield(eventstore.Recorded{}, err)
		}
	}
}

// ReadAll implements [eventstore.AllReader].
func (s *EventStore) ReadAll(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		from, to, err := s.span(ctx, after)
		if err == nil && from.next() <= to {
			err = s.each(ctx, s.opts.Prefix+".*", from.next(), to, func(rec eventstore.Recorded) bool {
				return rec.Position <= after || yield(rec, nil)
			})
		}
		if err != nil {
			yield(eventstore.Recorded{}, err)
		}
	}
}

// span returns the place of a position, and the last message there is.
func (s *EventStore) span(ctx context.Context, after eventstore.Position) (from place, to uint64, err error) {
	if from, err = s.placeOf(after); err != nil {
		return from, 0, err
	}
	if ctx.Err() != nil {
		return from, 0, s.failed(ctx, nil, "read all")
	}
	var info *jetstream.StreamInfo
	err = s.ask(ctx, func(ctx context.Context) (err error) {
		info, err = s.stream.Info(ctx)
		return err
	})
	if err != nil {
		return from, 0, s.failed(ctx, err, "read all")
	}
	if from.seq > info.State.LastSeq {
		return from, 0, eventstore.ErrPosition.Wrap(nil, "natsevents: position %q is ahead of the stream", after)
	}
	return from, info.State.LastSeq, nil
}

// each calls fn with the events of the messages from one to another, of which the last
// is there, until it returns false.
func (s *EventStore) each(ctx context.Context, subject string, from, to uint64, fn func(eventstore.Recorded) bool) error {
	for range fewMessages {
		msg, err := s.get(ctx, subject, from)
		if errors.Is(err, jetstream.ErrMsgNotFound) { // what was there was deleted
			return nil
		}
		if err != nil {
			return s.failed(ctx, err, "read")
		}
		if more, err := s.decode(msg.Subject, msg.Header, msg.Sequence, msg.Data, fn); !more || err != nil {
			return err
		}
		if from = msg.Sequence + 1; from > to {
			return nil
		}
	}
	return s.stretch(ctx, subject, from, to, fn)
}

func (s *EventStore) get(ctx context.Context, subject string, from uint64) (msg *jetstream.RawStreamMsg, err error) {
	err = s.ask(ctx, func(ctx context.Context) (err error) {
		msg, err = s.stream.GetMsg(ctx, from, jetstream.WithGetMsgSubject(subject))
		return err
	})
	return msg, err
}

// stretch reads as each does, with a consumer that finds its way back after a
// lost connection.
func (s *EventStore) stretch(ctx context.Context, subject string, from, to uint64, fn func(eventstore.Recorded) bool) error {
	var msgs jetstream.MessagesContext
	err := s.ask(ctx, func(ctx context.Context) error {
		c, err := s.stream.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{
			FilterSubjects: []string{subject}, DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: from,
		})
		if err == nil {
			msgs, err = c.Messages(jetstream.PullMaxMessages(256))
		}
		return err
	})
	if err != nil {
		return s.failed(ctx, err, "read")
	}
	defer msgs.Stop()
	for {
		msg, err := msgs.Next(jetstream.NextContext(ctx))
		if err != nil {
			return s.failed(ctx, err, "read")
		}
		meta, err := msg.Metadata()
		if err != nil {
			return s.failed(ctx, err, "read")
		}
		if meta.Sequence.Stream > to {
			return nil
		}
		if more, err := s.decode(msg.Subject(), msg.Headers(), meta.Sequence.Stream, msg.Data(), fn); !more || err != nil {
			return err
		}
		if meta.Sequence.Stream >= to || meta.NumPending == 0 {
			return nil
		}
	}
}

// Wait implements [eventstore.AllReader]. It is woken by what is published to
// the subjects of the store, which the connection must be allowed to subscribe to.
func (s *EventStore) Wait(ctx context.Context, after eventstore.Position) error {
	from, to, err := s.span(ctx, after)
	if err != nil || from.next() <= to {
		return err
	}
	heard := make(chan *nats.Msg, 1)
	sub, err := s.nc.Subscribe(s.opts.Prefix+".*", func(m *nats.Msg) {
		select {
		case heard <- m:
		default: // one is on its way
		}
	})
	if err != nil {
		return s.failed(ctx, err, "wait")
	}
	defer func() { _ = sub.Unsubscribe() }() // an error is that of a connection that is closed
	for soon := time.Millisecond; ; {
		if from, to, err = s.span(ctx, after); err != nil || from.next() <= to {
			return err
		}
		pause := time.NewTimer(soon)
		select {
		case <-heard:
			soon = time.Millisecond // it is heard before it is stored
		case <-pause.C:
			soon = min(2*soon, s.opts.Poll)
		case <-ctx.Done():
		}
		pause.Stop()
	}
}
