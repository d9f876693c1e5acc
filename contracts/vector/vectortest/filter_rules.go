package vectortest

import (
	"errors"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/filter"
	"github.com/lexigram/lexigram-go/contracts/filter/filtertest"
	"github.com/lexigram/lexigram-go/contracts/vector"
)

var filterRules = []rule{
	{
		name: "where",
		says: "no point is returned that does not satisfy q.Where. With q.Exact none is missing",
		check: func(e *env) error {
			find, err := e.finder(true)
			if err != nil {
				return err
			}
			var errs []error
			for _, c := range filtertest.Cases() {
				skipped, err := filtertest.Check(c, find)
				if errs = append(errs, err); skipped {
					e.unsupported = append(e.unsupported, c.Name)
				}
			}
			return errors.Join(errs...)
		},
	},
	{
		name: "malformed where",
		says: "every backend returns [filter.Err], before any I/O, for what Validate refuses",
		check: func(e *env) error {
			find, err := e.finder(false)
			if err != nil {
				return err
			}
			for _, c := range filtertest.Malformed() {
				if err := filtertest.CheckMalformed(c, find); err != nil {
					return err
				}
			}
			return nil
		},
	},
	{
		name: "where leaves enough",
		says: "it returns q.Limit points if so many satisfy q.Where",
		check: func(e *env) error {
			points := line(2_000)
			for i := range points {
				points[i].Payload = map[string]any{"i": i, "rare": i%200 == 7}
			}
			c, err := e.create(plane, points...)
			if err != nil {
				return err
			}
			for _, where := range []filter.Filter{
				filter.Cmp{Field: "rare", Op: filter.Eq, Value: true}, filter.Cmp{Field: "i", Op: filter.Lt, Value: 10}, filter.Not{Filter: filter.Cmp{Field: "i", Op: filter.Ge, Value: 10}},
			} {
				got, err := e.ids(c, vector.Query{Vector: []float32{1, 0}, Where: where})
				if err != nil || len(got) != 10 {
					return fmt.Errorf("Search(Where: %v) = %q, %v, want 10 points", where, got, err)
				}
			}
			return nil
		},
	},
}

// finder stores the documents of filtertest.
func (e *env) finder(exact bool) (func(filter.Filter) ([]string, error), error) {
	var points []vector.Point
	for i, d := range filtertest.Documents() {
		points = append(points, vector.Point{ID: d.ID, Vector: []float32{float32(i), 1}, Payload: d.Attributes})
	}
	c, err := e.create(plane, points...)
	return func(f filter.Filter) ([]string, error) {
		return e.ids(c, vector.Query{Vector: []float32{1, 1}, Where: f, Exact: exact})
	}, err
}
