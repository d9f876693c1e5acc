package memoryvector

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

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

func TestReopen(t *testing.T) {
	dir := t.TempDir()
	cfg := Config{Dir: dir}
	s, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.Create(t.Context(), "c", vector.Config{Dimension: 256})
	if err != nil {
		t.Fatal(err)
	}
	points := random(20_000, 256)
	for len(points) > 0 {
		if err := c.Upsert(t.Context(), points[:100]...); err != nil {
			t.Fatal(err)
		}
		points = points[100:]
	}
	want, err := c.Search(t.Context(), vector.Query{Vector: random(1, 256)[0].Vector})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(cfg); err == nil {
		t.Fatal("second open")
	} else {
		t.Log(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	s, err = Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(time.Since(start))
	c, err = s.Open(t.Context(), "c")
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Search(t.Context(), vector.Query{Vector: random(1, 256)[0].Vector})
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatal(got, want, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
