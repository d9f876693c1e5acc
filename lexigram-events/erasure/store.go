package erasure

import (
	"context"
	"iter"
	"maps"
	"time"

	"github.com/lexigram/lexigram-go/contracts/clock"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/lexigram/lexigram-go/contracts/security"
	"github.com/lexigram/lexigram-go/contracts/state"
)

// Formats of events as they are stored, and as they read when they are erased.
const (
	FormatSealed = "application/vnd.lexigram.sealed"
	FormatErased = "application/vnd.lexigram.erased"
)

// Headers of stored events. A tombstone has the first.
const (
	HeaderSubject = "sealedfor"    // whom it is about
	headerKey     = "sealedkey"    // the ID of the key
	headerFormat  = "sealedformat" // the format of what is sealed
)

// Erased reports whether ev is a tombstone: what it was about is erased. It has
// [FormatErased], no Data, and the subject in the header [HeaderSubject]; the rest is as it was.
func Erased(ev events.Event) bool { return ev.Format == FormatErased }

// Options say what a [Store] seals and with what. All but CacheFor and Clock are needed.
type Options struct {
	// Keys keeps the key of each subject, under "erasure/" and the subject. It
	// must be a [state.Swapper], so that two who seal for a new subject at a time
	// agree on one key. It is used outside of ambient transactions: on SQLite it
	// is another database than the events', which has one writer.
	Keys state.Store
	// Master seals those keys.
	Master security.Sealer
	// Subject says whom an event is about, in 1 to 255 bytes without control
	// characters; "" leaves it as it is.
	Subject func(stream string, ev events.Event) string
	// CacheFor is how long a key is not asked for again: so long may an erased event be
	// read in another process. 0 means a minute; a negative one caches nothing.
	CacheFor time.Duration
	Clock    clock.Clock // nil means clock.System{}
}

// A Store is another one whose data are sealed. It is safe for concurrent use;
// make one with [New].
type Store struct {
	log  eventstore.Log
	opts Options
	keys *keyring
}

var _ eventstore.Log = (*Store)(nil)

// New returns log with its data sealed. Events that were appended to log itself
// are read as they are. Options that are not whole are an error wrapping
// [eventstore.ErrInvalid]. It does no I/O.
func New(log eventstore.Log, opts Options) (*Store, error) {
	var v errs.ValidationError
	swapper, ok := opts.Keys.(state.Swapper)
	for _, need := range []struct {
		ok    bool
		field string
		says  string
	}{
		{log != nil, "log", "is nil"},
		{ok, "Keys", "must be a state.Swapper, so that a subject has one key"},
		{opts.Master != nil, "Master", "is nil"},
		{opts.Subject != nil, "Subject", "is nil"},
	} {
		if !need.ok {
			v.Add(need.field, need.says, "")
		}
	}
	if err := v.Err(); err != nil {
		return nil, eventstore.ErrInvalid.Wrap(err, "erasure")
	}
	if opts.CacheFor == 0 {
		opts.CacheFor = time.Minute
	}
	if opts.Clock == nil {
		opts.Clock = clock.System{}
	}
	return &Store{log: log, opts: opts, keys: newKeyring(swapper, opts)}, nil
}

// Erase deletes the key of a subject, and reports whether there was one: events
// that are about it read as tombstones, here at once and in other processes when what they
// cache is old. What is appended for it later has another key.
func (s *Store) Erase(ctx context.Context, subject string) (existed bool, err error) {
	if err := checkSubject(subject); err != nil {
		return false, err
	}
	return s.keys.erase(ctx, subject)
}

// Append implements [eventstore.Store]. It changes no event that it is given.
func (s *Store) Append(ctx context.Context, stream string, expected eventstore.Version, evs ...events.Event) (eventstore.Appended, error) {
	if err := eventstore.Check(stream, expected, evs...); err != nil {
		return eventstore.Appended{}, err
	}
	sealed := make([]events.Event, len(evs))
	for i, ev := range evs {
		var err error
		if sealed[i], err = s.seal(ctx, stream, ev); err != nil {
			return eventstore.Appended{}, err
		}
	}
	return s.log.Append(ctx, stream, expected, sealed...)
}

