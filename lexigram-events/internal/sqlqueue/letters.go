package sqlqueue

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// A Letter is a dead event.
type Letter struct {
	ID       int64
	Event    events.Event
	Reason   string // of the last attempt
	Attempts int
	Time     time.Time // of death
}

// page is how many dead letters are read at once.
const page = 100

// Dead yields the dead letters, oldest event first; an error comes once, last.
// It reads page by page: no rows stay open while the loop's body runs.
func (t *Table) Dead(ctx context.Context) iter.Seq2[Letter, error] {
	return func(yield func(Letter, error) bool) {
		for after := int64(0); ; {
			found, err := t.deadAfter(ctx, after)
			if err != nil {
				yield(Letter{}, err)
				return
			}
			for _, l := range found {
				if !yield(l, nil) {
					return
				}
			}
			if len(found) < page {
				return
			}
			after = found[len(found)-1].ID
		}
	}
}

func (t *Table) deadAfter(ctx context.Context, after int64) (found []Letter, err error) {
	scan := func(rows sqldb.Rows) (Letter, error) {
		var l Letter
		var died int64
		r, err := scanRow(rows, &l.Reason, &died)
		l.ID, l.Event, l.Attempts, l.Time = r.seq, r.ev, r.attempts, time.UnixMicro(died).UTC()
		return l, err
	}
	for l, err := range sqldb.Select(ctx, t.DB, scan, t.letters, after, page) {
		if err != nil {
			return nil, err
		}
		found = append(found, l)
	}
	return found, nil
}

// Replay has the dead letter wait again, with all attempts, before what waits
// of its key, and reports whether there is one of that ID.
func (t *Table) Replay(ctx context.Context, id int64, now time.Time) (bool, error) {
	n, err := t.DB.Exec(ctx, "UPDATE "+t.name+" SET status = 0, attempts = 0, hold_until = 0, settled_at = 0, created_at = $2 WHERE seq = $1 AND status = 2"+t.mine,
		id, now.UnixMicro())
	return n > 0, err
}

// Discard deletes the dead letter, and reports whether there is one of that ID.
func (t *Table) Discard(ctx context.Context, id int64) (bool, error) {
	n, err := t.DB.Exec(ctx, "DELETE FROM "+t.name+" WHERE seq = $1 AND status = 2"+t.mine, id)
	return n > 0, err
}

// State returns since when the oldest event waits, now if none does, and how many are dead.
func (t *Table) State(ctx context.Context, now time.Time) (oldest time.Time, dead int64, err error) {
	at := now.UnixMicro()
	err = sqldb.QueryRow(ctx, t.DB, t.lag).Scan(&at)
	if err != nil && !errors.Is(err, sqldb.ErrNoRows) {
		return now, 0, err
	}
	err = sqldb.QueryRow(ctx, t.DB, "SELECT COUNT(*) FROM "+t.name+" WHERE status = 2"+t.mine).Scan(&dead)
	return time.UnixMicro(at), dead, err
}

// Unclaim ends every claim, whosever it is, and returns of how many events.
func (t *Table) Unclaim(ctx context.Context) (int64, error) { return t.DB.Exec(ctx, t.unclaim) }

// renumber does what is told at foreignOnPostgres.
func (t *Table) renumber(ctx context.Context) error {
	if t.foreign == "" {
		return nil
	}
	_, err := t.DB.Exec(ctx, t.foreign)
	return err
}

// sweep is how many rows are deleted at once.
const sweep = 500

// Purge deletes, in small batches, what was done before the instant, of all
// queues of the table, and returns how many rows those were.
func (t *Table) Purge(ctx context.Context, before time.Time) (int64, error) {
	return Sweep(ctx, t.DB, t.sweeping, before)
}

// Sweep executes a statement, which deletes 500 rows at most of before $1, until there are no more.
func Sweep(ctx context.Context, db sqldb.DB, sql string, before time.Time) (total int64, err error) {
	for {
		n, err := db.Exec(ctx, sql, before.UnixMicro())
		if err != nil {
			return total, err
		}
		if total += n; n < sweep {
			return total, nil
		}
	}
}
