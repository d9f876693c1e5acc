package repotest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/lexigram/lexigram-go/contracts/filter"
	"github.com/lexigram/lexigram-go/contracts/repo"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 123_456_000, time.UTC)

// names are what backends confuse: wildcards, quotes, case, what sorts
// otherwise in a language than by bytes, and text that looks like another type.
var names = [...]string{
	"", "a", "A", "B", "b", "é", "50%", "500", "a_b", "axb", `a\b`, "o'neil", `"q"`, "$1", "?", "1", "true", "2026-03-04", "a b", "ab",
}

// item returns an item that is different for each n.
func item(n int) Item {
	i := Item{
		Code:   fmt.Sprintf("code-%03d", n),
		Name:   names[n%len(names)],
		Score:  float64(n%5) / 2,
		Active: n%2 == 0,
		At:     noon.Add(time.Duration(n/3) * time.Second),
	}
	if n%4 != 3 {
		rank := int64(n % 7)
		i.Rank = &rank
	}
	return i
}

// fill saves n items and returns them as they are kept, in the order of their keys.
func fill(ctx context.Context, r Items, n int) ([]Item, error) {
	all := make([]Item, n)
	for i := range all {
		all[i] = item(i)
		if err := r.Save(ctx, &all[i]); err != nil {
			return nil, fmt.Errorf("Save of item %d: %w", i, err)
		}
	}
	return all, nil
}

// find collects the items of q.
func find(ctx context.Context, r Items, q repo.Query) ([]Item, error) {
	var all []Item
	for i, err := range r.Find(ctx, q) {
		if err != nil {
			return all, err
		}
		all = append(all, i)
	}
	return all, nil
}

func keys(all []Item) []int64 {
	out := make([]int64, len(all))
	for i := range all {
		out[i] = all[i].ID
	}
	return out
}

// finds checks that q is the items want, in their order.
func finds(ctx context.Context, r Items, q repo.Query, want []Item) error {
	got, err := find(ctx, r, q)
	if err != nil {
		return fmt.Errorf("Find(%+v) = %w", q, err)
	}
	if !slices.Equal(keys(got), keys(want)) {
		return fmt.Errorf("Find(%+v) = items %v, want %v", q, keys(got), keys(want))
	}
	return nil
}

// holds checks that the repository has want, field by field.
func holds(ctx context.Context, r Items, want Item) error {
	got, err := r.Get(ctx, want.ID)
	if err != nil {
		return fmt.Errorf("Get(%d) = %w", want.ID, err)
	}
	if !same(got, want) {
		return fmt.Errorf("Get(%d) = %s, want %s", want.ID, show(got), show(want))
	}
	return nil
}

func same(a, b Item) bool {
	return a.ID == b.ID && a.Code == b.Code && a.Name == b.Name && equal(a.Rank, b.Rank) && a.Score == b.Score &&
		a.Active == b.Active && a.At.Equal(b.At) && a.Version == b.Version && (a.DeletedAt == nil) == (b.DeletedAt == nil)
}

func equal(a, b *int64) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

func show(i Item) string {
	rank := "nil"
	if i.Rank != nil {
		rank = fmt.Sprint(*i.Rank)
	}
	return fmt.Sprintf("{%d %s %q rank %s %v %v %v version %d deleted %v}", i.ID, i.Code, i.Name, rank, i.Score, i.Active, i.At, i.Version, i.DeletedAt != nil)
}

// matching returns those of all that satisfy f.
func matching(all []Item, f filter.Filter) ([]Item, error) {
	holds, err := filter.Compile(f)
	if err != nil {
		return nil, err
	}
	var out []Item
	for _, i := range all {
		if holds(i.Attributes()) {
			out = append(out, i)
		}
	}
	return out, nil
}

// ordered returns all in the order of sort, then of their keys.
func ordered(all []Item, sort []repo.Sort) []Item {
	out := slices.Clone(all)
	slices.SortStableFunc(out, func(a, b Item) int {
		for _, s := range append(slices.Clone(sort), repo.Sort{Field: "id"}) {
			x, ok := a.Attributes()[s.Field]
			y, also := b.Attributes()[s.Field]
			c, _ := filter.Compare(x, y)
			switch {
			case !ok && !also:
				c = 0
			case !ok:
				c = -1
			case !also:
				c = 1
			}
			if s.Desc {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return 0
	})
	return out
}
