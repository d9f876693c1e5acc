package natsevents

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// EventStoreOptions say what an [EventStore] declares on the server. The zero
// value is ready to use. All but Poll, Update and Logger must be the same in
// every process; see [ErrDrift].
type EventStoreOptions struct {
	Stream   string        `config:"stream"`    // on the server; "" means "LEXIGRAM-STORE"
	Prefix   string        `config:"prefix"`    // of every subject; "" means "lexigram.store"
	Replicas int           `config:"replicas"`  // how many servers keep each event; 0 means 1
	Memory   bool          `config:"memory"`    // keep events in the server's memory only
	MaxBytes int64         `config:"max_bytes"` // when they are used up, Append fails; 0 means as many as the server allows
	Poll     time.Duration `config:"poll"`      // how often Wait asks when nothing wakes it; 0 means 1 s
	Update   bool          `config:"update"`    // change what was declared otherwise, instead of an error wrapping [ErrDrift]
	Require  string        `config:"require"`   // as [Options].Require
	Logger   *slog.Logger  `config:"-"`         // nil discards
}

func (o EventStoreOptions) withDefaults() (EventStoreOptions, error) {
	var v errs.ValidationError
	if o.Stream == "" {
		o.Stream = "LEXIGRAM-STORE"
	}
	if o.Prefix == "" {
		o.Prefix = "lexigram.store"
	}
	if o.Replicas == 0 {
		o.Replicas = 1
	}
	if o.Poll == 0 {
		o.Poll = time.Second
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	for _, c := range []struct {
		ok          bool
		key, should string
	}{
		{isStream(o.Stream), "stream", "must be 1 to 32 letters, digits, \"-\" and \"_\""},
		{isPrefix(o.Prefix), "prefix", "must be 1 to 64 letters, digits, \"-\" and \"_\" in dot-separated tokens"},
		{o.Replicas >= 1 && o.Replicas <= 5, "replicas", "must be 1 to 5, or 0 for 1"},
		{o.MaxBytes >= 0, "max_bytes", "must not be negative"},
		{o.Poll >= time.Millisecond, "poll", "must be a millisecond at least, or 0 for a second"},
		{o.Require == "" || o.Require == RequireFile || o.Require == RequireReplicated, "require", fmt.Sprintf("must be %q, %q or left out", RequireFile, RequireReplicated)},
	} {
		if !c.ok {
			v.Add(c.key, c.should, "RANGE")
		}
	}
	if err := v.Err(); err != nil {
		return o, eventstore.ErrInvalid.Wrap(err, "natsevents: options of the event store")
	}
	return o, nil
}

// declaration is that of the stream. Nothing in it is ever deleted. What is read
// of it is read from its leader: a replica may not have the last append yet.
func (o *EventStoreOptions) declaration() jetstream.StreamConfig {
	c := jetstream.StreamConfig{
		Name: o.Stream, Description: "streams of events", Subjects: []string{o.Prefix + ".*"},
		Retention: jetstream.LimitsPolicy, Discard: jetstream.DiscardNew, MaxBytes: o.MaxBytes,
		Duplicates: 2 * time.Minute, Replicas: o.Replicas, DenyDelete: true, DenyPurge: true,
	}
	if o.Memory {
		c.Storage = jetstream.MemoryStorage
	}
	if c.MaxBytes == 0 {
		c.MaxBytes = -1
	}
	return c
}

// An EventStore is an [eventstore.Log] in a stream of JetStream. What one Append
// adds is one message, so that it is there whole or not at all, on the subject
// of its stream, at the sequence number that the append expects to be the last
// there. The order of all events is that of the messages. There are no ambient
// transactions.
//
// An append costs one request, when this process knows where its stream is, and
// otherwise two; it must fit into a message, of 1 MiB unless the server takes more,
// or is an error wrapping events.ErrSize. Read from the middle of a stream passes over
// what is before. It is safe for concurrent use; make one with [NewEventStore].
type EventStore struct {
	nc         *nats.Conn
	js         jetstream.JetStream
	stream     jetstream.Stream
	opts       EventStoreOptions
	durability Durability
	began      int64 // of the stream: begins every position

	mu    sync.Mutex
	known map[string]head // of streams that were read or appended to
}

// A head is where a stream ends: at a version, in the message with a sequence number.
type head struct {
	version eventstore.Version
	seq     uint64
}

var _ eventstore.Log = (*EventStore)(nil)

// NewEventStore declares the stream on the server of nc, see [Connect], and
// returns the store; nothing runs in it, and the caller closes nc. It returns errors
// wrapping [eventstore.ErrInvalid], [ErrDrift], [ErrDurability] or [ErrUnavailable].
func NewEventStore(ctx context.Context, nc *nats.Conn, opts EventStoreOptions) (*EventStore, error) {
	opts, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, ErrUnavailable.Wrap(err, "natsevents: new event store")
	}
	stream, err := declareStream(ctx, js, opts.declaration(), opts.Update)
	switch {
	case errors.Is(err, ErrDrift):
		return nil, err
	case err != nil && ctx.Err() != nil:
		return nil, ErrUnavailable.Wrap(context.Cause(ctx), "natsevents: declare stream %q", opts.Stream)
	case err != nil:
		return nil, ErrUnavailable.Wrap(err, "natsevents: declare stream %q", opts.Stream)
	}
	info := stream.CachedInfo()
	s := &EventStore{nc: nc, js: js, stream: stream, opts: opts, durability: durabilityOf(nc, info), began: info.Created.UnixNano(), known: map[string]head{}}
	if err := s.durability.check(opts.Require); err != nil {
		return nil, err
	}
	opts.Logger.Info("natsevents: durability of the event store", "durability", s.durability)
	return s, nil
}

