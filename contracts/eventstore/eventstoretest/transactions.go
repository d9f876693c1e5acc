package eventstoretest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/eventstore"
)

// transactor returns s as one, or says that it is none.
func transactor(s eventstore.Log) (Transactor, error) {
	if tx, ok := s.(Transactor); ok {
		return tx, nil
	}
	return nil, fmt.Errorf("append in a transaction: %w", errors.ErrUnsupported)
}

var transactionRules = []rule{
	{
		name:     "commit",
		says:     "Append adds evs in the ambient transaction: others see them when it commits",
		optional: true,
		check: func(ctx context.Context, s eventstore.Log, p pace) error {
			tx, err := transactor(s)
			if err != nil {
				return err
			}
			outside := ctx
			err = tx.InTx(ctx, func(ctx context.Context) error {
				_, err1 := add(ctx, s, "a", 0, numbered("a", 2)...)
				_, err2 := add(ctx, s, "a", 2, event("a-3"))
				mine, err3 := read(ctx, s, "a", 0)
				err4 := each(1, func(int) error { // in a goroutine that is not the transaction's
					others, err := collect(s.ReadAll(outside, ""))
					if len(others) != 0 {
						err = fmt.Errorf("others see %d events before the commit", len(others))
					}
					return err
				})
				return errors.Join(err1, err2, err3, err4, are(mine, "a", 1, numbered("a", 3)...))
			})
			all, err2 := everything(ctx, s, "", 3, p)
			return errors.Join(err, err2, are(all, "a", 1, numbered("a", 3)...))
		},
	},
	{
		name:     "rollback",
		says:     "Append adds evs in the ambient transaction, and not if it rolls back",
		optional: true,
		check: func(ctx context.Context, s eventstore.Log, p pace) error {
			tx, err := transactor(s)
			if err != nil {
				return err
			}
			boom := errors.New("boom")
			err = tx.InTx(ctx, func(ctx context.Context) error {
				_, err1 := add(ctx, s, "a", 0, event("x"))
				_, err2 := add(ctx, s, "b", 0, numbered("y", 3)...)
				return errors.Join(err1, err2, boom)
			})
			if err := is("InTx", err, boom); err != nil {
				return err
			}
			_, err1 := read(ctx, s, "a", 0)
			if _, err := add(ctx, s, "b", 0, event("b")); err != nil {
				return err
			}
			all, err2 := everything(ctx, s, "", 1, p)
			return errors.Join(is("Read", err1, eventstore.ErrNoStream), err2, are(all, "b", 1, event("b")))
		},
	},
	{
		name:     "a conflict in a transaction",
		says:     "an error wrapping ErrConflict; the ambient transaction then stays usable",
		optional: true,
		check: func(ctx context.Context, s eventstore.Log, p pace) error {
			tx, err := transactor(s)
			if err != nil {
				return err
			}
			if _, err := add(ctx, s, "a", 0, numbered("a", 2)...); err != nil {
				return err
			}
			err = tx.InTx(ctx, func(ctx context.Context) error {
				for n := 1; n <= 3; n++ {
					for _, at := range []eventstore.Version{0, 1, 3} {
						_, err := s.Append(ctx, "a", at, numbered("x", n)...)
						if err := is("Append", err, eventstore.ErrConflict); err != nil {
							return err
						}
					}
				}
				_, err := add(ctx, s, "a", 2, event("a-3"))
				return err
			})
			if err != nil {
				return err
			}
			all, err := everything(ctx, s, "", 3, p)
			return errors.Join(err, are(all, "a", 1, numbered("a", 3)...))
		},
	},
	{
		name:     "a late commit",
		says:     "until no other can come to stand before it, an event does not show, and neither does what is behind it",
		optional: true,
		check: func(ctx context.Context, s eventstore.Log, p pace) error {
			tx, err := transactor(s)
			if err != nil {
				return err
			}
			for _, commit := range []bool{true, false} {
				if err := lateCommit(ctx, s, tx, commit, p); err != nil {
					return fmt.Errorf("commit %v: %w", commit, err)
				}
			}
			return nil
		},
	},
	{
		name:     "a transaction that began before",
		says:     "ReadAll yields each stream in the order of its versions, whichever transaction began first",
		optional: true,
		check: func(ctx context.Context, s eventstore.Log, p pace) error {
			tx, err := transactor(s)
			if err != nil {
				return err
			}
			outside := ctx
			beside := make(chan error, 1)
			err = tx.InTx(ctx, func(ctx context.Context) error {
				if _, err := add(ctx, s, "other", 0, event("1")); err != nil {
					return err
				}
				go func() {
					_, err := add(outside, s, "a", eventstore.Any, event("beside"))
					beside <- err
				}()
				select {
				case err := <-beside:
					beside <- err
				case <-time.After(20 * p.tick): // a store with one writer makes it wait
				}
				_, err := add(ctx, s, "a", eventstore.Any, numbered("a", 2)...)
				return err
			})
			if err := errors.Join(err, <-beside); err != nil {
				return err
			}
			all, err := everything(ctx, s, "", 4, p)
			if err != nil {
				return fmt.Errorf("%w in %s", err, places(all))
			}
			return nil
		},
	},
}

// places says where events are.
func places(all []eventstore.Recorded) string {
	var b strings.Builder
	for _, rec := range all {
		fmt.Fprintf(&b, " %s/%d", rec.Stream, rec.Version)
	}
	return b.String()
}

// lateCommit appends in a transaction, then beside it, which a store with one
// writer makes wait, reads, and only then ends the transaction: what it
// appended must not be behind the reader.
func lateCommit(ctx context.Context, s eventstore.Log, tx Transactor, commit bool, p pace) error {
	stream := fmt.Sprint(commit)
	last, err := collect(s.ReadAll(ctx, ""))
	if err != nil {
		return err
	}
	var after eventstore.Position
	if len(last) > 0 {
		after = last[len(last)-1].Position
	}
	appended, end := make(chan struct{}), make(chan struct{})
	rollback := errors.New("rollback")
	late, beside := make(chan error, 1), make(chan error, 1)
	go func() {
		late <- tx.InTx(ctx, func(ctx context.Context) error {
			_, err := add(ctx, s, "late "+stream, 0, numbered("late", 3)...)
			close(appended)
			<-end
			if !commit {
				return errors.Join(err, rollback)
			}
			return err
		})
	}()
	<-appended
	go func() {
		_, err := add(ctx, s, "beside "+stream, 0, numbered("beside", 2)...)
		beside <- err
	}()
	select {
	case err := <-beside:
		beside <- err
	case <-time.After(20 * p.tick): // a store with one writer makes it wait
	}
	seen, rerr := collect(s.ReadAll(ctx, after))
	close(end)
	err = <-late
	if !commit {
		err = is("InTx", err, rollback)
	}
	if err := errors.Join(err, rerr, <-beside); err != nil {
		return err
	}
	if len(seen) > 0 {
		after = seen[len(seen)-1].Position
	}
	want := 2 - len(seen)
	if commit {
		want += 3
	}
	_, err = everything(ctx, s, after, want, p)
	return err
}
