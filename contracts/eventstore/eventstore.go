package eventstore

import (
	"context"
	"iter"
	"unicode/utf8"

	"github.com/lexigram/lexigram-go/contracts/events"
)

// A Version counts the events of a stream: its first event has version 1, and
// none is missing. As what is expected of a stream it may be [Any] or [NoStream].
type Version int64

const (
	Any      Version = -1 // whatever the version is
	NoStream Version = 0  // the stream has no events
)

// A Position is the place of an event among all events of one store. Positions
// of one store sort as text, and "" is before the first; nothing else in them
// means anything, and some are never given. They may be kept for ever and
// survive that the store's data move to another server.
type Position string

// Recorded is an event at its place. Whoever holds it must not change it.
type Recorded struct {
	events.Event
	Stream   string
	Version  Version // of this event in its stream
	Position Position
}

// Appended says where a stream is after [Store.Append].
type Appended struct {
	Version  Version  // the stream's
	Position Position // of the last event that was appended; "" if none was
}

// A Store appends to streams and reads them. It is safe for concurrent use. A
// ctx that has ended is an error wrapping its cause ([context.Cause]) from every
// method and loop, before any effect; one that ends while a backend works may
// leave unknown whether events were appended: read the stream to find out.
// Stream names that [CheckStream] refuses are its error.
type Store interface {
	// Append adds evs to a stream, all or none of them, in the ambient
	// transaction if the store has one. If the stream is not at expected, it
	// returns an error wrapping [ErrConflict]; the ambient transaction then
	// stays usable. What [Check] refuses is its error, and an event that is too
	// large for the backend is [events.ErrSize]. Without evs it only checks.
	//
	// Of an event, Time is kept to the microsecond, as an instant, and Data and
	// Headers that are empty may come back as nil. IDs are not compared: who
	// appends the same event again, appends it again, unless expected prevents it.
	Append(ctx context.Context, stream string, expected Version, evs ...events.Event) (Appended, error)

	// Read yields the events of a stream after a version, oldest first, each
	// time it is ranged over. An error comes once, last, with the zero Recorded:
	// one wrapping [ErrNoStream] if the stream has no events at all. It is fit
	// for streams of any length, and the body of the loop may use the store.
	Read(ctx context.Context, stream string, after Version) iter.Seq2[Recorded, error]
}

// An AllReader reads all streams of a store as one sequence.
type AllReader interface {
	// ReadAll yields the events after a position, in order, and ends at the last
	// one that is settled: an event shows when no other can come to stand
	// before it, and until then neither does what is behind it. So whoever goes
	// on from the last position that was yielded misses nothing and meets
	// nothing twice, and each stream is in the order of its versions. An error
	// comes once, last, with the zero Recorded; one wrapping [ErrPosition] if
	// after is none of this store. The body of the loop may use the store.
	ReadAll(ctx context.Context, after Position) iter.Seq2[Recorded, error]

	// Wait returns nil when ReadAll from the position may have something to
	// yield: at once if it has, soon after it has, and now and then without. It
	// returns the cause of ctx when that ends, and an error wrapping [ErrPosition]
	// if after is none of this store.
	Wait(ctx context.Context, after Position) error
}

// A Log is a [Store] that can be read as one sequence.
type Log interface {
	Store
	AllReader
}

// Subscribe yields the events after a position and goes on with those to come,
// until the loop is left, an error comes, last, or ctx ends: then its cause is the error.
func Subscribe(ctx context.Context, r AllReader, after Position) iter.Seq2[Recorded, error] {
	return func(yield func(Recorded, error) bool) {
		for at := after; ; {
			for rec, err := range r.ReadAll(ctx, at) {
				if !yield(rec, err) || err != nil {
					return
				}
				at = rec.Position
			}
			if err := r.Wait(ctx, at); err != nil {
				yield(Recorded{}, err)
				return
			}
		}
	}
}

// CheckStream returns an error wrapping [ErrInvalid] unless name is 1 to 255
// bytes of UTF-8 without control characters. Every backend calls it, or [Check], first.
func CheckStream(name string) error {
	ok := len(name) > 0 && len(name) <= 255 && utf8.ValidString(name)
	for i := 0; ok && i < len(name); i++ {
		ok = name[i] >= ' ' && name[i] != 0x7f
	}
	if !ok {
		return ErrInvalid.Wrap(nil, "eventstore: stream %.40q is not 1 to 255 bytes of UTF-8 without control characters", name)
	}
	return nil
}

// Check returns an error unless evs may be appended to a stream: that of
// [CheckStream], one wrapping [ErrInvalid] for an expected version below
// [Any], or that of [events.Check]. Every backend's Append calls it first.
func Check(stream string, expected Version, evs ...events.Event) error {
	if err := CheckStream(stream); err != nil {
		return err
	}
	if expected < Any {
		return ErrInvalid.Wrap(nil, "eventstore: stream %q: expected version %d is none: it is a count, NoStream or Any", stream, expected)
	}
	for i := range evs {
		if err := events.Check(evs[i]); err != nil {
			return err
		}
	}
	return nil
}
