package eventstoretest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"strconv"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/eventstore"
)

var occurred = time.Date(2026, 3, 4, 5, 6, 7, 8000, time.UTC)

func event(id string) events.Event {
	return events.Event{ID: id, Source: "/test", Type: "test.happened", Schema: 1, Time: occurred, Data: []byte(`{"id":"` + id + `"}`)}
}

// numbered returns n events with the IDs <name>-1 to <name>-n.
func numbered(name string, n int) []events.Event {
	evs := make([]events.Event, n)
	for i := range evs {
		evs[i] = event(name + "-" + strconv.Itoa(i+1))
	}
	return evs
}

// collect returns what seq yields, and checks that an error comes once, last,
// with nothing beside it.
func collect(seq iter.Seq2[eventstore.Recorded, error]) ([]eventstore.Recorded, error) {
	var all []eventstore.Recorded
	var last error
	for rec, err := range seq {
		switch {
		case last != nil:
			return all, fmt.Errorf("the loop goes on after the error %w", last)
		case err != nil && (rec.ID != "" || rec.Stream != "" || rec.Version != 0 || rec.Position != ""):
			return all, fmt.Errorf("the error %w comes with an event", err)
		case err != nil:
			last = err
		default:
			all = append(all, rec)
		}
	}
	return all, last
}

// read returns the events of a stream after a version.
func read(ctx context.Context, s eventstore.Log, stream string, after eventstore.Version) ([]eventstore.Recorded, error) {
	all, err := collect(s.Read(ctx, stream, after))
	if err != nil {
		err = fmt.Errorf("Read(%.40q, %d) = %w", stream, after, err)
	}
	return all, err
}

// everything reads after a position until n events have come, which it waits
// for, and then checks that no more do.
func everything(ctx context.Context, s eventstore.Log, after eventstore.Position, n int, p pace) ([]eventstore.Recorded, error) {
	ctx, cancel := context.WithTimeout(ctx, p.patience)
	defer cancel()
	var all []eventstore.Recorded
	for at := after; ; {
		more, err := collect(s.ReadAll(ctx, at))
		if all = append(all, more...); err != nil {
			return all, fmt.Errorf("ReadAll(%q) = %w after %d of %d events", at, err, len(all), n)
		}
		if len(more) > 0 {
			at = more[len(more)-1].Position
		}
		if len(all) > n {
			return all, fmt.Errorf("ReadAll yielded %d events, want %d", len(all), n)
		}
		if len(all) == n && len(more) == 0 {
			return all, ordered(all, after)
		}
		if len(all) < n && len(more) == 0 {
			if err := s.Wait(ctx, at); err != nil {
				return all, fmt.Errorf("after %d of %d events: Wait(%q) = %w", len(all), n, at, err)
			}
		}
	}
}

// ordered checks that positions grow and that streams are in order of their versions.
func ordered(all []eventstore.Recorded, after eventstore.Position) error {
	last := after
	of := map[string]eventstore.Version{}
	for i, rec := range all {
		if rec.Position <= last {
			return fmt.Errorf("event %d has position %q, which is not after %q", i, rec.Position, last)
		}
		last = rec.Position
		if v, seen := of[rec.Stream]; (seen || after == "") && rec.Version != v+1 {
			return fmt.Errorf("version %d of stream %q comes after %d", rec.Version, rec.Stream, v)
		}
		of[rec.Stream] = rec.Version
	}
	return nil
}

// are checks that all is evs, at the versions from first, of one stream.
func are(all []eventstore.Recorded, stream string, first eventstore.Version, evs ...events.Event) error {
	if len(all) != len(evs) {
		return fmt.Errorf("stream %.40q: %d events, want %d", stream, len(all), len(evs))
	}
	for i, rec := range all {
		if rec.Stream != stream || rec.Version != first+eventstore.Version(i) {
			return fmt.Errorf("event %d is version %d of stream %.40q, want version %d of %.40q", i, rec.Version, rec.Stream, int(first)+i, stream)
		}
		if rec.Position == "" {
			return fmt.Errorf("event %d has no position", i)
		}
		if err := same(rec.Event, evs[i]); err != nil {
			return fmt.Errorf("event %d: %w", i, err)
		}
	}
	return nil
}

func same(got, want events.Event) error {
	switch {
	case got.ID != want.ID || got.Source != want.Source || got.Type != want.Type || got.Key != want.Key || got.Schema != want.Schema || got.Format != want.Format:
	case !got.Time.Equal(want.Time.Truncate(time.Microsecond)):
	case !bytes.Equal(got.Data, want.Data):
	case !maps.Equal(got.Headers, want.Headers):
	default:
		return nil
	}
	return fmt.Errorf("got %.500s, want %.500s", fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want))
}

// is checks that an operation returned an error that wraps want.
func is(op string, err, want error) error {
	if !errors.Is(err, want) {
		return fmt.Errorf("%s = %v, want one wrapping %q", op, err, want)
	}
	return nil
}

// add appends events at a version and checks which one it returns.
func add(ctx context.Context, s eventstore.Log, stream string, at eventstore.Version, evs ...events.Event) (eventstore.Appended, error) {
	done, err := s.Append(ctx, stream, at, evs...)
	if err != nil {
		return done, fmt.Errorf("Append to %.40q at %d = %w", stream, at, err)
	}
	if want := at + eventstore.Version(len(evs)); at != eventstore.Any && done.Version != want {
		return done, fmt.Errorf("Append of %d events to %.40q at %d returned version %d, want %d", len(evs), stream, at, done.Version, want)
	}
	return done, nil
}
