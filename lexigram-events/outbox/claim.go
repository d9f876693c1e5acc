package outbox

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// claim returns at most n rows that are now this relay's, in order. soon says
// that there may be some in a moment: another relay is claiming, or a
// transaction in progress may yet publish something before them.
func (r *Relay) claim(ctx context.Context, count int64, n int) (rows []row, soon bool, err error) {
	order, now := orderOf(r.db.Dialect()), r.opts.Clock.Now()
	var first int64
	err = sqldb.QueryRow(ctx, r.db, "SELECT seq "+due+order.settled+" ORDER BY "+order.by+" LIMIT 1", now.UnixMicro()).Scan(&first)
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
	now = r.opts.Clock.Now()
	rows, err = collect(ctx, r.db, order.claim, now.UnixMicro(), token, now.Add(r.opts.Lease).UnixMicro(), n)
	for i := range rows {
		rows[i].token = token
	}
	slices.SortFunc(rows, func(a, b row) int { return cmp.Or(cmp.Compare(a.first, b.first), cmp.Compare(a.seq, b.seq)) })
	return rows, err == nil && len(rows) == 0, err
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
	return r.db.Exec(ctx, "UPDATE lexigram_outbox SET hold_until = $2 WHERE owner = $1 AND owner <> ''",
		token, r.opts.Clock.Now().Add(r.opts.Lease).UnixMicro())
}