// Durability reports what the store found when it was made.
func (s *EventStore) Durability() Durability { return s.durability }

// failed returns err, or the cause of ctx if that has ended.
func (s *EventStore) failed(ctx context.Context, err error, op string, args ...any) error {
	if ctx.Err() != nil {
		return eventstore.Err.Wrap(context.Cause(ctx), "natsevents: "+op, args...)
	}
	return eventstore.Err.Wrap(ErrUnavailable.Wrap(err, "stream %q", s.opts.Stream), "natsevents: "+op, args...)
}

// How long the server may leave one request without an answer, which a lost
// connection may have swallowed, and how long it is asked again.
const (
	answerWithin  = 2 * time.Second
	storePatience = 30 * time.Second
)

// ask calls fn, which asks the server, until it gets an answer.
func (s *EventStore) ask(ctx context.Context, fn func(ctx context.Context) error) error {
	for began, pause := time.Now(), time.Millisecond; ; pause = min(2*pause, 200*time.Millisecond) {
		try, cancel := context.WithTimeout(ctx, answerWithin)
		err := fn(try)
		cancel()
		if err == nil || ctx.Err() != nil || !unanswered(err) || time.Since(began) > storePatience {
			return err
		}
		if end := sleep(ctx, pause); end != nil {
			return end
		}
	}
}

// unanswered reports an error after which it is not known what the server has done, or that
// it could not do it now.
func unanswered(err error) bool {
	if e, answered := errors.AsType[*jetstream.APIError](err); answered {
		return transient(e)
	}
	return !errors.Is(err, nats.ErrConnectionClosed) && !errors.Is(err, nats.ErrConnectionDraining) && !errors.Is(err, jetstream.ErrMsgNotFound)
}

// subject returns the subject of a stream: bytes that a token of NATS has no room for
// are "=" and two hexadecimal digits.
func (s *EventStore) subject(stream string) string {
	b := make([]byte, 0, len(s.opts.Prefix)+1+len(stream))
	b = append(append(b, s.opts.Prefix...), '.')
	for i := range len(stream) {
		switch c := stream[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_':
			b = append(b, c)
		default:
			b = append(b, '=', "0123456789abcdef"[c>>4], "0123456789abcdef"[c&15])
		}
	}
	return string(b)
}

// streamOf returns the stream of a subject.
func (s *EventStore) streamOf(subject string) (string, bool) {
	if len(subject) <= len(s.opts.Prefix)+1 {
		return "", false
	}
	token := subject[len(s.opts.Prefix)+1:]
	b := make([]byte, 0, len(token))
	for i := 0; i < len(token); i++ {
		if token[i] != '=' {
			b = append(b, token[i])
			continue
		}
		if i+2 >= len(token) {
			return "", false
		}
		n, err := strconv.ParseUint(token[i+1:i+3], 16, 8)
		if err != nil {
			return "", false
		}
		b = append(b, byte(n))
		i += 2
	}
	return string(b), eventstore.CheckStream(string(b)) == nil
}
