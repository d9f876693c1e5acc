package sqllock

import (
	"context"
	"errors"
	"time"

	"github.com/lexigram/lexigram-go/contracts/lock"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// channel is what releases notify.
const channel = "lexigram_locks"

// wake tells those who wait. The name is free whatever becomes of that: who is not
// told asks again, as package lock does. So an error has nobody to go to.
func (s *Store) wake(ctx context.Context) {
	if l, ok := s.db.(sqldb.Listener); ok {
		_ = l.Notify(ctx, channel)
	}
}

// longest is how long Wait waits before it looks again.
const longest = 30 * time.Second

// Wait returns when nobody holds name, or with the cause of ctx; see [lock.Waiter]. It
// hears of a release from any process, and of an end by time. All who wait for the name
// are woken, and whoever is first acquires. All of a Store listen on one connection,
// beside those of the pool, while anybody waits and 10 s longer, or until the database is
// closed. A database that is no [sqldb.Listener] is [errors.ErrUnsupported], and package
// lock asks again and again.
func (s *Store) Wait(ctx context.Context, name string) error {
	if err := check(ctx, "wait for", name, name, time.Hour); err != nil {
		return err
	}
	l, ok := s.db.(sqldb.Listener)
	if !ok {
		return lock.Err.Wrap(errors.ErrUnsupported, "sqllock: wait for %.40q: the database does not notify", name)
	}
	e, w, err := s.waiting.join(ctx, s, l, name) // before looking, so that no release is missed
	if err != nil {
		return lock.Err.Wrap(err, "sqllock: wait for %.40q", name)
	}
	defer s.waiting.leave(e, w)
	for free := false; !free; {
		var left int64
		err := sqldb.QueryRow(sqldb.Detach(ctx), s.db, s.sql.left, []byte(name)).Scan(&left)
		if errors.Is(err, sqldb.ErrNoRows) {
			return nil
		}
		if err == nil {
			free, err = w.wait(ctx, e, time.Duration(min(left+1, longest.Microseconds()))*time.Microsecond)
		}
		if err != nil {
			return lock.Err.Wrap(err, "sqllock: wait for %.40q", name)
		}
	}
	return nil
}
