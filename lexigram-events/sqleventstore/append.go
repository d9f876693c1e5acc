package sqleventstore

import (
	"context"
	"errors"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-events/internal/eventrow"
)

// Append implements [eventstore.Store]: in the ambient transaction of ctx, or
// else in one of its own. A transaction that is at least repeatable read fails
// with [sqldb.ErrSerialization], and is tried again, when another appended to the stream since it began.
func (s *Store) Append(ctx context.Context, stream string, expected eventstore.Version, evs ...events.Event) (eventstore.Appended, error) {
	if err := eventstore.Check(stream, expected, evs...); err != nil {
		return eventstore.Appended{}, err
	}
	if err := began(ctx, "append to %q", stream); err != nil {
		return eventstore.Appended{}, err
	}
	for {
		var done eventstore.Appended
		var err error
		if len(evs) > 0 {
			done, err = s.add(ctx, stream, expected, evs)
		}
		if err == nil && done.Version > 0 {
			return done, s.wake(ctx)
		}
		if err != nil && !errors.Is(err, errNotAt) {
			return eventstore.Appended{}, eventstore.Err.Wrap(err, "sqleventstore: append to %q", stream)
		}
		at, err := s.at(ctx, stream)
		switch {
		case err != nil:
			return eventstore.Appended{}, eventstore.Err.Wrap(err, "sqleventstore: append to %q", stream)
		case expected != eventstore.Any && expected != at:
			return eventstore.Appended{}, eventstore.ErrConflict.Wrap(nil, "sqleventstore: append to %q at %d, which is at %d", stream, expected, at)
		case len(evs) == 0:
			return eventstore.Appended{Version: at}, nil
		}
		if err := s.beginEpoch(ctx); err != nil { // or another was quicker than one that expected nothing
			return eventstore.Appended{}, eventstore.Err.Wrap(err, "sqleventstore: begin an epoch")
		}
	}
}

// errNotAt says that nothing was appended, for want of the version or of an epoch.
var errNotAt = errors.New("not at the version")

// add appends if the stream is at the version.
func (s *Store) add(ctx context.Context, stream string, expected eventstore.Version, evs []events.Event) (done eventstore.Appended, err error) {
	if len(evs) == 1 || len(evs) <= few && !ambient(ctx) {
		done, _, err = s.addFew(ctx, stream, expected, evs)
	} else {
		err = s.db.InTx(ctx, func(ctx context.Context) (err error) { // in another one, a savepoint
			done, err = s.addMany(ctx, stream, expected, evs)
			return err
		})
	}
	if s.dialect.conflicts && errors.Is(err, sqldb.ErrUnique) {
		err = errNotAt
	}
	return done, err
}

// ambient reports whether ctx may be in a transaction.
func ambient(ctx context.Context) bool {
	in := true
	sqldb.OnCommit(ctx, func(context.Context) { in = false }) // at once if there is none
	return in
}

// addFew appends with one statement, or returns errNotAt.
func (s *Store) addFew(ctx context.Context, stream string, expected eventstore.Version, evs []events.Event) (done eventstore.Appended, at place, err error) {
	sql := s.insert1
	if len(evs) > 1 {
		sql = s.dialect.insert(len(evs), false)
	}
	args := make([]any, 2, 2+len(evs)*eventrow.Width)
	args[0], args[1] = stream, int64(expected)
	for i := range evs {
		if args, err = eventrow.Append(args, &evs[i], evs[i].Headers); err != nil {
			return done, at, err
		}
	}
	return s.returned(ctx, len(evs), sql, args)
}

