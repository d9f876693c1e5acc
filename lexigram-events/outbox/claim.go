package outbox

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// claimable is what may be claimed at the instant $1: nothing of a key of which
// anything is claimed or waits. Because rows are taken in order, whatever of
// the key is earlier is taken with it. The keys that are held are few, so they
// are listed once instead of looked up for every row.
func (o order) claimable() string {
	return due + o.settled + ` ORDER BY ` + o.by
}

const due = `FROM lexigram_outbox WHERE status = 0 AND hold_until <= $1 AND (event_key = '' OR event_key NOT IN
	(SELECT h.event_key FROM lexigram_outbox h WHERE h.status = 0 AND h.hold_until > 0 AND h.hold_until > $1))`

// claim returns at most n rows that are now this relay's, in order. soon says
// that there are none only because a transaction that is in progress may yet
// publish something before them.
func (r *Relay) claim(ctx context.Context, count int64, n int) (rows []row, soon bool, err error) {
	order := orderOf(r.db.Dialect())
	var first int64
	now := r.opts.Clock.Now()
	err = sqldb.QueryRow(ctx, r.db, "SELECT seq "+order.claimable()+" LIMIT 1", now.UnixMicro()).Scan(&first)
	if errors.Is(err, sqldb.ErrNoRows) { // most looks end here, without a write
		if order.settled == "" {
			return nil, false, nil
		}
		err = sqldb.QueryRow(ctx, r.db, "SELECT EXISTS (SELECT 1 "+due+")", now.UnixMicro()).Scan(&soon)
		return nil, soon, err
	} else if err != nil {
		return nil, false, err
	}
	token := r.name + "/" + strconv.FormatInt(count, 10)
	err = r.db.InTx(ctx, func(ctx context.Context) (err error) {
		// The order of keys needs claims to see each other, so they take turns
		// at this row. On SQLite it makes the transaction a writer at once.
		if _, err := r.db.Exec(ctx, "UPDATE lexigram_outbox_claim SET claims = claims + 1 WHERE id = 1"); err != nil {
			return err
		}
		now := r.opts.Clock.Now()
		rows, err = collect(ctx, r.db, "UPDATE lexigram_outbox SET owner = $2, hold_until = $3 WHERE seq IN (SELECT seq "+order.claimable()+" LIMIT $4) RETURNING "+rowColumns+", "+order.first,
			now.UnixMicro(), token, now.Add(r.opts.Lease).UnixMicro(), n)
		return err
	})
	if err != nil {
		return nil, false, err
	}
	for i := range rows {
		rows[i].token = token
	}
	slices.SortFunc(rows, func(a, b row) int { return cmp.Or(cmp.Compare(a.first, b.first), cmp.Compare(a.seq, b.seq)) })
	return rows, false, nil
}

func collect(ctx context.Context, q sqldb.Querier, sql string, args ...any) ([]row, error) {
	var rows []row
	scan := func(rs sqldb.Rows) (row, error) {
		var first int64
		r, err := scanRow(rs, &first)
		r.first = first
		return r, err
	}
	for r, err := range sqldb.Select(ctx, q, scan, sql, args...) {
		if err != nil {
			return nil, err
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// runs splits claimed rows into those that are sent one after another.
func runs(rows []row) [][]row {
	var all [][]row
	of := map[string]int{}
	for _, r := range rows {
		i, ok := of[r.ev.Key]
		if r.ev.Key == "" || !ok {
			i = len(all)
			all = append(all, nil)
			of[r.ev.Key] = i
		}
		all[i] = append(all[i], r)
	}
	return all
}

// extend prolongs the claim and returns how many rows it still holds.
func (r *Relay) extend(ctx context.Context, token string) (int64, error) {
	return r.db.Exec(ctx, "UPDATE lexigram_outbox SET hold_until = $2 WHERE owner = $1 AND status = 0",
		token, r.opts.Clock.Now().Add(r.opts.Lease).UnixMicro())
}
