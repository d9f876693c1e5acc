package eventstoretest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lexigram/lexigram-go/contracts/eventstore"
)

var logRules = []rule{
	{
		name: "all streams are one sequence",
		says: "ReadAll yields the events after a position, in order, and each stream is in the order of its versions",
		check: func(ctx context.Context, s eventstore.Log, p pace) error {
			var want []string
			for i := range 30 {
				stream := string(rune('a' + i%3))
				evs := numbered(fmt.Sprint(i), 1+i%2)
				if _, err := add(ctx, s, stream, eventstore.Any, evs...); err != nil {
					return err
				}
				for _, ev := range evs {
					want = append(want, ev.ID)
				}
			}
			all, err := everything(ctx, s, "", len(want), p)
			if err != nil {
				return err
			}
			for i, rec := range all {
				if rec.ID != want[i] { // each was appended when the one before it had been
					return fmt.Errorf("event %d is %s, want %s", i, rec.ID, want[i])
				}
				if err := same(rec.Event, event(want[i])); err != nil {
					return err
				}
			}
			return nil
		},
	},
	{
		name: "read on after a position",
		says: "whoever goes on from the last position that was yielded misses nothing and meets nothing twice",
		check: func(ctx context.Context, s eventstore.Log, p pace) error {
			if _, err := add(ctx, s, "a", 0, numbered("a", 12)...); err != nil {
				return err
			}
			all, err := everything(ctx, s, "", 12, p)
			if err != nil {
				return err
			}
			for i, rec := range all {
				rest, err := everything(ctx, s, rec.Position, 11-i, p)
				if err == nil {
					err = are(rest, "a", rec.Version+1, numbered("a", 12)[i+1:]...)
				}
				if err != nil {
					return fmt.Errorf("after %q: %w", rec.Position, err)
				}
			}
			return nil
		},
	},
	{
		name: "positions are told",
		says: "Appended.Position is that of the last event that was appended",
		check: func(ctx context.Context, s eventstore.Log, p pace) error {
			var told []eventstore.Position
			for i, n := range []int{1, 3, 1} {
				done, err := add(ctx, s, string(rune('a'+i)), 0, numbered("e", n)...)
				if err != nil {
					return err
				}
				told = append(told, done.Position)
			}
			all, err := everything(ctx, s, "", 5, p)
			if err != nil {
				return err
			}
			for i, at := range []int{0, 3, 4} {
				if all[at].Position != told[i] {
					return fmt.Errorf("Append told position %q, ReadAll %q", told[i], all[at].Position)
				}
			}
			one, err := read(ctx, s, "b", 2)
			if err == nil && (len(one) != 1 || one[0].Position != told[1]) {
				err = fmt.Errorf("Append told position %q, Read %v", told[1], one)
			}
			return err
		},
	},
	{
		name: "a position of nowhere",
		says: "an error wrapping ErrPosition if after is none of this store",
		check: func(ctx context.Context, s eventstore.Log, p pace) error {
			if _, err := add(ctx, s, "a", 0, event("1")); err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(ctx, p.patience)
			defer cancel()
			for _, pos := range []eventstore.Position{"nowhere", "-1", "'; --", "~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~"} {
				_, err := collect(s.ReadAll(ctx, pos))
				if err := errors.Join(is(fmt.Sprintf("ReadAll(%q)", pos), err, eventstore.ErrPosition), is(fmt.Sprintf("Wait(%q)", pos), s.Wait(ctx, pos), eventstore.ErrPosition)); err != nil {
					return err
				}
			}
			return nil
		},
	},
	{
		name: "wait for what is there",
		says: "Wait returns nil when ReadAll from the position may have something to yield: at once if it has",
		check: func(ctx context.Context, s eventstore.Log, p pace) error {
			if _, err := add(ctx, s, "a", 0, event("1")); err != nil {
				return err
			}
			if _, err := everything(ctx, s, "", 1, p); err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(ctx, p.patience)
			defer cancel()
			return s.Wait(ctx, "")
		},
	},
	{
		name: "wait for what comes",
		says: "Wait returns nil soon after ReadAll has something to yield",
		check: func(ctx context.Context, s eventstore.Log, p pace) error {
			ctx, cancel := context.WithTimeout(ctx, p.patience)
			defer cancel()
			got := make(chan error, 1)
			go func() {
				_, err := everything(ctx, s, "", 1, p)
				got <- err
			}()
			time.Sleep(p.tick)
			if _, err := add(ctx, s, "a", 0, event("1")); err != nil {
				return err
			}
			return <-got
		},
	},
	{
		name: "leaving a wait",
		says: "Wait returns the cause of ctx when that ends, and nil without reason only now and then",
		check: func(ctx context.Context, s eventstore.Log, p pace) error {
			cause := errors.New("had enough")
			leaving, cancel := context.WithCancelCause(ctx)
			defer cancel(nil)
			done := make(chan error, 1)
			go func() { done <- waitOut(leaving, s) }()
			time.Sleep(p.tick)
			cancel(cause)
			select {
			case err := <-done:
				return is("Wait", err, cause)
			case <-time.After(p.patience):
				return errors.New("Wait does not return when ctx ends")
			}
		},
	},
	{
		name: "subscribe",
		says: "Subscribe yields the events after a position and goes on with those to come",
		check: func(ctx context.Context, s eventstore.Log, p pace) error {
			ctx, cancel := context.WithTimeout(ctx, p.patience)
			defer cancel()
			first, err := add(ctx, s, "a", 0, event("a-0"))
			if err != nil {
				return err
			}
			added := make(chan error, 1)
			go func() {
				for i, ev := range numbered("a", 20) {
					if _, err := add(ctx, s, "a", eventstore.Version(i+1), ev); err != nil {
						added <- err
						return
					}
				}
				added <- nil
			}()
			n := 0
			for rec, err := range eventstore.Subscribe(ctx, s, first.Position) {
				if err != nil {
					return fmt.Errorf("Subscribe: event %d: %w", n, err)
				}
				if n++; rec.ID != fmt.Sprint("a-", n) {
					return fmt.Errorf("Subscribe: event %d is %s", n, rec.ID)
				}
				if n == 20 {
					break
				}
			}
			return <-added
		},
	},
}

// waitOut waits for an event that does not come, until ctx ends.
func waitOut(ctx context.Context, s eventstore.Log) error {
	for n := range 1000 {
		if err := s.Wait(ctx, ""); err != nil {
			return err
		}
		if ctx.Err() != nil && n > 0 {
			break
		}
	}
	return errors.New("Wait returns nil again and again, although there is nothing")
}
