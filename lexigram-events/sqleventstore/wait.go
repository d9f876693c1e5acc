package sqleventstore

import (
	"context"
	"errors"
	"time"

	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// soonest is after what time Wait looks again for what is there and not settled.
const soonest = 5 * time.Millisecond

// Wait implements [eventstore.AllReader]. It is outside the ambient transaction of ctx.
func (s *Store) Wait(ctx context.Context, after eventstore.Position) error {
	at, err := placeOf(after)
	if err != nil {
		return err
	}
	out := sqldb.Detach(ctx)
	timer := time.NewTimer(s.opts.Poll)
	defer timer.Stop()
	for soon := soonest; ; {
		if err := began(ctx, "wait"); err != nil {
			return err
		}
		changed := s.change() // before looking
		there, settled, err := s.there(out, at)
		switch {
		case err != nil:
			return eventstore.Err.Wrap(err, "sqleventstore: wait")
		case settled:
			return nil
		case !there:
			if err := s.reached(out, after); err != nil {
				return err
			}
		}
		pause := s.opts.Poll
		if there { // an open transaction holds it back, whose end wakes nobody
			pause, soon = min(pause, soon), min(2*soon, pause)
		}
		timer.Reset(pause)
		select {
		case <-changed:
		case <-timer.C:
		case <-ctx.Done():
		}
	}
}

// there reports whether there are events after a place, and settled ones.
func (s *Store) there(ctx context.Context, at place) (there, settled bool, err error) {
	from := "EXISTS (SELECT 1 FROM lexigram_event WHERE " + s.dialect.after
	err = sqldb.QueryRow(ctx, s.db, "SELECT "+from+"), "+from+s.dialect.settled+")", at.epoch, at.txn, at.seq).Scan(&there, &settled)
	return there, settled, err
}

// change returns what is closed by the next commit that the store hears of.
func (s *Store) change() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.changed == nil {
		s.changed = make(chan struct{})
	}
	return s.changed
}

// announce wakes who waits.
func (s *Store) announce() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.changed != nil {
		close(s.changed)
		s.changed = nil
	}
}

// wake wakes who waits, here and elsewhere, when the transaction of ctx has
// committed. Only what fails inside one is an error.
func (s *Store) wake(ctx context.Context) error {
	in := true
	sqldb.OnCommit(ctx, func(context.Context) { in = false; s.announce() })
	l, ok := s.db.(sqldb.Listener)
	if !ok {
		return nil
	}
	err := l.Notify(ctx, channel)
	if err == nil || errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	if in {
		return eventstore.Err.Wrap(err, "sqleventstore: notify")
	}
	s.opts.Logger.Warn("sqleventstore: others were not told of events, and will find them when they poll", "error", err)
	return nil
}

// Run wakes Wait when others commit, on a database that notifies, until ctx ends,
// and returns its cause then. Without it Wait polls. On a database that does not
// notify it does nothing until then. One that cannot be reached is an error at first, and waited for later.
func (s *Store) Run(ctx context.Context) error {
	if err := began(ctx, "run"); err != nil {
		return err
	}
	var notes <-chan struct{}
	if l, ok := s.db.(sqldb.Listener); ok {
		var err error
		if notes, err = l.Listen(sqldb.Detach(ctx), channel); err != nil && !errors.Is(err, errors.ErrUnsupported) {
			return eventstore.Err.Wrap(err, "sqleventstore: listen")
		}
	}
	for {
		select {
		case _, ok := <-notes:
			if !ok {
				notes = nil
			}
			s.announce()
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
