package natsevents

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Headers of dead letters, beside those that the message had.
const (
	headerGroup    = "lexigram-dead-group"    // percent-encoded
	headerReason   = "lexigram-dead-reason"   // percent-encoded
	headerAttempts = "lexigram-dead-attempts" // of the last process
	headerSubject  = "lexigram-dead-subject"
	headerSequence = "lexigram-dead-sequence" // of the stream of events
	headerOmitted  = "lexigram-dead-omitted"  // how long the body was that did not fit
)

// A DeadLetter is a message that a group gave up.
type DeadLetter struct {
	ID       uint64       // in the order of death
	Event    events.Event // zero if the message is no event
	Body     []byte       // of the message; nil if it was too large to keep besides the reason
	Subject  string       // of the message
	Group    string
	Reason   string // of the last attempt
	Attempts int    // of the process that gave it up; 0 if no handler saw it
	Time     time.Time
}

// bury puts it among the dead letters. It may be called again for the same.
func (b *Bus) bury(ctx context.Context, g *group, it *item, reason error) error {
	ctx, cancel := context.WithTimeout(ctx, b.opts.PublishTimeout)
	defer cancel()
	h := carried(it.msg.Headers())
	delete(h, headerTo)
	typ, _ := b.opts.typeOf(it.msg.Subject())
	msg := &nats.Msg{Subject: b.opts.Prefix + ".dead." + g.token + "." + typ, Header: h, Data: it.msg.Data()}
	seq := strconv.FormatUint(it.seq, 10)
	h[headerMsgID] = []string{"dead " + g.token + " " + seq}
	h[headerGroup] = []string{url.PathEscape(g.sub.Group)}
	h[headerReason] = []string{url.PathEscape(cut(reason.Error(), 1000))}
	h[headerAttempts] = []string{strconv.Itoa(it.attempts)}
	h[headerSubject] = []string{it.msg.Subject()}
	h[headerSequence] = []string{seq}
	if int64(msg.Size()) > b.nc.MaxPayload() {
		h[headerOmitted] = []string{strconv.Itoa(len(msg.Data))}
		msg.Data = nil
	}
	flights := []flight{{msg: msg}}
	if err := b.sender.send(ctx, flights); err != nil {
		return err
	}
	b.count(ctx, "events.dead", 1, slog.String("group", g.sub.Group))
	return nil
}

// carried returns a copy of h without the headers that a server obeys, or adds
// to what it is asked for.
func carried(h nats.Header) nats.Header {
	c := make(nats.Header, len(h)+6)
	for name, values := range h {
		if len(name) < 5 || !strings.EqualFold(name[:5], "nats-") {
			c[name] = values
		}
	}
	return c
}