// returned runs a statement that appends n events and returns their versions and places.
func (s *Store) returned(ctx context.Context, n int, sql string, args []any) (done eventstore.Appended, last place, err error) {
	rows, err := s.db.Query(ctx, sql, args...)
	if err != nil {
		return done, last, err
	}
	for ; rows.Next(); n-- {
		var v int64
		var p place
		if err := rows.Scan(&v, &p.epoch, &p.txn, &p.seq); err != nil {
			return done, last, err
		}
		if eventstore.Version(v) > done.Version {
			done.Version, last = eventstore.Version(v), p
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return eventstore.Appended{}, last, err
	}
	if n > 0 {
		return eventstore.Appended{}, last, errNotAt
	}
	done.Position = last.position()
	return done, last, nil
}

// addMany appends in steps; what it did must be rolled back if it fails. Once the
// first event is there, others wait for what becomes of it.
func (s *Store) addMany(ctx context.Context, stream string, expected eventstore.Version, evs []events.Event) (eventstore.Appended, error) {
	done, at, err := s.addFew(ctx, stream, expected, evs[:1])
	if err != nil {
		return done, err
	}
	rest := evs[1:]
	if _, ok := s.db.(sqldb.BulkWriter); ok && len(rest) >= bulk {
		return s.addBulk(ctx, stream, done.Version, at, rest)
	}
	n := sqldb.MaxParams / len(s.dialect.restColumns())
	for err == nil && len(rest) > 0 {
		n = min(n, len(rest))
		var args []any
		for i := range rest[:n] {
			if args, err = s.row(args, stream, done.Version+eventstore.Version(i+1), at, &rest[i]); err != nil {
				return done, err
			}
		}
		done, at, err = s.returned(ctx, n, s.dialect.rest(n), args)
		rest = rest[n:]
	}
	return done, err
}

// row appends the values of restColumns to args.
func (s *Store) row(args []any, stream string, v eventstore.Version, at place, ev *events.Event) ([]any, error) {
	args = append(args, stream, int64(v))
	if s.dialect.columns != "" {
		args = append(args, at.epoch, at.txn)
	}
	return eventrow.Append(args, ev, ev.Headers)
}

// bulk is from how many events on a [sqldb.BulkWriter] is the quicker one.
const bulk = 200

// addBulk appends behind the event that is at a version and a place.
func (s *Store) addBulk(ctx context.Context, stream string, after eventstore.Version, at place, evs []events.Event) (done eventstore.Appended, err error) {
	last := after + eventstore.Version(len(evs))
	_, err = sqldb.Upsert(ctx, s.db, "lexigram_event", s.dialect.restColumns(), nil, func(yield func([]any, error) bool) {
		for i := range evs {
			row, err := s.row(nil, stream, after+eventstore.Version(i+1), at, &evs[i])
			if !yield(row, err) {
				return
			}
		}
	})
	if err != nil {
		return done, err
	}
	var p place
	err = sqldb.QueryRow(ctx, s.db, "SELECT "+s.dialect.place+" FROM lexigram_event WHERE stream = $1 AND version = $2", stream, int64(last)).Scan(&p.epoch, &p.txn, &p.seq)
	return eventstore.Appended{Version: last, Position: p.position()}, err
}

// at returns the version of a stream.
func (s *Store) at(ctx context.Context, stream string) (eventstore.Version, error) {
	var v int64
	err := sqldb.QueryRow(ctx, s.db, "SELECT COALESCE(MAX(version), 0) FROM lexigram_event WHERE stream = $1", stream).Scan(&v)
	return eventstore.Version(v), err
}

// beginEpoch notes that numbers of transactions have another meaning than
// before, if they have: the database is on another server than the one that it
// was dumped from, or takes the place of what came after a backup.
func (s *Store) beginEpoch(ctx context.Context) error {
	if !s.dialect.conflicts {
		return nil
	}
	_, err := s.db.Exec(ctx, "INSERT INTO lexigram_event_epoch (epoch, history) SELECT (SELECT COALESCE(MAX(epoch), 0) + 1 FROM lexigram_event_epoch), h FROM (SELECT "+history+
		" AS h) AS now WHERE NOT EXISTS (SELECT 1 FROM lexigram_event_epoch WHERE history = h) ON CONFLICT DO NOTHING")
	return err
}
