package hybrid

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func ranked(ids ...string) []Ranked {
	out := make([]Ranked, len(ids))
	for i, id := range ids {
		out[i].ID = id
	}
	return out
}

func ids(list []Ranked) []string {
	var out []string
	for _, r := range list {
		out = append(out, r.ID)
	}
	return out
}

func TestFuse(t *testing.T) {
	for _, c := range []struct {
		name string
		k    int
		in   [][]Ranked
		want []string
	}{
		{"none", 0, nil, nil},
		{"empty lists", 0, [][]Ranked{nil, {}}, nil},
		{"one list stays", 0, [][]Ranked{ranked("c", "a", "b")}, []string{"c", "a", "b"}},
		{"both beat either", 0, [][]Ranked{ranked("a", "x", "m"), ranked("b", "y", "m")}, []string{"m", "a", "b", "x", "y"}},
		{"equals by ID", 0, [][]Ranked{ranked("b"), ranked("a")}, []string{"a", "b"}},
		{"small k prefers the top", 1, [][]Ranked{ranked("top", "1", "2", "m"), ranked("3", "4", "5", "m")}, []string{"3", "top", "m", "1", "4", "2", "5"}},
		{"twice in one list", 0, [][]Ranked{ranked("a", "b", "b", "b"), ranked("a")}, []string{"a", "b"}},
	} {
		before := fmt.Sprint(c.in)
		if got := ids(Fuse(c.k, c.in...)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if fmt.Sprint(c.in) != before {
			t.Errorf("%s: the lists were changed", c.name)
		}
	}
}

func TestScores(t *testing.T) {
	got := Fuse(0, ranked("a", "b"), ranked("b"))
	if want := 1./62 + 1./61; got[0].ID != "b" || math.Abs(got[0].Score-want) > 1e-12 {
		t.Errorf("first = %v, want b with %v", got[0], want)
	}
}

func TestWeights(t *testing.T) {
	got := ids(FuseWeighted(0, Weighted{1, ranked("a", "b")}, Weighted{3, ranked("b", "a")}, Weighted{0, ranked("c")}))
	if !slices.Equal(got, []string{"b", "a", "c"}) {
		t.Errorf("%q", got)
	}
}

func BenchmarkFuse(b *testing.B) {
	one, two := make([]Ranked, 100), make([]Ranked, 100)
	for i := range one {
		one[i].ID, two[i].ID = fmt.Sprint(i), fmt.Sprint(i+50)
	}
	b.ReportAllocs()
	for b.Loop() {
		Fuse(0, one, two)
	}
}
