package outbox

import (
	"context"
	"encoding/json"
	"iter"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// A DeadLetter is an event that a relay gave up.
type DeadLetter struct {
	ID       int64 // for [Outbox.Requeue]
	Event    events.Event
	Reason   string // of the last attempt
	Attempts int
	Time     time.Time // of death
}

// deadPage is how many dead letters are read at once.
const deadPage = 100

// Dead yields the dead letters, oldest event first; an error comes once, last.
// It reads page by page: no rows stay open while the loop's body runs, so it
// may call Requeue, in the same transaction too.
func (o *Outbox) Dead(ctx context.Context) iter.Seq2[DeadLetter, error] {
	return func(yield func(DeadLetter, error) bool) {
		for after := int64(0); ; {
			page, err := o.dead(ctx, after)
			if err != nil {
				yield(DeadLetter{}, events.Err.Wrap(err, "outbox: dead letters"))
				return
			}
			for _, d := range page {
				if !yield(d, nil) {
					return
				}
			}
			if len(page) < deadPage {
				return
			}
			after = page[len(page)-1].ID
		}
	}
}

// dead returns a page of the dead letters after the one with the ID.
func (o *Outbox) dead(ctx context.Context, after int64) ([]DeadLetter, error) {
	scan := func(rows sqldb.Rows) (DeadLetter, error) {
		var d DeadLetter
		var died int64
		r, err := scanRow(rows, &d.Reason, &died)
		d.ID, d.Event, d.Attempts, d.Time = r.seq, r.ev, r.attempts, time.UnixMicro(died).UTC()
		return d, err
	}
	var page []DeadLetter
	for d, err := range sqldb.Select(ctx, o.db, scan,
		"SELECT "+rowColumns+", reason, settled_at FROM lexigram_outbox WHERE status = 2 AND seq > $1 ORDER BY seq LIMIT $2", after, deadPage) {
		if err != nil {
			return nil, err
		}
		page = append(page, d)
	}
	return page, nil
}

// Requeue has the dead letter with the ID sent again, with all attempts, before
// what is unsent of its key. It joins the ambient transaction. An ID that is
// not that of a dead letter is an error wrapping [ErrNoLetter].
func (o *Outbox) Requeue(ctx context.Context, id int64) error {
	n, err := o.db.Exec(ctx, "UPDATE lexigram_outbox SET status = 0, attempts = 0, hold_until = 0, settled_at = 0, created_at = $2 WHERE seq = $1 AND status = 2",
		id, o.opts.Clock.Now().UnixMicro())
	switch {
	case err != nil:
		return events.Err.Wrap(err, "outbox: requeue %d", id)
	case n == 0:
		return ErrNoLetter.Wrap(nil, "outbox: requeue %d", id)
	}
	return o.notify(ctx)
}

// Discard deletes the dead letter with the ID, as if its event had never been
// published. It joins the ambient transaction. An ID that is not that of a dead
// letter is an error wrapping [ErrNoLetter].
func (o *Outbox) Discard(ctx context.Context, id int64) error {
	n, err := o.db.Exec(ctx, "DELETE FROM lexigram_outbox WHERE seq = $1 AND status = 2", id)
	switch {
	case err != nil:
		return events.Err.Wrap(err, "outbox: discard %d", id)
	case n == 0:
		return ErrNoLetter.Wrap(nil, "outbox: discard %d", id)
	}
	return nil
}

const rowColumns = "seq, source, id, event_type, event_key, occurred_at, schema_version, media_type, headers, data, attempts"

// A row is an event in the table.
type row struct {
	seq      int64
	first    int64 // what it is ordered by before seq
	ev       events.Event
	attempts int // that failed
	token    string
}

// scanRow reads rowColumns, and more into the rest.
func scanRow(rows sqldb.Rows, rest ...any) (r row, err error) {
	var at int64
	var headers string
	dest := append([]any{
		&r.seq, &r.ev.Source, &r.ev.ID, &r.ev.Type, &r.ev.Key, &at, &r.ev.Schema,
		&r.ev.Format, &headers, &r.ev.Data, &r.attempts,
	}, rest...)
	if err := rows.Scan(dest...); err != nil {
		return r, err
	}
	r.ev.Time = time.UnixMicro(at).UTC()
	return r, json.Unmarshal([]byte(headers), &r.ev.Headers)
}
