package repotest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/lexigram/lexigram-go/contracts/filter"
	"github.com/lexigram/lexigram-go/contracts/page"
	"github.com/lexigram/lexigram-go/contracts/repo"
)

// as returns r as an A, or says that it is none.
func as[A any](r Items) (A, error) {
	a, ok := r.(A)
	if !ok {
		return a, fmt.Errorf("%T: %w", r, errors.ErrUnsupported)
	}
	return a, nil
}

var abilityRules = []rule{
	{
		name:     "pages",
		optional: true,
		says:     "Going from page to page returns every entity of the query once, in its order",
		check: func(ctx context.Context, r Items) error {
			p, err := as[repo.Pager[Item]](r)
			if err != nil {
				return err
			}
			all, err := fill(ctx, r, 40)
			if err != nil {
				return err
			}
			where := filter.Not{Filter: filter.Cmp{Field: "score", Op: filter.Eq, Value: 0.5}}
			for _, sort := range orders {
				some, err := matching(ordered(all, sort), where)
				if err != nil {
					return err
				}
				for _, limit := range []int{1, 7, len(some), 100} {
					if err := pages(ctx, p, repo.Query{Where: where, Sort: sort}, limit, some); err != nil {
						return err
					}
				}
			}
			empty, err := p.Page(ctx, repo.Query{Where: filter.Or{}}, "", 5)
			if err != nil || len(empty.Items) != 0 || empty.Next != "" {
				return fmt.Errorf("the page of nothing = %+v, %w", empty, err)
			}
			return nil
		},
	},
	{
		name:     "pages of a list that changes",
		optional: true,
		says:     "Whatever is inserted or deleted between, no entity is skipped and none comes twice",
		check: func(ctx context.Context, r Items) error {
			p, err := as[repo.Pager[Item]](r)
			if err != nil {
				return err
			}
			all, err := fill(ctx, r, 30)
			if err != nil {
				return err
			}
			sort := []repo.Sort{{Field: "score", Desc: true}}
			want := ordered(all, sort)
			var got []Item
			for i, err := range repo.Stream(ctx, p, repo.Query{Sort: sort}, 3) {
				if err != nil {
					return err
				}
				got = append(got, i)
				one := Item{Code: fmt.Sprint("new ", len(got)), Score: 1000, At: noon} // comes before what was seen
				two := Item{Code: fmt.Sprint("newer ", len(got)), Score: 1000, At: noon}
				if err := errors.Join(r.Save(ctx, &one), r.Save(ctx, &two), deletes(ctx, r, i.ID, true)); err != nil {
					return err
				}
				if len(got) > len(want) {
					break
				}
			}
			if !slices.Equal(keys(got), keys(want)) {
				return fmt.Errorf("items %v, want %v", keys(got), keys(want))
			}
			return nil
		},
	},
	{
		name:     "cursors",
		optional: true,
		says:     "A cursor that was tampered with, or made for another query, is page.ErrCursor; the query has no Offset and no Limit",
		check: func(ctx context.Context, r Items) error {
			p, err := as[repo.Pager[Item]](r)
			if err != nil {
				return err
			}
			if _, err := fill(ctx, r, 10); err != nil {
				return err
			}
			where := filter.Cmp{Field: "score", Op: filter.Ge, Value: 0}
			q := repo.Query{Where: where, Sort: []repo.Sort{{Field: "name"}}}
			first, err := p.Page(ctx, q, "", 3)
			if err != nil || first.Next == "" {
				return fmt.Errorf("the first page = %+v, %w", first, err)
			}
			changed := []byte(first.Next)
			changed[len(changed)/2] ^= 1
			for _, c := range []struct {
				says   string
				q      repo.Query
				cursor string
				limit  int
				want   error
			}{
				{"no cursor", q, "x", 3, page.ErrCursor},
				{"a changed one", q, string(changed), 3, page.ErrCursor},
				{"one of another condition", repo.Query{Where: filter.Cmp{Field: "score", Op: filter.Ge, Value: 1}, Sort: q.Sort}, first.Next, 3, page.ErrCursor},
				{"one of another order", repo.Query{Where: where, Sort: []repo.Sort{{Field: "name", Desc: true}}}, first.Next, 3, page.ErrCursor},
				{"one without the deleted ones", repo.Query{Where: where, Sort: q.Sort, Deleted: true}, first.Next, 3, page.ErrCursor},
				{"limit 0", q, "", 0, page.ErrLimit},
				{"limit 1001", q, "", page.MaxLimit + 1, page.ErrLimit},
				{"an Offset", repo.Query{Offset: 1}, "", 3, page.ErrOffset},
				{"a Limit", repo.Query{Limit: 1}, "", 3, page.ErrLimit},
				{"an unknown field", repo.Query{Sort: []repo.Sort{{Field: "nothing"}}}, "", 3, repo.ErrField},
			} {
				if got, err := p.Page(ctx, c.q, c.cursor, c.limit); !errors.Is(err, c.want) || len(got.Items) > 0 {
					return fmt.Errorf("%s: %d items, %w, want %w", c.says, len(got.Items), err, c.want)
				}
			}
			return nil
		},
	},
	{
		name:     "upsert",
		optional: true,
		says:     "Upsert inserts an entity, or replaces the one with its key, softly deleted or not; its version becomes 1, or one higher",
		check: func(ctx context.Context, r Items) error {
			u, err := as[repo.Upserter[Item]](r)
			if err != nil {
				return err
			}
			all, err := fill(ctx, r, 2)
			if err != nil {
				return err
			}
			fresh, over, back := item(10), item(11), item(12)
			fresh.ID, over.ID, back.ID = 1<<40, all[0].ID, all[1].ID
			if err := deletes(ctx, r, back.ID, true); err != nil {
				return err
			}
			for _, it := range []*Item{&fresh, &over, &back} {
				if err := u.Upsert(ctx, it); err != nil {
					return err
				}
				if err := holds(ctx, r, *it); err != nil {
					return err
				}
			}
			if fresh.Version != 1 || over.Version != 2 || back.Version < 2 {
				return fmt.Errorf("after Upsert: %s, %s, %s", show(fresh), show(over), show(back))
			}
			if err := u.Upsert(ctx, &over); err != nil || over.Version != 3 {
				return fmt.Errorf("Upsert again: version %d, %w, want 3", over.Version, err)
			}
			return holds(ctx, r, over)
		},
	},
	{
		name:     "batches",
		optional: true,
		says:     "SaveMany does as Save for each, all or none; DeleteMany does as Delete for each, and returns how many there were",
		check: func(ctx context.Context, r Items) error {
			b, err := as[repo.Batcher[Item, int64]](r)
			if err != nil {
				return err
			}
			items := make([]Item, 250)
			refs := make([]*Item, len(items))
			for i := range items {
				items[i] = item(i)
				refs[i] = &items[i]
			}
			if err := b.SaveMany(ctx, refs); err != nil {
				return err
			}
			for _, i := range items {
				if i.ID == 0 || i.Version != 1 {
					return fmt.Errorf("after SaveMany: %s", show(i))
				}
			}
			if err := errors.Join(holds(ctx, r, items[0]), holds(ctx, r, items[249])); err != nil {
				return err
			}
			items[3].Name, items[4].Version = "renamed", 9
			before := slices.Clone(items[3:5])
			made := item(300)
			if err := b.SaveMany(ctx, []*Item{&made, &items[3], &items[4]}); !errors.Is(err, repo.ErrConflict) {
				return fmt.Errorf("SaveMany with one in an old version = %w, want ErrConflict", err)
			}
			if made.ID != 0 || made.Version != 0 || !same(items[3], before[0]) || !same(items[4], before[1]) {
				return fmt.Errorf("after the conflict: %s, %s", show(made), show(items[3]))
			}
			if n, err := r.Count(ctx, repo.Query{}); err != nil || n != 250 {
				return fmt.Errorf("after the conflict: %d entities, %w, want 250", n, err)
			}
			ids := append(keys(items), 1<<40, items[0].ID)
			if n, err := b.DeleteMany(ctx, ids); err != nil || n != 250 {
				return fmt.Errorf("DeleteMany = %d, %w, want 250", n, err)
			}
			n, err := b.DeleteMany(ctx, nil)
			return errors.Join(err, b.SaveMany(ctx, nil), finds(ctx, r, repo.Query{}, nil), wantNone(n))
		},
	},
	{
		name:     "aggregates",
		optional: true,
		says:     "Aggregate returns a function of the values that the entities of a query have in a field, nil without any; what is no number has no Sum",
		check: func(ctx context.Context, r Items) error {
			a, err := as[repo.Aggregator](r)
			if err != nil {
				return err
			}
			all, err := fill(ctx, r, 12)
			if err != nil {
				return err
			}
			none := repo.Query{Where: filter.Or{}}
			for _, c := range []struct {
				f     repo.Func
				field string
				q     repo.Query
				want  any
			}{
				{repo.Sum, "rank", repo.Query{}, int64(24)},
				{repo.Avg, "rank", repo.Query{}, 24.0 / 9},
				{repo.Min, "rank", repo.Query{Limit: 1}, int64(0)},
				{repo.Max, "rank", repo.Query{}, int64(6)},
				{repo.Sum, "score", repo.Query{}, 10.5},
				{repo.Avg, "score", repo.Query{Where: filter.Cmp{Field: "score", Op: filter.Gt, Value: 1}}, 1.75},
				{repo.Max, "at", repo.Query{}, all[11].At},
				{repo.Max, "code", repo.Query{}, "code-011"},
				{repo.Min, "name", repo.Query{}, ""},
				{repo.Max, "name", repo.Query{}, "é"},
				{repo.Sum, "rank", none, nil},
				{repo.Min, "at", none, nil},
			} {
				got, err := a.Aggregate(ctx, c.f, c.field, c.q)
				if err != nil || !close(got, c.want) {
					return fmt.Errorf("%s of %s of %+v = %T %v, %w, want %v", c.f, c.field, c.q, got, got, err, c.want)
				}
			}
			for _, c := range []struct {
				f     repo.Func
				field string
			}{{repo.Sum, "name"}, {repo.Avg, "at"}, {repo.Sum, "active"}, {repo.Min, "nothing"}, {"median", "rank"}} {
				if _, err := a.Aggregate(ctx, c.f, c.field, repo.Query{}); !errors.Is(err, repo.ErrField) {
					return fmt.Errorf("%s of %s = %w, want ErrField", c.f, c.field, err)
				}
			}
			return nil
		},
	},
}

