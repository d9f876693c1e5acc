package vectortest

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/lexigram/lexigram-go/contracts/filter"
	"github.com/lexigram/lexigram-go/contracts/vector"
)

var indexRules = []rule{
	{
		name: "exact",
		says: "with q.Exact none is missing",
		check: func(e *env) error {
			found, err := e.recall(filter.And{}, 1, true)
			if err == nil && found < 1 {
				err = fmt.Errorf("recall of exact searches = %.3f, want 1", found)
			}
			return err
		},
	},
	{
		name: "recall",
		says: "the filter costs no recall: the suite holds recall at 10 to 0.95 with filters that keep 1, 0.1, 0.01 and 0.001 of the points",
		check: func(e *env) error {
			for _, every := range []int{1, 10, 100, 1_000} {
				name := fmt.Sprintf("every_%d", every)
				found, err := e.recall(filter.Cmp{Field: name, Op: filter.Eq, Value: 0}, every, false)
				if err == nil && found < 0.95 {
					err = fmt.Errorf("recall with a filter that keeps 1 of %d = %.3f", every, found)
				}
				if err != nil {
					return err
				}
			}
			return nil
		},
	},
	{
		name:  "concurrent",
		says:  "it is safe for concurrent use; a point can be found as soon as the call that wrote it has returned",
		check: checkConcurrent,
	},
}

const dimension = 24

// cloud returns n points around a few centres, always the same.
func cloud(n int) []vector.Point {
	rng := rand.New(rand.NewPCG(3, 4))
	centres := make([][]float32, 20)
	for i := range centres {
		centres[i] = normal(rng, nil, 1)
	}
	points := make([]vector.Point, n)
	for i := range points {
		payload := map[string]any{}
		for _, every := range []int{1, 10, 100, 1_000} {
			payload[fmt.Sprintf("every_%d", every)] = i % every
		}
		points[i] = vector.Point{ID: fmt.Sprintf("p%06d", i), Vector: normal(rng, centres[rng.IntN(len(centres))], 0.4), Payload: payload}
	}
	return points
}

// normal returns a random vector around centre.
func normal(rng *rand.Rand, centre []float32, spread float64) []float32 {
	v := make([]float32, dimension)
	for i := range v {
		v[i] = float32(rng.NormFloat64() * spread)
		if centre != nil {
			v[i] += centre[i]
		}
	}
	return v
}

// recall returns which part of the nearest 10 of every n-th point searches find.
func (e *env) recall(where filter.Filter, every int, exact bool) (float64, error) {
	cfg := vector.Config{Dimension: dimension, Metric: vector.Euclidean}
	points := cloud(e.points)
	c, err := e.store.Open(e.ctx, "things")
	if err != nil {
		if c, err = e.create(cfg); err != nil {
			return 0, err
		}
		for batch := range slices.Chunk(points, 500) {
			if err := c.Upsert(e.ctx, batch...); err != nil {
				return 0, err
			}
		}
	}
	found, wanted := 0, 0
	rng := rand.New(rand.NewPCG(5, 6))
	for range 20 {
		q := normal(rng, points[rng.IntN(len(points))].Vector, 0.2)
		want := nearest(points, q, every)
		got, err := e.ids(c, vector.Query{Vector: q, Where: where, Exact: exact})
		if err != nil {
			return 0, err
		}
		if len(got) != len(want) {
			return 0, fmt.Errorf("Search returned %d points, want %d", len(got), len(want))
		}
		for _, id := range want {
			if wanted++; slices.Contains(got, id) {
				found++
			}
		}
	}
	return float64(found) / float64(wanted), nil
}

// nearest returns the IDs of the 10 nearest of every n-th point.
func nearest(points []vector.Point, q []float32, every int) []string {
	type distance struct {
		id string
		d  float64
	}
	var all []distance
	for i := 0; i < len(points); i += every {
		var sum float64
		for j, x := range points[i].Vector {
			d := float64(x) - float64(q[j])
			sum += d * d
		}
		all = append(all, distance{points[i].ID, sum})
	}
	slices.SortFunc(all, func(a, b distance) int { return cmp.Compare(a.d, b.d) })
	var ids []string
	for _, d := range all[:min(10, len(all))] {
		ids = append(ids, d.id)
	}
	return ids
}

func checkConcurrent(e *env) error {
	c, err := e.create(plane)
	if err != nil {
		return err
	}
	const workers, rounds = 8, 25
	errs := make([]error, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := range rounds {
				if errs[w] = e.writeAndFind(c, w, i); errs[w] != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	if err := cmp.Or(errs...); err != nil {
		return err
	}
	q := near(1, 0)
	q.Limit = vector.MaxLimit
	if got, err := e.ids(c, q); err != nil || len(got) != workers {
		return fmt.Errorf("%d points are left, %v, want %d", len(got), err, workers)
	}
	return nil
}

// writeAndFind replaces and deletes points of worker w while others do the same.
func (e *env) writeAndFind(c vector.Collection, w, i int) error {
	kept, gone := fmt.Sprintf("kept %d", w), fmt.Sprintf("gone %d", w)
	if err := c.Upsert(e.ctx, vector.Point{ID: kept, Vector: []float32{float32(i), float32(w)}, Payload: map[string]any{"w": w, "i": i}},
		vector.Point{ID: gone, Vector: []float32{float32(i), -1}, Payload: map[string]any{"w": w, "i": i}}); err != nil {
		return err
	}
	mine := filter.And{filter.Cmp{Field: "w", Op: filter.Eq, Value: w}, filter.Cmp{Field: "i", Op: filter.Eq, Value: i}}
	if got, err := e.ids(c, vector.Query{Vector: []float32{1, 0}, Where: mine, Exact: true}); err != nil || !slices.Equal(got, []string{gone, kept}) {
		return fmt.Errorf("worker %d found %q, %v after Upsert returned", w, got, err)
	}
	if err := c.Delete(e.ctx, gone); err != nil {
		return err
	}
	if got, err := e.ids(c, vector.Query{Vector: []float32{1, 0}, Where: mine, Exact: true}); err != nil || !slices.Equal(got, []string{kept}) {
		return fmt.Errorf("worker %d found %q, %v after Delete returned", w, got, err)
	}
	return nil
}
