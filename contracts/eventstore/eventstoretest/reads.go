package eventstoretest

import (
	"context"
	"errors"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/eventstore"
)

var readRules = []rule{
	{
		name: "read after a version",
		says: "Read yields the events of a stream after a version, oldest first",
		check: func(ctx context.Context, s eventstore.Log, _ pace) error {
			evs := numbered("a", 5)
			if _, err := add(ctx, s, "a", 0, evs...); err != nil {
				return err
			}
			for after := range eventstore.Version(6) {
				all, err := read(ctx, s, "a", after)
				if err := errors.Join(err, are(all, "a", after+1, evs[after:]...)); err != nil {
					return fmt.Errorf("after %d: %w", after, err)
				}
			}
			return nil
		},
	},
	{
		name: "no such stream",
		says: "one wrapping ErrNoStream if the stream has no events at all",
		check: func(ctx context.Context, s eventstore.Log, _ pace) error {
			if _, err := add(ctx, s, "a", 0, event("1")); err != nil {
				return err
			}
			_, err1 := read(ctx, s, "b", 0)
			_, err2 := read(ctx, s, "b", 7)
			all, err3 := read(ctx, s, "a", 7)
			return errors.Join(is("Read of no stream", err1, eventstore.ErrNoStream), is("Read of no stream after 7", err2, eventstore.ErrNoStream), err3, are(all, "a", 8))
		},
	},
	{
		name: "streams are apart",
		says: "Read yields the events of a stream",
		check: func(ctx context.Context, s eventstore.Log, _ pace) error {
			names := []string{"a", "A", "a ", " a", "a.b", "a%", "a_", "ä", "a\u0308", "a*", "a/b", "a>"}
			for i, n := range names {
				if _, err := add(ctx, s, n, 0, numbered(n, i+1)...); err != nil {
					return err
				}
			}
			for i, n := range names {
				all, err := read(ctx, s, n, 0)
				if err := errors.Join(err, are(all, n, 1, numbered(n, i+1)...)); err != nil {
					return err
				}
			}
			return nil
		},
	},
	{
		name: "leaving a loop",
		says: "Read yields the events each time it is ranged over",
		check: func(ctx context.Context, s eventstore.Log, _ pace) error {
			evs := numbered("a", 700)
			if _, err := add(ctx, s, "a", 0, evs...); err != nil {
				return err
			}
			seq, every := s.Read(ctx, "a", 0), s.ReadAll(ctx, "")
			for range 40 { // a connection or a lock that stays held is missed soon
				for range seq {
					break
				}
				for range every {
					break
				}
			}
			all, err := collect(seq)
			return errors.Join(err, are(all, "a", 1, evs...))
		},
	},
	{
		name: "the loop uses the store",
		says: "the body of the loop may use the store",
		check: func(ctx context.Context, s eventstore.Log, p pace) error {
			if _, err := add(ctx, s, "a", 0, numbered("a", 300)...); err != nil {
				return err
			}
			if _, err := everything(ctx, s, "", 300, p); err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(ctx, p.patience)
			defer cancel()
			for _, seq := range []func() error{
				func() error { return copyEach(ctx, s, "b", s.Read(ctx, "a", 297)) },
				func() error { return copyEach(ctx, s, "c", s.ReadAll(ctx, "")) },
			} {
				done := make(chan error, 1)
				go func() { done <- seq() }()
				select {
				case err := <-done:
					if err != nil {
						return err
					}
				case <-ctx.Done():
					return errors.New("a loop whose body appends does not go on")
				}
			}
			all, err := read(ctx, s, "b", 0)
			if err == nil && len(all) != 3 {
				err = fmt.Errorf("%d events were copied, want 3", len(all))
			}
			return err
		},
	},
}

// copyEach appends the events of seq, from within the loop over it, but not
// those that it appended itself.
func copyEach(ctx context.Context, s eventstore.Log, to string, seq func(func(eventstore.Recorded, error) bool)) error {
	for rec, err := range seq {
		if err != nil {
			return err
		}
		if rec.Stream == to {
			return nil
		}
		if _, err := s.Append(ctx, to, eventstore.Any, rec.Event); err != nil {
			return err
		}
	}
	return nil
}
