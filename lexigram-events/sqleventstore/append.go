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
	if len(evs) == 1 || len(evs) <= perInsert && (!s.dialect.conflicts || !ambient(ctx)) {
		done, err = s.addSome(ctx, stream, expected, evs, len(evs) == 1)
	} else {
		err = s.db.InTx(ctx, func(ctx context.Context) (err error) { // in another one, a savepoint: it may fail
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

// addMany appends in steps; what it did must be rolled back if it fails.
func (s *Store) addMany(ctx context.Context, stream string, expected eventstore.Version, evs []events.Event) (eventstore.Appended, error) {
	n := min(len(evs), perInsert)
	done, err := s.addSome(ctx, stream, expected, evs[:n], true)
	for rest := evs[n:]; err == nil && len(rest) > 0; rest = rest[n:] {
		n = min(len(rest), perInsert)
		done, err = s.addSome(ctx, stream, done.Version, rest[:n], true)
	}
	return done, err
}

// addSome appends what fits into a statement, or returns errNotAt. With skip, some
// may have been appended then.
func (s *Store) addSome(ctx context.Context, stream string, expected eventstore.Version, evs []events.Event, skip bool) (eventstore.Appended, error) {
	sql := s.insert1
	if len(evs) > 1 {
		sql = s.dialect.insert(len(evs), skip && s.dialect.conflicts)
	}
	args := make([]any, 2, 2+len(evs)*eventrow.Width)
	args[0], args[1] = stream, int64(expected)
	for i := range evs {
		var err error
		if args, err = eventrow.Append(args, &evs[i], evs[i].Headers); err != nil {
			return eventstore.Appended{}, err
		}
	}
	rows, err := s.db.Query(ctx, sql, args...)
	if err != nil {
		return eventstore.Appended{}, err
	}
	var done eventstore.Appended
	n := 0
	for ; rows.Next(); n++ {
		var v int64
		var p place
		if err := rows.Scan(&v, &p.epoch, &p.txn, &p.seq); err != nil {
			return done, err
		}
		done = eventstore.Appended{Version: max(done.Version, eventstore.Version(v)), Position: max(done.Position, p.position())}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return eventstore.Appended{}, err
	}
	if n < len(evs) {
		return eventstore.Appended{}, errNotAt
	}
	return done, nil
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
