package process

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/saga"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// A sqlBook keeps records in the table of [Migrations]. Their marks are revisions.
type sqlBook struct{ db sqldb.DB }

func itoa(n int) string { return strconv.Itoa(n) }

func (b sqlBook) get(ctx context.Context, id string) (*record, error) {
	for r, err := range sqldb.Select(ctx, b.db, scanRecord, "SELECT record, revision FROM lexigram_saga WHERE id = $1", id) {
		return r, err
	}
	return nil, saga.ErrNotFound.Wrap(nil, "process: instance %q", id)
}

func scanRecord(rows sqldb.Rows) (*record, error) {
	r := new(record)
	var text []byte
	var revision int64
	if err := rows.Scan(&text, &revision); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, r); err != nil {
		return nil, err
	}
	r.mark = strconv.AppendInt(nil, revision, 10)
	return r, nil
}

// columnsOf returns what the table has of r beside its ID and its revision.
func columnsOf(r *record) ([]any, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	var due *int64
	if at, ok := r.due(); ok {
		due = &at
	}
	return []any{r.Saga, kindOf(r.Saga, r.Version), string(r.Status), due, r.Began, r.Changed, text}, nil
}

func (b sqlBook) create(ctx context.Context, r *record) error {
	columns, err := columnsOf(r)
	if err != nil {
		return err
	}
	n, err := b.db.Exec(ctx, `INSERT INTO lexigram_saga (id, revision, saga, kind, status, due_at, began_at, changed_at, record)
		VALUES ($1, 1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING`, append([]any{r.ID}, columns...)...)
	if err == nil && n == 0 {
		err = saga.ErrExists.Wrap(nil, "process: instance %q", r.ID)
	}
	return err
}

func (b sqlBook) swap(ctx context.Context, old, next *record) error {
	revision, err := strconv.ParseInt(string(old.mark), 10, 64)
	if err != nil {
		return err
	}
	columns, err := columnsOf(next)
	if err != nil {
		return err
	}
	n, err := b.db.Exec(ctx, `UPDATE lexigram_saga SET revision = revision + 1, saga = $3, kind = $4, status = $5, due_at = $6, began_at = $7, changed_at = $8, record = $9
		WHERE id = $1 AND revision = $2`, append([]any{old.ID, revision}, columns...)...)
	switch {
	case err != nil:
		return err
	case n == 0:
		return errChanged
	}
	next.mark = strconv.AppendInt(nil, revision+1, 10)
	return nil
}

func (b sqlBook) ready(ctx context.Context, now time.Time, kinds []string, n int) (ids []string, err error) {
	args := []any{now.UnixMicro(), n}
	in := placeholders(&args, kinds)
	scan := func(rows sqldb.Rows) (id string, err error) { return id, rows.Scan(&id) }
	for id, err := range sqldb.Select(ctx, b.db, scan, "SELECT id FROM lexigram_saga WHERE due_at <= $1 AND kind IN ("+in+") ORDER BY due_at LIMIT $2", args...) {
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// placeholders adds values to args and returns their placeholders.
func placeholders[S ~string](args *[]any, values []S) string {
	var in []string
	for _, v := range values {
		*args = append(*args, string(v))
		in = append(in, "$"+itoa(len(*args)))
	}
	return strings.Join(in, ",")
}

// listPage is how many records list reads at once, so that no rows stay open in the loop's body.
const listPage = 100

func (b sqlBook) list(ctx context.Context, f saga.Filter) iter.Seq2[*record, error] {
	return func(yield func(*record, error) bool) {
		if f.Status != nil && len(f.Status) == 0 {
			return
		}
		began, id := int64(-1<<62), ""
		for {
			args := []any{began, id, f.Saga, listPage}
			sql := `SELECT record, revision FROM lexigram_saga WHERE (began_at > $1 OR began_at = $1 AND id > $2) AND ($3 = '' OR saga = $3)
				AND status IN (` + placeholders(&args, statusesOf(f)) + `) ORDER BY began_at, id LIMIT $4`
			var page []*record
			for r, err := range sqldb.Select(ctx, b.db, scanRecord, sql, args...) {
				if err != nil {
					yield(nil, err)
					return
				}
				page = append(page, r)
			}
			for _, r := range page {
				if !yield(r, nil) {
					return
				}
				began, id = r.Began, r.ID
			}
			if len(page) < listPage {
				return
			}
		}
	}
}

func (b sqlBook) purge(ctx context.Context, before time.Time) (total int64, err error) {
	for {
		n, err := b.db.Exec(ctx, `DELETE FROM lexigram_saga WHERE id IN (SELECT id FROM lexigram_saga
			WHERE status IN ('completed', 'compensated') AND changed_at < $1 ORDER BY changed_at LIMIT 500)`, before.UnixMicro())
		if total += n; err != nil || n < 500 {
			return total, err
		}
	}
}

func (b sqlBook) atomically(ctx context.Context, fn func(ctx context.Context) error) error {
	return b.db.InTx(ctx, fn)
}

// channel is what workers listen on where the database notifies.
const channel = "lexigram_saga"

func (b sqlBook) notify(ctx context.Context, wake func()) error {
	sqldb.OnCommit(ctx, func(context.Context) { wake() })
	l, ok := b.db.(sqldb.Listener)
	if !ok {
		return nil
	}
	if err := l.Notify(ctx, channel); !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return nil
}

func (b sqlBook) listen(ctx context.Context) (<-chan struct{}, error) {
	l, ok := b.db.(sqldb.Listener)
	if !ok {
		return nil, nil
	}
	wake, err := l.Listen(ctx, channel)
	if errors.Is(err, errors.ErrUnsupported) {
		return nil, nil
	}
	return wake, err
}
