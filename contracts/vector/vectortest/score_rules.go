package vectortest

import (
	"fmt"
	"math"

	"github.com/lexigram/lexigram-go/contracts/vector"
)

var scoreRules = []rule{
	{
		name: "cosine",
		says: "scores are larger for nearer points with every metric: cosine in [-1, 1]",
		check: func(e *env) error {
			return e.wantScores(vector.Cosine, map[string]float64{"same": 1, "along": 1, "at right angles": 0, "against": -1, "between": math.Sqrt2 / 2})
		},
	},
	{
		name: "dot product",
		says: "dot product",
		check: func(e *env) error {
			return e.wantScores(vector.Dot, map[string]float64{"same": 4, "along": 20, "at right angles": 0, "against": -6, "between": 4})
		},
	},
	{
		name: "euclidean",
		says: "1/(1+d) for the Euclidean distance d",
		check: func(e *env) error {
			return e.wantScores(vector.Euclidean, map[string]float64{"same": 1, "along": 1. / 9, "at right angles": 1 / (1 + math.Sqrt(13)), "against": 1. / 6, "between": 1. / 3})
		},
	},
	{
		name: "manhattan",
		says: "1/(1+d) for the Manhattan distance d",
		check: func(e *env) error {
			return e.wantScores(vector.Manhattan, map[string]float64{"same": 1, "along": 1. / 9, "at right angles": 1. / 6, "against": 1. / 6, "between": 1. / 3})
		},
	},
	{
		name: "no length",
		says: "cosine (0 if a norm is 0)",
		check: func(e *env) error {
			c, err := e.create(vector.Config{Dimension: 2}, at("zero", 0, 0), at("one", 1, 0))
			if err != nil {
				return err
			}
			found, err := c.Search(e.ctx, near(1, 0))
			if err != nil || len(found) != 2 || found[1].ID != "zero" || found[1].Score != 0 {
				return fmt.Errorf("Search = %v, %v, want the zero vector last, with score 0", found, err)
			}
			found, err = c.Search(e.ctx, near(0, 0))
			if err != nil || len(found) != 2 || found[0].Score != 0 || found[1].Score != 0 || found[0].ID != "one" {
				return fmt.Errorf("Search(0, 0) = %v, %v, want both by ID, with score 0", found, err)
			}
			return nil
		},
	},
	{
		name: "large components",
		says: "scores are larger for nearer points with every metric",
		check: func(e *env) error {
			const big = math.MaxFloat32 / 2
			for i, metric := range []vector.Metric{vector.Cosine, vector.Euclidean, vector.Manhattan} {
				c, err := e.store.Create(e.ctx, fmt.Sprintf("c%d", i), vector.Config{Dimension: 2, Metric: metric})
				if err != nil {
					return err
				}
				if err := c.Upsert(e.ctx, at("near", big, big/2), at("far", -big, big/2)); err != nil {
					return err
				}
				found, err := c.Search(e.ctx, near(big, big/2))
				if err != nil || len(found) != 2 || found[0].ID != "near" || !about(found[0].Score, 1) || !(found[1].Score < 1) {
					return fmt.Errorf("metric %d: Search = %v, %v, want near with 1, then far", metric, found, err)
				}
			}
			return nil
		},
	},
}

// wantScores compares five points with (2, 0).
func (e *env) wantScores(metric vector.Metric, want map[string]float64) error {
	c, err := e.create(vector.Config{Dimension: 2, Metric: metric},
		at("same", 2, 0), at("along", 10, 0), at("at right angles", 0, 3), at("against", -3, 0), at("between", 2, 2))
	if err != nil {
		return err
	}
	found, err := c.Search(e.ctx, near(2, 0))
	if err != nil || len(found) != len(want) {
		return fmt.Errorf("Search = %v, %v, want %d points", found, err, len(want))
	}
	for _, m := range found {
		if !about(m.Score, want[m.ID]) || metric == vector.Cosine && math.Abs(m.Score) > 1 {
			return fmt.Errorf("score of the point %s = %v, want %v", m.ID, m.Score, want[m.ID])
		}
	}
	return nil
}

// about allows for the precision of float32.
func about(got, want float64) bool { return math.Abs(got-want) <= 1e-5*max(1, math.Abs(want)) }
