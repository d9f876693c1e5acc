package eventstoretest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/lexigram/lexigram-go/contracts/eventstore"
)

const writers = 8

// each runs fn in that many goroutines and joins their errors.
func each(n int, fn func(i int) error) error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { errs[i] = fn(i) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

var concurrentRules = []rule{
	{
		name: "one winner",
		says: "of several that append to a stream at the version they expect, one does and the others get ErrConflict",
		check: func(ctx context.Context, s eventstore.Log, p pace) error {
			at, total := eventstore.NoStream, 0
			for round := range p.rounds {
				var mu sync.Mutex
				var won []int
				err := each(writers, func(i int) error {
					n := 1 + (i+round)%2
					done, err := s.Append(ctx, "s", at, numbered(fmt.Sprintf("%d-%d", round, i), n)...)
					if err != nil {
						return is("Append", err, eventstore.ErrConflict)
					}
					mu.Lock()
					defer mu.Unlock()
					if won = append(won, n); done.Version != at+eventstore.Version(n) {
						return fmt.Errorf("Append of %d at %d returned version %d", n, at, done.Version)
					}
					return nil
				})
				if err == nil && len(won) != 1 {
					err = fmt.Errorf("%d writers won", len(won))
				}
				if err != nil {
					return fmt.Errorf("round %d: %w", round, err)
				}
				total += won[0]
				at += eventstore.Version(won[0])
			}
			all, err := read(ctx, s, "s", 0)
			if err == nil && (len(all) != total || all[total-1].Version != at) {
				err = fmt.Errorf("%d events after appends of %d", len(all), total)
			}
			return errors.Join(err, ordered(all, ""))
		},
	},
	{
		name: "writers that expect nothing",
		says: "with Any, the events of each Append stand together, at versions of which none is missing",
		check: func(ctx context.Context, s eventstore.Log, p pace) error {
			total := 0
			for i := range writers {
				total += p.rounds / writers * (1 + i%3)
			}
			err := each(writers, func(i int) error {
				for round := range p.rounds / writers {
					if _, err := s.Append(ctx, "s", eventstore.Any, numbered(fmt.Sprintf("%d-%d", i, round), 1+i%3)...); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
			all, err := read(ctx, s, "s", 0)
			if err != nil {
				return err
			}
			if len(all) != total {
				return fmt.Errorf("%d events after appends of %d", len(all), total)
			}
			return together(all)
		},
	},
	{
		name: "nothing appears behind a reader",
		says: "an event shows when no other can come to stand before it",
		check: func(ctx context.Context, s eventstore.Log, p pace) error {
			each1 := p.rounds / writers
			total := 0
			for i := range writers {
				total += each1 * (1 + i%3)
			}
			write := make(chan error, 1)
			go func() {
				write <- each(writers, func(i int) error {
					at := eventstore.NoStream
					for range each1 {
						done, err := add(ctx, s, strconv.Itoa(i), at, numbered("e", 1+i%3)...)
						if err != nil {
							return err
						}
						at = done.Version
					}
					return nil
				})
			}()
			all, err := everything(ctx, s, "", total, p)
			if err := errors.Join(err, <-write); err != nil {
				return err
			}
			again, err := everything(ctx, s, "", total, p)
			for i := range again {
				if err == nil && again[i].Position != all[i].Position {
					err = fmt.Errorf("event %d stands at %q now and was read at %q", i, again[i].Position, all[i].Position)
				}
			}
			return err
		},
	},
}

// together checks that events whose IDs are <append>-<number> come as they were appended.
func together(all []eventstore.Recorded) error {
	last, n := "", 0
	for i, rec := range all {
		if rec.Version != eventstore.Version(i+1) {
			return fmt.Errorf("version %d stands in place %d", rec.Version, i+1)
		}
		cut := strings.LastIndexByte(rec.ID, '-')
		if rec.ID[:cut] != last {
			last, n = rec.ID[:cut], 0
		}
		if n++; rec.ID[cut+1:] != strconv.Itoa(n) {
			return fmt.Errorf("event %s stands in place %d of its append", rec.ID, n)
		}
	}
	return nil
}
