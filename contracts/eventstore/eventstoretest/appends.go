package eventstoretest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/eventstore"
)

var appendRules = []rule{
	{
		name: "an event is kept intact",
		says: "Of an event, Time is kept to the microsecond, and Data and Headers that are empty may come back as nil",
		check: func(ctx context.Context, s eventstore.Log, _ pace) error {
			full := events.Event{
				ID: "1'\"", Source: "/a?b=c", Type: "a.b-c.d_e", Key: "Schlüssel", Schema: 7, Format: "text/plain",
				Time: occurred.Add(999), Data: []byte("\x00\xff\nö"),
				Headers: map[string]string{events.HeaderTenant: "t'1\"", events.HeaderTrace: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "x": ""},
			}
			evs := []events.Event{full, {ID: "2", Source: "/a", Type: "a"}, event("3")}
			evs[1].Data, evs[2].Data = []byte{}, bytes.Repeat([]byte("0123456789abcdef"), 16<<10)
			if _, err := add(ctx, s, "日本 '\"%_\\", 0, evs...); err != nil {
				return err
			}
			all, err := read(ctx, s, "日本 '\"%_\\", 0)
			return errors.Join(err, are(all, "日本 '\"%_\\", 1, evs...))
		},
	},
	{
		name: "versions are counted",
		says: "a Version counts the events of a stream: its first event has version 1, and none is missing",
		check: func(ctx context.Context, s eventstore.Log, _ pace) error {
			evs := numbered("a", 6)
			_, err1 := add(ctx, s, "a", 0, evs[0])
			_, err2 := add(ctx, s, "b", 0, numbered("b", 2)...)
			_, err3 := add(ctx, s, "a", 1, evs[1:5]...)
			_, err4 := add(ctx, s, "a", 5, evs[5])
			all, err5 := read(ctx, s, "a", 0)
			return errors.Join(err1, err2, err3, err4, err5, are(all, "a", 1, evs...))
		},
	},
	{
		name: "a version that is not expected",
		says: "If the stream is not at expected, it returns an error wrapping ErrConflict",
		check: func(ctx context.Context, s eventstore.Log, _ pace) error {
			first := numbered("a", 3)
			if _, err := add(ctx, s, "a", 0, first...); err != nil {
				return err
			}
			for _, at := range []eventstore.Version{1, 2, 4, 1000} {
				for n := 1; n <= 3; n += 2 {
					_, err := s.Append(ctx, "a", at, numbered("x", n)...)
					if err := is(fmt.Sprintf("Append of %d at %d to a stream at 3", n, at), err, eventstore.ErrConflict); err != nil {
						return err
					}
				}
			}
			_, err := s.Append(ctx, "none", 1, event("x"))
			all, rerr := read(ctx, s, "a", 0)
			return errors.Join(is("Append at 1 to no stream", err, eventstore.ErrConflict), rerr, are(all, "a", 1, first...))
		},
	},
	{
		name: "no stream",
		says: "NoStream: the stream has no events",
		check: func(ctx context.Context, s eventstore.Log, _ pace) error {
			if _, err := add(ctx, s, "a", eventstore.NoStream, event("1")); err != nil {
				return err
			}
			_, err := s.Append(ctx, "a", eventstore.NoStream, event("2"))
			_, err2 := s.Append(ctx, "a", eventstore.NoStream, numbered("b", 2)...)
			all, rerr := read(ctx, s, "a", 0)
			return errors.Join(is("Append at NoStream to a stream", err, eventstore.ErrConflict), is("Append of two", err2, eventstore.ErrConflict), rerr, are(all, "a", 1, event("1")))
		},
	},
	{
		name: "any version",
		says: "Any: whatever the version is",
		check: func(ctx context.Context, s eventstore.Log, _ pace) error {
			evs := numbered("a", 4)
			for i, want := range []eventstore.Version{1, 3, 4} {
				part := [][]events.Event{evs[:1], evs[1:3], evs[3:]}[i]
				if done, err := add(ctx, s, "a", eventstore.Any, part...); err != nil || done.Version != want {
					return errors.Join(err, fmt.Errorf("Append at Any returned version %d, want %d", done.Version, want))
				}
			}
			all, err := read(ctx, s, "a", 0)
			return errors.Join(err, are(all, "a", 1, evs...))
		},
	},
	{
		name: "without events",
		says: "Without evs it only checks",
		check: func(ctx context.Context, s eventstore.Log, _ pace) error {
			_, err1 := add(ctx, s, "a", 0)
			_, err2 := read(ctx, s, "a", 0)
			_, err3 := s.Append(ctx, "a", 1)
			if err := errors.Join(err1, is("Read of a stream that nothing was appended to", err2, eventstore.ErrNoStream), is("check for 1 of no stream", err3, eventstore.ErrConflict)); err != nil {
				return err
			}
			_, err4 := add(ctx, s, "a", 0, numbered("a", 2)...)
			done, err5 := s.Append(ctx, "a", eventstore.Any)
			_, err6 := add(ctx, s, "a", 2)
			_, err7 := s.Append(ctx, "a", 0)
			if done != (eventstore.Appended{Version: 2}) {
				err5 = errors.Join(err5, fmt.Errorf("check of a stream at 2 returned %+v", done))
			}
			return errors.Join(err4, err5, err6, is("check for NoStream", err7, eventstore.ErrConflict))
		},
	},
	{
		name: "all or none",
		says: "Append adds evs to a stream, all or none of them; what Check refuses is its error",
		check: func(ctx context.Context, s eventstore.Log, _ pace) error {
			evs := numbered("a", 3)
			evs[2].Type = "not a type"
			_, err := s.Append(ctx, "a", 0, evs...)
			_, rerr := read(ctx, s, "a", 0)
			return errors.Join(is("Append of an invalid event", err, events.ErrInvalid), is("Read", rerr, eventstore.ErrNoStream))
		},
	},
	{
		name: "many events at once",
		says: "Append adds evs to a stream, all or none of them",
		check: func(ctx context.Context, s eventstore.Log, p pace) error {
			evs := numbered("a", 2500)
			if _, err := add(ctx, s, "a", 0, event("a-0")); err != nil {
				return err
			}
			_, err := s.Append(ctx, "a", 0, evs...)
			if err := is("Append of 2500 at 0 to a stream at 1", err, eventstore.ErrConflict); err != nil {
				return err
			}
			done, err := add(ctx, s, "a", 1, evs...)
			if err != nil {
				return err
			}
			all, err := read(ctx, s, "a", 1)
			if err := errors.Join(err, are(all, "a", 2, evs...)); err != nil {
				return err
			}
			if last := all[len(all)-1].Position; last != done.Position {
				return fmt.Errorf("Append returned position %q, but the last event has %q", done.Position, last)
			}
			_, err = everything(ctx, s, "", 2501, p)
			return err
		},
	},
	{
		name: "the same event again",
		says: "IDs are not compared: who appends the same event again, appends it again",
		check: func(ctx context.Context, s eventstore.Log, _ pace) error {
			_, err1 := add(ctx, s, "a", 0, event("1"), event("1"))
			_, err2 := add(ctx, s, "b", 0, event("1"))
			all, err3 := read(ctx, s, "a", 0)
			return errors.Join(err1, err2, err3, are(all, "a", 1, event("1"), event("1")))
		},
	},
	{
		name: "invalid arguments",
		says: "stream names that CheckStream refuses, and versions below Any, are an error wrapping ErrInvalid",
		check: func(ctx context.Context, s eventstore.Log, _ pace) error {
			for _, name := range []string{"", "a\x00b", "a\nb", "\xff", strings.Repeat("a", 256)} {
				_, err1 := s.Append(ctx, name, eventstore.Any, event("1"))
				_, err2 := s.Append(ctx, name, eventstore.Any)
				_, err3 := collect(s.Read(ctx, name, 0))
				op := fmt.Sprintf(" of stream %.10q", name)
				if err := errors.Join(is("Append"+op, err1, eventstore.ErrInvalid), is("Append"+op, err2, eventstore.ErrInvalid), is("Read"+op, err3, eventstore.ErrInvalid)); err != nil {
					return err
				}
			}
			_, err := s.Append(ctx, "a", -2, event("1"))
			_, err2 := add(ctx, s, strings.Repeat("ö", 127), 0, event("1"))
			return errors.Join(is("Append at -2", err, eventstore.ErrInvalid), err2)
		},
	},
	{
		name: "a context that has ended",
		says: "a ctx that has ended is an error wrapping its cause from every method and loop, before any effect",
		check: func(ctx context.Context, s eventstore.Log, p pace) error {
			if _, err := add(ctx, s, "a", 0, event("1")); err != nil {
				return err
			}
			cause := errors.New("had enough")
			ended, cancel := context.WithCancelCause(ctx)
			cancel(cause)
			_, err1 := s.Append(ended, "a", 1, event("2"))
			_, err2 := collect(s.Read(ended, "a", 0))
			_, err3 := collect(s.ReadAll(ended, ""))
			err := errors.Join(is("Append", err1, cause), is("Read", err2, cause), is("ReadAll", err3, cause), is("Wait", s.Wait(ended, ""), cause))
			if err != nil {
				return err
			}
			_, err = everything(ctx, s, "", 1, p)
			return err
		},
	},
}
