package repotest

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/lexigram/lexigram-go/contracts/filter"
	"github.com/lexigram/lexigram-go/contracts/page"
	"github.com/lexigram/lexigram-go/contracts/repo"
)

// conditions are leaves that backends get wrong, of every field.
func conditions(all []Item) []filter.Filter {
	out := []filter.Filter{
		filter.Cmp{Field: "id", Op: filter.Eq, Value: all[3].ID},
		filter.Cmp{Field: "id", Op: filter.Gt, Value: float64(all[3].ID) + 0.5},
		filter.Cmp{Field: "id", Op: filter.Lt, Value: 1e300},
		filter.Cmp{Field: "rank", Op: filter.Eq, Value: 2.5},
		filter.Cmp{Field: "rank", Op: filter.Ne, Value: 2.5},
		filter.Cmp{Field: "rank", Op: filter.Ne, Value: 3},
		filter.Cmp{Field: "score", Op: filter.Ge, Value: 1},
		filter.Cmp{Field: "score", Op: filter.Lt, Value: int64(1<<53 + 1)},
		filter.Cmp{Field: "active", Op: filter.Eq, Value: true},
		filter.Cmp{Field: "active", Op: filter.Ne, Value: true},
		filter.Cmp{Field: "active", Op: filter.Eq, Value: 1},
		filter.Cmp{Field: "at", Op: filter.Le, Value: noon},
		filter.Cmp{Field: "at", Op: filter.Gt, Value: noon.Local()},
		filter.Cmp{Field: "at", Op: filter.Eq, Value: "2026-03-04"},
		filter.Cmp{Field: "name", Op: filter.Eq, Value: 1},
		filter.Cmp{Field: "name", Op: filter.Ne, Value: true},
		filter.In{Field: "name"},
		filter.In{Field: "rank", Values: []any{1, 2.0, 2.5, "3"}},
		filter.In{Field: "name", Values: []any{"A", "é", "50%", 1}},
		filter.In{Field: "at", Values: []any{noon}},
		filter.Exists{Field: "rank"},
		filter.Exists{Field: "name"},
		filter.Substring{Field: "rank", Value: "1"},
		filter.And{},
		filter.Or{},
	}
	for _, n := range names {
		out = append(out, filter.Cmp{Field: "name", Op: filter.Eq, Value: n}, filter.Cmp{Field: "name", Op: filter.Lt, Value: n}, filter.Substring{Field: "name", Value: n})
	}
	return append(out, filter.Substring{Field: "name", Value: "%"}, filter.Substring{Field: "name", Value: "_"}, filter.Substring{Field: "name", Value: `\`})
}

var findRules = []rule{
	{
		name: "conditions",
		says: "Conditions are those of contracts/filter, and a missing field is a NULL",
		check: func(ctx context.Context, r Items) error {
			all, err := fill(ctx, r, 40)
			if err != nil {
				return err
			}
			leaves := conditions(all)
			for i, f := range leaves {
				other := leaves[(i*7+3)%len(leaves)]
				for _, f := range []filter.Filter{
					f, filter.Not{Filter: f}, filter.Not{Filter: filter.And{f, filter.Not{Filter: other}}}, filter.Or{filter.And{f, other}, filter.Not{Filter: filter.Or{f, other}}},
				} {
					want, err := matching(all, f)
					if err != nil {
						return err
					}
					if err := finds(ctx, r, repo.Query{Where: f}, want); err != nil {
						return err
					}
					if n, err := r.Count(ctx, repo.Query{Where: f}); err != nil || n != int64(len(want)) {
						return fmt.Errorf("Count(%+v) = %d, %w, want %d", f, n, err, len(want))
					}
				}
			}
			return nil
		},
	},
	{
		name: "what is unknown",
		says: "An unknown field, an order that is not allowed and a malformed condition are errors, wherever they are: nothing is dropped",
		check: func(ctx context.Context, r Items) error {
			bad := filter.Cmp{Field: "nothing", Op: filter.Eq, Value: 1}
			for _, c := range []struct {
				q    repo.Query
				want error
			}{
				{repo.Query{Where: bad}, repo.ErrField},
				{repo.Query{Where: filter.Not{Filter: filter.Or{filter.Exists{Field: "id"}, filter.And{bad}}}}, repo.ErrField},
				{repo.Query{Where: filter.Or{filter.And{}, filter.In{Field: "name; DROP TABLE items"}}}, filter.Err},
				{repo.Query{Where: filter.Cmp{Field: "name", Op: "like", Value: "a"}}, filter.Err},
				{repo.Query{Where: filter.Cmp{Field: "name", Op: filter.Eq, Value: struct{}{}}}, filter.Err},
				{repo.Query{Sort: []repo.Sort{{Field: "nothing"}}}, repo.ErrField},
				{repo.Query{Sort: []repo.Sort{{Field: "active"}}}, repo.ErrField},
				{repo.Query{Sort: []repo.Sort{{Field: "name"}, {Field: "name", Desc: true}}}, repo.ErrField},
				{repo.Query{Offset: -1}, page.ErrOffset},
				{repo.Query{Limit: -1}, page.ErrLimit},
			} {
				_, errFind := find(ctx, r, c.q)
				_, errCount := r.Count(ctx, c.q)
				if !errors.Is(errFind, c.want) || !errors.Is(errCount, c.want) {
					return fmt.Errorf("Find and Count(%+v) = %w and %w, want %w", c.q, errFind, errCount, c.want)
				}
			}
			return nil
		},
	},
	{
		name: "order",
		says: "A Sort is by a field, a missing value before all others, text by bytes; then by key",
		check: func(ctx context.Context, r Items) error {
			all, err := fill(ctx, r, 40)
			if err != nil {
				return err
			}
			for _, sort := range orders {
				if err := finds(ctx, r, repo.Query{Sort: sort}, ordered(all, sort)); err != nil {
					return err
				}
			}
			return nil
		},
	},
	{
		name: "offset and limit",
		says: "Offset is how many to skip, Limit how many at most; Count does not mind them",
		check: func(ctx context.Context, r Items) error {
			all, err := fill(ctx, r, 10)
			if err != nil {
				return err
			}
			sort := []repo.Sort{{Field: "score", Desc: true}}
			all = ordered(all, sort)
			for _, c := range []struct{ offset, limit, from, to int }{{0, 3, 0, 3}, {4, 3, 4, 7}, {8, 0, 8, 10}, {8, 5, 8, 10}, {10, 1, 10, 10}, {99, 0, 10, 10}} {
				q := repo.Query{Sort: sort, Offset: c.offset, Limit: c.limit}
				if err := finds(ctx, r, q, all[c.from:c.to]); err != nil {
					return err
				}
				if n, err := r.Count(ctx, q); err != nil || n != 10 {
					return fmt.Errorf("Count(%+v) = %d, %w, want 10", q, n, err)
				}
			}
			return nil
		},
	},
	{
		name: "offset pages",
		says: "FindPage returns the entities of a page and how many there are without its Limit; a Limit that is no page's is page.ErrLimit",
		check: func(ctx context.Context, r Items) error {
			all, err := fill(ctx, r, 10)
			if err != nil {
				return err
			}
			where := filter.Not{Filter: filter.Cmp{Field: "code", Op: filter.Eq, Value: all[9].Code}}
			sort := []repo.Sort{{Field: "score"}} // with ties
			all = ordered(all[:9], sort)
			for _, c := range []struct{ offset, limit, from, to int }{{0, 4, 0, 4}, {4, 4, 4, 8}, {8, 4, 8, 9}, {9, 4, 9, 9}, {99, 4, 9, 9}, {0, 9, 0, 9}, {0, 10, 0, 9}} {
				p, err := repo.FindPage(ctx, r, repo.Query{Where: where, Sort: sort, Offset: c.offset, Limit: c.limit})
				if err != nil || p.Items == nil || !slices.Equal(keys(p.Items), keys(all[c.from:c.to])) || p.Total != 9 || p.Offset != (page.Offset{Offset: c.offset, Limit: c.limit}) {
					return fmt.Errorf("FindPage(%+v) = %v of %d, %w, want %v of 9", c, keys(p.Items), p.Total, err, keys(all[c.from:c.to]))
				}
			}
			for _, limit := range []int{0, -1, page.MaxLimit + 1} {
				if _, err := repo.FindPage(ctx, r, repo.Query{Limit: limit}); !errors.Is(err, page.ErrLimit) {
					return fmt.Errorf("FindPage with Limit %d = %w, want page.ErrLimit", limit, err)
				}
			}
			if _, err := repo.FindPage(ctx, r, repo.Query{Offset: -1, Limit: 1}); !errors.Is(err, page.ErrOffset) {
				return fmt.Errorf("FindPage with Offset -1 = %w, want page.ErrOffset", err)
			}
			return nil
		},
	},
	{
		name: "a context that has ended",
		says: "A ctx that has ended is an error wrapping its cause, which comes once, and then nothing has changed",
		check: func(ctx context.Context, r Items) error {
			all, err := fill(ctx, r, 2)
			if err != nil {
				return err
			}
			cause := errors.New("the caller left")
			gone, cancel := context.WithCancelCause(ctx)
			cancel(cause)
			calls := 0
			var errFind error
			for i, err := range r.Find(gone, repo.Query{}) {
				calls++
				errFind = err
				if i.ID != 0 {
					return fmt.Errorf("Find yields %s with the error", show(i))
				}
			}
			_, errGet := r.Get(gone, all[0].ID)
			_, errCount := r.Count(gone, repo.Query{})
			_, errDelete := r.Delete(gone, all[0].ID)
			update, made := all[0], item(9)
			update.Name = "changed"
			for method, err := range map[string]error{"Find": errFind, "Get": errGet, "Count": errCount, "Delete": errDelete, "Save": r.Save(gone, &update), "Save of a new one": r.Save(gone, &made)} {
				if !errors.Is(err, cause) || calls != 1 {
					return fmt.Errorf("%s with a context that has ended = %w, want its cause, once", method, err)
				}
			}
			if update.Version != 1 || made.ID != 0 {
				return fmt.Errorf("the entities have changed: %s, %s", show(update), show(made))
			}
			return errors.Join(holds(ctx, r, all[0]), finds(ctx, r, repo.Query{}, all))
		},
	},
	{
		name: "leaving a loop",
		says: "Find yields the entities as they are read; leaving the loop ends it",
		check: func(ctx context.Context, r Items) error {
			all, err := fill(ctx, r, 3)
			if err != nil {
				return err
			}
			for range r.Find(ctx, repo.Query{}) {
				break
			}
			return finds(ctx, r, repo.Query{}, all)
		},
	},
}

// orders are of every kind of field, of those that may be missing, of ties, and of several directions.
var orders = [][]repo.Sort{
	nil,
	{{Field: "id", Desc: true}},
	{{Field: "name"}},
	{{Field: "name", Desc: true}},
	{{Field: "rank"}},
	{{Field: "rank", Desc: true}},
	{{Field: "score"}, {Field: "rank", Desc: true}},
	{{Field: "rank"}, {Field: "name", Desc: true}, {Field: "id", Desc: true}},
	{{Field: "at", Desc: true}, {Field: "score"}},
	{{Field: "at"}, {Field: "code"}},
}
