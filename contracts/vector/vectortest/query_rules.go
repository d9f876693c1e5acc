package vectortest

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/lexigram/lexigram-go/contracts/vector"
)

// line returns n points that lie ever further along the first axis.
func line(n int) []vector.Point {
	points := make([]vector.Point, n)
	for i := range points {
		points[i] = at(fmt.Sprintf("p%02d", i), float32(i), 0)
	}
	return points
}

var queryRules = []rule{
	{
		name: "empty collection",
		says: "Search returns at most q.Limit of the points",
		check: func(e *env) error {
			c, err := e.create(plane)
			if err != nil {
				return err
			}
			return e.want(c, vector.Query{Vector: []float32{1, 0}})
		},
	},
	{
		name: "default limit",
		says: "[Limit] 0 means 10",
		check: func(e *env) error {
			c, err := e.create(plane, line(15)...)
			if err != nil {
				return err
			}
			return e.want(c, near(1, 0), "p14", "p13", "p12", "p11", "p10", "p09", "p08", "p07", "p06", "p05")
		},
	},
	{
		name: "limit",
		says: "Search returns at most q.Limit of the points",
		check: func(e *env) error {
			c, err := e.create(plane, line(15)...)
			if err != nil {
				return err
			}
			for limit, want := range map[int]int{1: 1, 3: 3, 15: 15, 100: 15, vector.MaxLimit: 15} {
				q := near(1, 0)
				q.Limit = limit
				if got, err := e.ids(c, q); err != nil || len(got) != want || got[0] != "p14" {
					return fmt.Errorf("Search(Limit: %d) = %q, %v, want the best %d", limit, got, err, want)
				}
			}
			return nil
		},
	},
	{
		name: "a large limit",
		says: "MaxLimit bounds a Query: up to it, Search returns as many of the points as q.Limit says",
		check: func(e *env) error {
			c, err := e.create(plane)
			if err != nil {
				return err
			}
			points := line(1_200)
			for part := range slices.Chunk(points, 100) {
				if err := c.Upsert(e.ctx, part...); err != nil {
					return err
				}
			}
			for _, limit := range []int{1_100, vector.MaxLimit} {
				q := near(1, 0)
				q.Limit, q.Exact = limit, true
				if got, err := e.ids(c, q); err != nil || len(got) != min(limit, len(points)) {
					return fmt.Errorf("Search(Limit: %d) of %d points = %d, %v", limit, len(points), len(got), err)
				}
			}
			return nil
		},
	},
	{
		name: "invalid query",
		says: "CheckQuery returns an error wrapping ErrInvalid",
		check: func(e *env) error {
			c, err := e.create(plane, line(3)...)
			if err != nil {
				return err
			}
			nan := float32(math.NaN())
			for _, q := range []vector.Query{
				{Vector: []float32{1, 0}, Limit: -1}, {Vector: []float32{1, 0}, Limit: vector.MaxLimit + 1}, near(nan, 0), near(0, float32(math.Inf(1))),
			} {
				if _, err := c.Search(e.ctx, q); !errors.Is(err, vector.ErrInvalid) {
					return fmt.Errorf("Search(%+v) = %v, want ErrInvalid", q, err)
				}
			}
			return nil
		},
	},
	{
		name: "best first",
		says: "best first",
		check: func(e *env) error {
			c, err := e.create(plane, at("far", -5, 0), at("best", 5, 0), at("mid", 1, 0), at("none", 0, 1))
			if err != nil {
				return err
			}
			return e.want(c, near(1, 0), "best", "mid", "none", "far")
		},
	},
	{
		name: "ties by id",
		says: "equal scores by ID",
		check: func(e *env) error {
			c, err := e.create(plane, at("c", 1, 0), at("a", 1, 5), at("b", 1, 9), at("B", 1, 3), at("top", 2, 0))
			if err != nil {
				return err
			}
			return e.want(c, near(1, 0), "top", "B", "a", "b", "c")
		},
	},
	{
		name: "min score is inclusive",
		says: "[MinScore is] inclusive, to the precision of float32",
		check: func(e *env) error {
			c, err := e.create(vector.Config{Dimension: 2}, at("same", 3, 4), at("near", 4, 3), at("far", -3, 4))
			if err != nil {
				return err
			}
			found, err := c.Search(e.ctx, near(3, 4))
			if err != nil || len(found) != 3 {
				return fmt.Errorf("Search = %v, %v, want three points", found, err)
			}
			for i, m := range found {
				q := near(3, 4)
				q.MinScore = &m.Score
				if got, err := c.Search(e.ctx, q); err != nil || len(got) != i+1 {
					return fmt.Errorf("Search(MinScore: %v) = %v, %v, want %d points", m.Score, got, err, i+1)
				}
			}
			return nil
		},
	},
	{
		name: "min score excludes",
		says: "[MinScore] nil asks for none",
		check: func(e *env) error {
			c, err := e.create(plane, at("a", 2, 0), at("b", 1, 0), at("c", -1, 0))
			if err != nil {
				return err
			}
			for score, want := range map[float64][]string{1.001: {"a"}, 0: {"a", "b"}, -5: {"a", "b", "c"}, 2.001: {}} {
				q := near(1, 0)
				q.MinScore = &score
				if err := e.want(c, q, want...); err != nil {
					return fmt.Errorf("MinScore %v: %w", score, err)
				}
			}
			return e.want(c, near(1, 0), "a", "b", "c")
		},
	},
	{
		name: "vectors",
		says: "return vectors too; with Cosine a store may return the vector scaled to length 1",
		check: func(e *env) error {
			for i, metric := range []vector.Metric{vector.Cosine, vector.Dot, vector.Euclidean, vector.Manhattan} {
				if err := e.checkVectors(fmt.Sprintf("c%d", i), metric); err != nil {
					return err
				}
			}
			return nil
		},
	},
	{
		name: "query stays as it is",
		says: "Search does not change q",
		check: func(e *env) error {
			c, err := e.create(vector.Config{Dimension: 2}, at("a", 1, 0))
			if err != nil {
				return err
			}
			q := near(3, 4)
			if _, err := c.Search(e.ctx, q); err != nil {
				return err
			}
			if !slices.Equal(q.Vector, []float32{3, 4}) {
				return fmt.Errorf("Search changed the query's vector to %v", q.Vector)
			}
			return nil
		},
	},
}

func (e *env) checkVectors(name string, metric vector.Metric) error {
	c, err := e.store.Create(e.ctx, name, vector.Config{Dimension: 2, Metric: metric})
	if err != nil {
		return err
	}
	if err := c.Upsert(e.ctx, at("a", 3, 4)); err != nil {
		return err
	}
	q := near(3, 4)
	if found, err := c.Search(e.ctx, q); err != nil || len(found) != 1 || found[0].Vector != nil {
		return fmt.Errorf("Search without Vectors = %v, %v, want one point without vector", found, err)
	}
	q.Vectors = true
	found, err := c.Search(e.ctx, q)
	if err != nil || len(found) != 1 || len(found[0].Vector) != 2 {
		return fmt.Errorf("Search with Vectors = %v, %v, want one point with vector", found, err)
	}
	v := found[0].Vector
	if alike(v, 3, 4) || metric == vector.Cosine && alike(v, 0.6, 0.8) {
		return nil
	}
	return fmt.Errorf("vector of metric %d = %v, want [3 4]", metric, v)
}

func alike(v []float32, x, y float64) bool {
	return math.Abs(float64(v[0])-x) < 1e-5 && math.Abs(float64(v[1])-y) < 1e-5
}
