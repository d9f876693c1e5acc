package sqlrepo

import (
	"math"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/filter"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var ops = []filter.Op{filter.Eq, filter.Ne, filter.Lt, filter.Le, filter.Gt, filter.Ge}

// A comparison that was made to fit a column means what it meant.
func TestFit(t *testing.T) {
	ints := []int64{math.MinInt64, math.MinInt64 + 1, -(1 << 53) - 1, -(1 << 53), -2, -1, 0, 1, 2, 1<<53 - 1, 1 << 53, 1<<53 + 1, 1<<53 + 2, 1<<60 + 1, math.MaxInt64 - 1, math.MaxInt64}
	floats := []float64{-1e300, -(1 << 63), -(1 << 63) * 1.5, -2.5, -2, -0.5, 0, 0.5, 1, 1.5, 2, 1<<53 - 1, 1 << 53, 1<<53 + 2, 1 << 60, 1 << 63, 1 << 62, 1e300}
	var all []any
	for _, n := range ints {
		all = append(all, n)
	}
	for _, f := range floats {
		all = append(all, f)
	}
	for _, stored := range all {
		k := integer
		if _, ok := stored.(float64); ok {
			k = float
		}
		for _, v := range all {
			for _, op := range ops {
				want, err := filter.Match(filter.Cmp{Field: "f", Op: op, Value: v}, map[string]any{"f": stored})
				if err != nil {
					t.Fatal(err)
				}
				op2, v2, fits, got := fit(k, op, v)
				if fits {
					got, err = filter.Match(filter.Cmp{Field: "f", Op: op2, Value: v2}, map[string]any{"f": stored})
					if _, whole := v2.(int64); err != nil || whole != (k == integer) {
						t.Fatalf("%v %s %v became a comparison with %T: %v", stored, op, v, v2, err)
					}
				}
				if got != want {
					t.Errorf("%v %s %v is %v, and as %s %v it is %v", stored, op, v, want, op2, v2, got)
				}
			}
		}
	}
	for _, k := range []kind{opaque, text, boolean, instant} {
		if _, _, fits, always := fit(k, filter.Ne, int64(1)); fits || always {
			t.Errorf("kind %d fits a number", k)
		}
	}
}
