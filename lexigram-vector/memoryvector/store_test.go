package memoryvector

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/filter"
	"github.com/lexigram/lexigram-go/contracts/vector"
)

func filled(tb testing.TB, cfg Config, n, dim int) vector.Collection {
	tb.Helper()
	s, err := Open(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = s.Close() })
	c, err := s.Create(tb.Context(), "c", vector.Config{Dimension: dim})
	if err != nil {
		tb.Fatal(err)
	}
	if err := c.Upsert(tb.Context(), random(n, dim)...); err != nil {
		tb.Fatal(err)
	}
	return c
}

func random(n, dim int) []vector.Point {
	rng := rand.New(rand.NewPCG(1, 2))
	points := make([]vector.Point, n)
	for i := range points {
		v := make([]float32, dim)
		for j := range v {
			v[j] = rng.Float32()*2 - 1
		}
		points[i] = vector.Point{ID: fmt.Sprint(i), Vector: v, Payload: map[string]any{"n": i, "third": i % 3, "name": "some text"}}
	}
	return points
}

func BenchmarkSearch(b *testing.B) {
	c := filled(b, Config{}, 10_000, 128)
	q := random(1, 128)[0].Vector
	for name, where := range map[string]filter.Filter{
		"all": nil, "third": filter.Cmp{Field: "third", Op: filter.Eq, Value: 0},
		"most": filter.Cmp{Field: "n", Op: filter.Gt, Value: 100}, "few": filter.Cmp{Field: "n", Op: filter.Lt, Value: 10},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Search(b.Context(), vector.Query{Vector: q, Where: where}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
