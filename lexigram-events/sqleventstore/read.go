package sqleventstore

import (
	"context"
	"iter"

	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-events/internal/eventrow"
)

// Events are read page by page: no rows stay open while the body of a loop runs,
// so it may use the transaction. A page holds as many as are about a mebibyte.
const (
	firstPage   = 64
	largestPage = 1024
	pageBytes   = 1 << 20
)

// nextPage returns how many events to read after recs.
func nextPage(recs []eventstore.Recorded) int {
	bytes := 0
	for i := range recs {
		bytes += len(recs[i].Data) + 256
	}
	return min(max(pageBytes/(bytes/len(recs)), 4), largestPage)
}

// readColumns are those of an event with its place.
func (s *Store) readColumns() string {
	return "SELECT version, stream, " + s.dialect.place + ", " + eventrow.Columns[len("tenant, "):] + " FROM lexigram_event"
}

// Read implements [eventstore.Store], page by page, in the ambient transaction of ctx.
func (s *Store) Read(ctx context.Context, stream string, after eventstore.Version) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		fail := func(err error) { yield(eventstore.Recorded{}, err) }
		if err := eventstore.CheckStream(stream); err != nil {
			fail(err)
			return
		}
		sql := s.readColumns() + " WHERE stream = $1 AND version > $2 ORDER BY version LIMIT $3"
		var recs []eventstore.Recorded
		page := firstPage
		for at, first := max(after, 0), true; ; first = false {
			if err := began(ctx, "read %q", stream); err != nil {
				fail(err)
				return
			}
			var err error
			if recs, err = s.page(ctx, recs[:0], sql, stream, int64(at), page); err != nil {
				fail(eventstore.Err.Wrap(err, "sqleventstore: read %q", stream))
				return
			}
			if first && len(recs) == 0 {
				if err := s.exists(ctx, stream); err != nil {
					fail(err)
				}
				return
			}
			for _, rec := range recs {
				if !yield(rec, nil) {
					return
				}
			}
			if len(recs) < page {
				return
			}
			at, page = recs[len(recs)-1].Version, nextPage(recs)
		}
	}
}

// exists returns an error wrapping [eventstore.ErrNoStream] unless a stream has events.
func (s *Store) exists(ctx context.Context, stream string) error {
	at, err := s.at(ctx, stream)
	switch {
	case err != nil:
		return eventstore.Err.Wrap(err, "sqleventstore: read %q", stream)
	case at == 0:
		return eventstore.ErrNoStream.Wrap(nil, "sqleventstore: read %q", stream)
	}
	return nil
}

// page appends a page of events to recs.
func (s *Store) page(ctx context.Context, recs []eventstore.Recorded, sql string, args ...any) ([]eventstore.Recorded, error) {
	var sc eventrow.Scanner
	var rec eventstore.Recorded
	var p place
	dest := sc.Dest(&rec.Version, &rec.Stream, &p.epoch, &p.txn, &p.seq)
	scan := func(rows sqldb.Rows) (eventstore.Recorded, error) {
		if err := rows.Scan(dest...); err != nil {
			return rec, err
		}
		var err error
		rec.Event, err = sc.Event()
		rec.Position = p.position()
		return rec, err
	}
	for rec, err := range sqldb.Select(ctx, s.db, scan, sql, args...) {
		if err != nil {
			return nil, err
		}
		recs = append(recs, rec)
	}
	return recs, nil
}

// ReadAll implements [eventstore.AllReader], page by page, in the ambient transaction of
// ctx. What that has appended itself is not settled.
func (s *Store) ReadAll(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		fail := func(err error) { yield(eventstore.Recorded{}, err) }
		at, err := placeOf(after)
		if err != nil {
			fail(err)
			return
		}
		sql := s.readColumns() + " WHERE " + s.dialect.after + s.dialect.settled + " ORDER BY " + s.dialect.order + " LIMIT $4"
		var recs []eventstore.Recorded
		page := firstPage
		for first := true; ; first = false {
			if err := began(ctx, "read all"); err != nil {
				fail(err)
				return
			}
			if recs, err = s.page(ctx, recs[:0], sql, at.epoch, at.txn, at.seq, page); err != nil {
				fail(eventstore.Err.Wrap(err, "sqleventstore: read all"))
				return
			}
			if first && len(recs) == 0 {
				if err := s.reached(ctx, after); err != nil {
					fail(err)
				}
				return
			}
			for _, rec := range recs {
				if !yield(rec, nil) {
					return
				}
			}
			if len(recs) < page {
				return
			}
			at, _ = placeOf(recs[len(recs)-1].Position) // which is one of ours
			page = nextPage(recs)
		}
	}
}

// reached returns an error wrapping [eventstore.ErrPosition] if a position was
// never given here.
func (s *Store) reached(ctx context.Context, pos eventstore.Position) error {
	if pos == "" {
		return nil
	}
	at, err := placeOf(pos)
	if err != nil {
		return err
	}
	var ahead bool
	err = sqldb.QueryRow(ctx, s.db, s.dialect.ahead, at.epoch, at.txn, at.seq).Scan(&ahead)
	switch {
	case err != nil:
		return eventstore.Err.Wrap(err, "sqleventstore: read all")
	case ahead:
		return eventstore.ErrPosition.Wrap(nil, "sqleventstore: position %q is ahead of the store", pos)
	}
	return nil
}
