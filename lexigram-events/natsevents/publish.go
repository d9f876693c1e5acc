package natsevents

import (
	"context"
	"maps"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/observe"
	"github.com/nats-io/nats.go"
)

// Publish implements [events.Publisher]. It returns nil once the stream's
// leader, and a majority of the replicas, have every event; see [Durability].
// Events are sent without waiting for each other, except that one of a key is
// sent when the one before it has been taken: so the order of a key outlives a
// server that dies between them. What gets no answer is sent again, under the
// same message ID, so that the server takes it once.
//
// It returns errors wrapping [events.ErrInvalid] and [events.ErrSize], before
// any event was sent, [events.ErrClosed], [ErrUnavailable] when PublishTimeout
// has passed, or the cause of ctx.
func (b *Bus) Publish(ctx context.Context, evs ...events.Event) error {
	for i := range evs {
		if err := events.Check(evs[i]); err != nil {
			return err
		}
	}
	if len(evs) == 0 {
		return nil
	}
	if err := b.refuses(ctx, "publish", evs[0].ID); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return events.Err.Wrap(context.Cause(ctx), "natsevents: publish %q", evs[0].ID)
	}
	propagator, _ := b.opts.Observer.Sink.(observe.Propagator)
	flights := make([]flight, len(evs))
	for i := range evs {
		ev := &evs[i]
		if propagator != nil {
			ev = traced(ctx, propagator, ev)
		}
		f := &flights[i]
		f.msg, f.key = b.message(ev), ev.Key
		if size, most := f.msg.Size(), b.nc.MaxPayload(); int64(size) > most {
			return events.ErrSize.Wrap(nil, "natsevents: event %q is a message of %d bytes and the server takes %d", ev.ID, size, most)
		}
	}
	if err := b.sender.send(ctx, flights); err != nil {
		return err
	}
	b.count(ctx, "events.published", len(evs))
	return nil
}

// traced returns a copy of ev that carries the trace of ctx, unless it has one.
func traced(ctx context.Context, p observe.Propagator, ev *events.Event) *events.Event {
	if ev.Headers[events.HeaderTrace] != "" {
		return ev
	}
	c := *ev
	if c.Headers = maps.Clone(ev.Headers); c.Headers == nil {
		c.Headers = map[string]string{}
	}
	p.Inject(ctx, c.Headers)
	return &c
}

// Headers beside those of CloudEvents.
const (
	headerMsgID = "Nats-Msg-Id"
	// headerTo is the token of the one group that a message is for: a dead
	// letter that was given back.
	headerTo = "lexigram-to"
)

// message returns ev as it is sent.
func (b *Bus) message(ev *events.Event) *nats.Msg {
	h := make(nats.Header, 10)
	events.WriteHeaders(h, *ev)
	h[headerMsgID] = []string{messageID(h)}
	return &nats.Msg{Subject: b.opts.subject(partitionOf(ev, b.opts.Partitions), ev.Type), Header: h, Data: ev.Data}
}

// messageID returns what identifies an event: its ID, source and tenant, of
// which none has a space, because they are percent-encoded.
func messageID(h nats.Header) string {
	id, source := h["ce-id"][0], h["ce-source"][0]
	tenant := h["ce-"+events.HeaderTenant]
	if len(tenant) == 0 || tenant[0] == "" {
		return id + " " + source
	}
	return strings.Join([]string{id, source, tenant[0]}, " ")
}