func cut(s string, most int) string {
	if len(s) > most {
		s = s[:most]
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// DeadLetters yields the dead letters of a group, or of all groups if it is
// "", oldest first. An error comes once, last; it wraps [ErrUnavailable] or
// the cause of ctx.
func (b *Bus) DeadLetters(ctx context.Context, group string) iter.Seq2[DeadLetter, error] {
	subject := b.opts.Prefix + ".dead.>"
	if group != "" {
		subject = b.opts.Prefix + ".dead." + token(group) + ".>"
	}
	return func(yield func(DeadLetter, error) bool) {
		for next := uint64(1); ; {
			m, err := b.dead.GetMsg(ctx, next, jetstream.WithGetMsgSubject(subject))
			if errors.Is(err, jetstream.ErrMsgNotFound) {
				return
			}
			if err != nil {
				yield(DeadLetter{}, b.deadErr(ctx, err, "list"))
				return
			}
			if !yield(letter(m), nil) {
				return
			}
			next = m.Sequence + 1
		}
	}
}

func (b *Bus) deadErr(ctx context.Context, err error, op string) error {
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return ErrUnavailable.Wrap(err, "natsevents: %s dead letters", op)
}

// letter decodes a dead letter.
func letter(m *jetstream.RawStreamMsg) DeadLetter {
	d := DeadLetter{
		ID: m.Sequence, Body: m.Data, Time: m.Time,
		Subject: m.Header.Get(headerSubject), Group: unescaped(m.Header.Get(headerGroup)), Reason: unescaped(m.Header.Get(headerReason)),
	}
	if n, err := strconv.Atoi(m.Header.Get(headerAttempts)); err == nil {
		d.Attempts = n
	}
	if m.Header.Get(headerOmitted) != "" {
		d.Body = nil
	}
	if ev, err := events.Parse(m.Header, m.Data); err == nil {
		d.Event = ev
	}
	return d
}

func unescaped(s string) string {
	if u, err := url.PathUnescape(s); err == nil {
		return u
	}
	return s
}

// Redeliver gives the dead letters with the IDs back to their groups, with all
// attempts, behind what waits there. An ID that is not there is an error
// wrapping [ErrNoLetter]; a letter of a group "", which ended with its consumer,
// one wrapping [events.ErrClosed]; one that with its new headers is larger than
// the server takes, one wrapping [events.ErrSize]. The others are redelivered all the same; those that
// were not stay dead.
func (b *Bus) Redeliver(ctx context.Context, ids ...uint64) error {
	var errs []error
	for _, id := range ids {
		errs = append(errs, b.redeliver(ctx, id))
	}
	return errors.Join(errs...)
}

func (b *Bus) redeliver(ctx context.Context, id uint64) error {
	if err := b.refuses(ctx, "redeliver", strconv.FormatUint(id, 10)); err != nil {
		return err
	}
	m, err := b.deadMsg(ctx, id)
	if err != nil {
		return err
	}
	group := unescaped(m.Header.Get(headerGroup))
	if group == "" {
		return events.ErrClosed.Wrap(nil, "natsevents: redeliver %d: its group \"\" ended with its consumer: closed", id)
	}
	data := m.Data
	if m.Header.Get(headerOmitted) != "" {
		if data, err = b.omitted(ctx, m); err != nil {
			return err
		}
	}
	h := carried(m.Header)
	for _, name := range []string{headerGroup, headerReason, headerAttempts, headerSubject, headerSequence, headerOmitted} {
		delete(h, name)
	}
	h[headerMsgID] = []string{"redelivered " + strconv.FormatUint(id, 10)} // so that what is repeated after a crash is one
	h[headerTo] = []string{token(group)}
	if err := b.sender.send(ctx, []flight{{msg: &nats.Msg{Subject: m.Header.Get(headerSubject), Header: h, Data: data}}}); err != nil {
		return err
	}
	return b.discard(ctx, id)
}

// omitted returns the body that a dead letter had no room for.
func (b *Bus) omitted(ctx context.Context, m *jetstream.RawStreamMsg) ([]byte, error) {
	seq, err := strconv.ParseUint(m.Header.Get(headerSequence), 10, 64)
	if err != nil {
		return nil, ErrNoLetter.Wrap(err, "natsevents: redeliver %d", m.Sequence)
	}
	original, err := b.stream.GetMsg(ctx, seq)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return nil, ErrNoLetter.Wrap(err, "natsevents: redeliver %d: its body was too large to keep, and the stream has it no more", m.Sequence)
	}
	if err != nil {
		return nil, b.deadErr(ctx, err, "read")
	}
	return original.Data, nil
}

func (b *Bus) deadMsg(ctx context.Context, id uint64) (*jetstream.RawStreamMsg, error) {
	m, err := b.dead.GetMsg(ctx, id)
	switch {
	case errors.Is(err, jetstream.ErrMsgNotFound):
		return nil, ErrNoLetter.Wrap(nil, "natsevents: dead letter %d", id)
	case err != nil:
		return nil, b.deadErr(ctx, err, "read")
	}
	return m, nil
}

// Discard removes the dead letters with the IDs. An ID that is not there is an
// error wrapping [ErrNoLetter]; the others are removed all the same.
func (b *Bus) Discard(ctx context.Context, ids ...uint64) error {
	var errs []error
	for _, id := range ids {
		if err := b.refuses(ctx, "discard", strconv.FormatUint(id, 10)); err != nil {
			return err
		}
		errs = append(errs, b.discard(ctx, id))
	}
	return errors.Join(errs...)
}

func (b *Bus) discard(ctx context.Context, id uint64) error {
	err := b.dead.DeleteMsg(ctx, id)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, jetstream.ErrMsgNotFound), errors.Is(err, jetstream.ErrMsgDeleteUnsuccessful):
		return ErrNoLetter.Wrap(err, "natsevents: discard %d", id)
	}
	return b.deadErr(ctx, err, "discard")
}
