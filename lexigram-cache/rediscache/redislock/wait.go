package redislock

import (
	"context"
	"errors"
	"time"

	"github.com/lexigram/lexigram-go/contracts/lock"
)

// Wait returns when nobody holds name, or with the cause of ctx; see [lock.Waiter].
// It is woken by the message that Release sends, and by the end of the lease; it
// does not poll. All who wait are woken, and whoever is first acquires. If the
// connection is lost it returns an error of package redisclient at once, since messages were.
func (s *Store) Wait(ctx context.Context, name string) error {
	if err := check(ctx, "wait for", name, name, time.Hour); err != nil {
		return err
	}
	if err := s.wait(ctx, name); err != nil {
		return fault(ctx, err, "wait for", name)
	}
	return nil
}

func (s *Store) wait(ctx context.Context, name string) error {
	t, err := s.hub.join(ctx, s.space+name)
	if err != nil {
		return err
	}
	defer s.hub.leave(t)
	select {
	case <-t.ready: // so that no message from here on is missed
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	for {
		freed, err := s.hub.next(t)
		if err != nil {
			return err
		}
		_, left, err := s.inspect(ctx, name)
		if errors.Is(err, lock.ErrFree) {
			return nil
		} else if err != nil {
			return err
		}
		end := time.NewTimer(max(left, time.Millisecond))
		select {
		case <-freed:
			end.Stop()
			_, err := s.hub.next(t)
			return err
		case <-ctx.Done():
			end.Stop()
			return context.Cause(ctx)
		case <-end.C: // unless it was extended
		}
	}
}

// Close ends every Wait and what they share. It is idempotent and returns nil. The
// other methods work until the client is closed.
func (s *Store) Close() error {
	s.hub.close()
	return nil
}
