package sqllock

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"time"

	"github.com/lexigram/lexigram-go/contracts/lock"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// channel returns what a release of name notifies. Names that share one wake each
// other's waiters, who look and wait on.
func channel(name string) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name)) // a hash never fails
	return fmt.Sprintf("lexigram_lock_%016x", h.Sum64())
}

// wake tells those who wait for name. The name is free whatever becomes of that: who
// is not told asks again, as package lock does. So an error has nobody to go to.
func (s *Store) wake(ctx context.Context, name string) {
	if l, ok := s.db.(sqldb.Listener); ok {
		_ = l.Notify(ctx, channel(name))
	}
}

// Wait returns when nobody holds name, or with the cause of ctx; see [lock.Waiter].
// It hears of a release from any process, and of an end by time. All who wait are
// woken, and whoever is first acquires. A database that is no [sqldb.Listener] is
// [errors.ErrUnsupported], and package lock asks again and again.
func (s *Store) Wait(ctx context.Context, name string) error {
	if err := check(ctx, "wait for", name, name, time.Hour); err != nil {
		return err
	}
	l, ok := s.db.(sqldb.Listener)
	if !ok {
		return lock.Err.Wrap(errors.ErrUnsupported, "sqllock: wait for %.40q: the database does not notify", name)
	}
	listening, stop := context.WithCancel(sqldb.Detach(ctx))
	defer stop()
	woken, err := l.Listen(listening, channel(name)) // before looking, so that no release is missed
	for err == nil {
		var left int64
		err = sqldb.QueryRow(listening, s.db, s.sql.left, []byte(name)).Scan(&left)
		if errors.Is(err, sqldb.ErrNoRows) {
			return nil
		}
		if err == nil {
			err = pause(ctx, woken, time.Duration(min(left+1, longest))*time.Microsecond)
		}
	}
	return lock.Err.Wrap(err, "sqllock: wait for %.40q", name)
}

// longest is how many microseconds Wait waits before it looks again: 30 s.
const longest = 30_000_000

var errDeaf = errors.New("the database has stopped listening")

func pause(ctx context.Context, woken <-chan struct{}, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case _, ok := <-woken:
		if ok || ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return errDeaf
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