func wantNone(n int64) error {
	if n != 0 {
		return fmt.Errorf("DeleteMany of nothing = %d", n)
	}
	return nil
}

// close reports whether two values are equal, floats but for their last digits.
func close(a, b any) bool {
	x, ok := a.(float64)
	y, also := b.(float64)
	if ok && also {
		return math.Abs(x-y) < 1e-9
	}
	if a == nil || b == nil {
		return a == b
	}
	c, comparable := filter.Compare(a, b)
	return comparable && c == 0 && ok == also
}

// pages checks that going from page to page is want.
func pages(ctx context.Context, p repo.Pager[Item], q repo.Query, limit int, want []Item) error {
	var got []Item
	for cursor := ""; ; {
		pg, err := p.Page(ctx, q, cursor, limit)
		if err != nil {
			return fmt.Errorf("Page(%+v, limit %d) after %d items = %w", q, limit, len(got), err)
		}
		if len(pg.Items) > limit || len(pg.Items) == 0 || len(got) > len(want) {
			return fmt.Errorf("Page(%+v, limit %d) after %d items has %d", q, limit, len(got), len(pg.Items))
		}
		got = append(got, pg.Items...)
		if pg.Next == "" {
			break
		}
		cursor = pg.Next
	}
	if !slices.Equal(keys(got), keys(want)) {
		return fmt.Errorf("pages of %+v, limit %d = items %v, want %v", q, limit, keys(got), keys(want))
	}
	return nil
}