func (s *Store) seal(ctx context.Context, stream string, ev events.Event) (events.Event, error) {
	for _, name := range []string{HeaderSubject, headerKey, headerFormat} {
		if _, ok := ev.Headers[name]; ok {
			return ev, eventstore.ErrInvalid.Wrap(nil, "erasure: event %q has the header %q, which is of sealed ones", ev.ID, name)
		}
	}
	if ev.Format == FormatSealed || ev.Format == FormatErased {
		return ev, eventstore.ErrInvalid.Wrap(nil, "erasure: event %q has the format %q, which no event has that is appended", ev.ID, ev.Format)
	}
	subject := s.opts.Subject(stream, ev)
	if subject == "" {
		return ev, nil
	}
	if err := checkSubject(subject); err != nil {
		return ev, err
	}
	k, err := s.keys.toSeal(ctx, subject)
	if err != nil {
		return ev, err
	}
	headers := maps.Clone(ev.Headers)
	if headers == nil {
		headers = map[string]string{}
	}
	headers[HeaderSubject], headers[headerKey] = subject, k.id
	if ev.Format != "" {
		headers[headerFormat] = ev.Format
	}
	ev.Data = k.aead.Seal(nil, nil, ev.Data, bound(stream, subject, ev))
	ev.Headers, ev.Format = headers, FormatSealed
	return ev, nil
}

// bound is where sealed data belong, so that they open nowhere else.
func bound(stream, subject string, ev events.Event) []byte {
	var b []byte
	for _, part := range []string{stream, subject, ev.Source, ev.ID} {
		b = append(append(b, byte(len(part))), part...) // of at most 255 bytes
	}
	return b
}

// open makes of an event what was appended, or a tombstone.
func (s *Store) open(ctx context.Context, rec *eventstore.Recorded) error {
	if rec.Format != FormatSealed {
		return nil
	}
	subject, id := rec.Headers[HeaderSubject], rec.Headers[headerKey]
	k, err := s.keys.toOpen(ctx, subject, id)
	if err != nil {
		return err
	}
	headers := maps.Clone(rec.Headers)
	format := headers[headerFormat]
	delete(headers, headerKey)
	delete(headers, headerFormat)
	if k == nil {
		rec.Data, rec.Format, rec.Headers = nil, FormatErased, headers
		return nil
	}
	plain, err := k.aead.Open(nil, nil, rec.Data, bound(rec.Stream, subject, rec.Event))
	if err != nil {
		return security.ErrOpen.Wrap(nil, "erasure: event %q of stream %q was changed", rec.ID, rec.Stream)
	}
	delete(headers, HeaderSubject)
	rec.Data, rec.Format, rec.Headers = plain, format, headers
	return nil
}

// Read implements [eventstore.Store]. Data that do not open, because they were
// changed or are of elsewhere, end the loop with an error wrapping [security.ErrOpen].
func (s *Store) Read(ctx context.Context, stream string, after eventstore.Version) iter.Seq2[eventstore.Recorded, error] {
	return s.each(ctx, s.log.Read(ctx, stream, after))
}

// ReadAll implements [eventstore.AllReader], as Read does.
func (s *Store) ReadAll(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return s.each(ctx, s.log.ReadAll(ctx, after))
}

// Wait implements [eventstore.AllReader].
func (s *Store) Wait(ctx context.Context, after eventstore.Position) error {
	return s.log.Wait(ctx, after)
}

func (s *Store) each(ctx context.Context, seq iter.Seq2[eventstore.Recorded, error]) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		for rec, err := range seq {
			if err == nil {
				err = s.open(ctx, &rec)
			}
			if err != nil {
				yield(eventstore.Recorded{}, err)
				return
			}
			if !yield(rec, nil) {
				return
			}
		}
	}
}
