package sqlqueue

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// claim returns at most n rows that are now the pump's, in order. soon says
// that there may be some in a moment: another pump is claiming, or a
// transaction in progress may yet publish something before them.
func (p *Pump) claim(ctx context.Context, count int64, n int) (rows []row, soon bool, err error) {
	var first int64
	err = sqldb.QueryRow(ctx, p.table.DB, p.table.first, p.opts.Clock.Now().UnixMicro()).Scan(&first)
	if errors.Is(err, sqldb.ErrNoRows) { // most looks end here, without a write
		if p.table.due == "" {
			return nil, false, nil
		}
		err = sqldb.QueryRow(ctx, p.table.DB, p.table.due, p.opts.Clock.Now().UnixMicro()).Scan(&soon)
		return nil, soon, err
	} else if err != nil {
		return nil, false, err
	}
	token := p.name + "/" + strconv.FormatInt(count, 10)
	now := p.opts.Clock.Now()
	scan := func(rs sqldb.Rows) (row, error) {
		var first int64
		r, err := scanRow(rs, &first)
		r.first, r.token = first, token
		return r, err
	}
	for r, err := range sqldb.Select(ctx, p.table.DB, scan, p.table.claim, now.UnixMicro(), token, now.Add(p.opts.Lease).UnixMicro(), n) {
		if err != nil {
			return nil, false, err
		}
		rows = append(rows, r)
	}
	slices.SortFunc(rows, func(a, b row) int { return cmp.Or(cmp.Compare(a.first, b.first), cmp.Compare(a.seq, b.seq)) })
	return rows, len(rows) == 0, nil
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
func (p *Pump) extend(ctx context.Context, token string) (int64, error) {
	return p.table.DB.Exec(ctx, "UPDATE "+p.table.name+" SET hold_until = $2 WHERE owner = $1 AND owner <> ''",
		token, p.opts.Clock.Now().Add(p.opts.Lease).UnixMicro())
}
