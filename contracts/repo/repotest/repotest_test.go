package repotest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/filter"
	"github.com/lexigram/lexigram-go/contracts/repo"
)

func TestModel(t *testing.T) {
	Run(t, func(*testing.T) Items { return newModel("") })
}

// Each rule catches a repository that breaks it.
func TestBroken(t *testing.T) {
	for _, r := range rules() {
		t.Run(r.name, func(t *testing.T) {
			err := r.check(t.Context(), newModel(r.name))
			if err == nil || errors.Is(err, errors.ErrUnsupported) {
				t.Errorf("the repository that breaks it passed: %v", err)
			}
		})
	}
}

// A repository without abilities is checked, and the rules about them are skips.
func TestWithoutAbilities(t *testing.T) {
	for _, r := range rules() {
		err := r.check(t.Context(), struct{ Items }{newModel("")})
		if err != nil && !(r.optional && errors.Is(err, errors.ErrUnsupported)) {
			t.Errorf("%s: %v", r.name, err)
		}
	}
}

type kind string

type thing struct {
	Kind  kind
	Size  *int32
	At    time.Time
	Ratio float64
}

var (
	kinds = repo.NewField("kind", func(t thing) kind { return t.Kind })
	size  = repo.NewOptional("size", func(t thing) *int32 { return t.Size })
	at    = repo.NewField("at", func(t thing) time.Time { return t.At })
	ratio = repo.NewField("ratio", func(t thing) float64 { return t.Ratio })
)

func TestSpec(t *testing.T) {
	five := int32(5)
	big, small := thing{Kind: "box", Size: &five, At: noon}, thing{Kind: "bag", At: noon.Add(-time.Hour)}
	for i, c := range []struct {
		spec       repo.Spec[thing]
		big, small bool
	}{
		{repo.Spec[thing]{}, true, true},
		{kinds.Eq("box"), true, false},
		{repo.Not(kinds.Eq("box")), false, true},
		{kinds.In("bag", "sack"), false, true},
		{kinds.In(), false, false},
		{kinds.Contains("a"), false, true},
		{kinds.HasPrefix("bo"), true, false},
		{size.Exists(), true, false},
		{size.Ne(4), true, false},
		{repo.Not(size.Eq(4)), true, true},
		{repo.And(size.Ge(5), size.Le(5), size.Gt(4), size.Lt(6), at.Eq(noon.Local())), true, false},
		{repo.Or(size.Eq(9), at.Lt(noon)), false, true},
		{repo.And[thing](), true, true},
		{repo.Or[thing](), false, false},
		{repo.Not(repo.And(repo.Spec[thing]{}, kinds.Eq("box"))), false, true},
		{repo.Or(repo.Spec[thing]{}, kinds.Eq("none")), true, true},
		{repo.Not(repo.Spec[thing]{}), false, false},
	} {
		b, err1 := c.spec.SatisfiedBy(big)
		s, err2 := c.spec.SatisfiedBy(small)
		if b != c.big || s != c.small || err1 != nil || err2 != nil {
			t.Errorf("%d: %v %v, want %v %v (%v, %v)", i, b, s, c.big, c.small, err1, err2)
		}
		if err := filter.Validate(c.spec.Filter()); err != nil {
			t.Errorf("%d: %v", i, err)
		}
	}
	nan := 0.0
	nan /= nan
	for _, spec := range []repo.Spec[thing]{
		ratio.Eq(nan),
		repo.NewField("a; DROP", func(thing) int { return 1 }).Eq(1),
		repo.NewField("c", func(thing) chan int { return nil }).Exists(),
	} {
		if ok, err := spec.SatisfiedBy(big); !errors.Is(err, filter.Err) || ok {
			t.Errorf("%v, %v, want filter.Err", ok, err)
		}
	}
	if _, err := ratio.Gt(1).SatisfiedBy(thing{Ratio: nan}); !errors.Is(err, filter.Err) {
		t.Errorf("of a value that no filter accepts: %v", err)
	}
}

func TestFallbacks(t *testing.T) {
	ctx := t.Context()
	alone := struct{ Items }{newModel("")}
	a, b := item(1), item(2)
	if err := repo.SaveMany[Item, int64](ctx, alone, []*Item{&a, &b}); err != nil || a.ID == 0 || b.ID == 0 {
		t.Error(err)
	}
	if first, err := repo.First(ctx, alone, repo.Query{Sort: []repo.Sort{{Field: "code", Desc: true}}}); err != nil || first.ID != b.ID {
		t.Error(first, err)
	}
	if _, err := repo.First(ctx, alone, repo.Query{Where: filter.Or{}}); !errors.Is(err, repo.ErrNotFound) {
		t.Error(err)
	}
	if n, err := repo.DeleteMany[Item, int64](ctx, alone, []int64{a.ID, b.ID, 99}); err != nil || n != 2 {
		t.Error(n, err)
	}
	if n, err := repo.DeleteMany[Item, int64](ctx, alone, []int64{0}); !errors.Is(err, repo.ErrKey) || n != 0 {
		t.Error(n, err)
	}
	if err := repo.SaveMany[Item, int64](ctx, alone, []*Item{{Version: 3, ID: 9}}); !errors.Is(err, repo.ErrConflict) {
		t.Error(err)
	}
	if err := repo.SaveMany[Item, int64](ctx, unable{newModel("")}, []*Item{{Code: "x"}}); err != nil {
		t.Error(err)
	}
}

// unable is a decorator of a repository that is no Batcher.
type unable struct{ *model }

func (unable) SaveMany(context.Context, []*Item) error { return errors.ErrUnsupported }
