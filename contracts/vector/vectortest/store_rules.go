package vectortest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/vector"
)

var plane = vector.Config{Dimension: 2, Metric: vector.Dot}

var storeRules = []rule{
	{
		name: "create twice",
		says: "Create makes a collection, or returns an error wrapping ErrExists",
		check: func(e *env) error {
			if _, err := e.create(plane, at("a", 1, 1)); err != nil {
				return err
			}
			if _, err := e.store.Create(e.ctx, "things", plane); !errors.Is(err, vector.ErrExists) {
				return fmt.Errorf("second Create = %v, want ErrExists", err)
			}
			c, err := e.store.Open(e.ctx, "things")
			if err != nil {
				return err
			}
			return e.want(c, near(1, 1), "a")
		},
	},
	{
		name: "invalid config",
		says: "for what CheckConfig refuses, [Create returns] ErrInvalid",
		check: func(e *env) error {
			for name, cfg := range map[string]vector.Config{
				"":                       plane,
				"Upper":                  plane,
				"1st":                    plane,
				"a-b":                    plane,
				"a; drop table b":        plane,
				"../up":                  plane,
				strings.Repeat("x", 64):  plane,
				"no_dimension":           {},
				"negative_dimension":     {Dimension: -1},
				"too_large_a_dimension":  {Dimension: vector.MaxDimension + 1},
				"no_metric_of_this_name": {Dimension: 2, Metric: vector.Manhattan + 1},
			} {
				if _, err := e.store.Create(e.ctx, name, cfg); !errors.Is(err, vector.ErrInvalid) {
					return fmt.Errorf("Create(%q, %+v) = %v, want ErrInvalid", name, cfg, err)
				}
			}
			return nil
		},
	},
	{
		name: "open",
		says: "Open returns a collection",
		check: func(e *env) error {
			if _, err := e.create(plane, at("a", 1, 1)); err != nil {
				return err
			}
			c, err := e.store.Open(e.ctx, "things")
			if err != nil {
				return err
			}
			if err := c.Upsert(e.ctx, at("b", 2, 2)); err != nil {
				return err
			}
			return e.want(c, near(1, 1), "b", "a")
		},
	},
	{
		name: "open absent",
		says: "Open returns a collection or an error wrapping ErrNoCollection",
		check: func(e *env) error {
			for _, name := range []string{"absent", "No Name"} {
				if c, err := e.store.Open(e.ctx, name); !errors.Is(err, vector.ErrNoCollection) {
					return fmt.Errorf("Open(%q) = %v, %v, want ErrNoCollection", name, c, err)
				}
			}
			return nil
		},
	},
	{
		name: "drop",
		says: "Drop removes a collection and its points",
		check: func(e *env) error {
			if _, err := e.create(plane, at("a", 1, 1)); err != nil {
				return err
			}
			if err := e.store.Drop(e.ctx, "things"); err != nil {
				return err
			}
			if _, err := e.store.Open(e.ctx, "things"); !errors.Is(err, vector.ErrNoCollection) {
				return fmt.Errorf("Open after Drop = %v, want ErrNoCollection", err)
			}
			c, err := e.create(vector.Config{Dimension: 3}, at("b", 1, 2, 3))
			if err != nil {
				return fmt.Errorf("Create after Drop: %w", err)
			}
			return e.want(c, near(1, 2, 3), "b")
		},
	},
	{
		name: "dropped points",
		says: "Drop removes a collection and its points: they do not come back with its name",
		check: func(e *env) error {
			if _, err := e.create(plane, at("a", 1, 1)); err != nil {
				return err
			}
			if err := e.store.Drop(e.ctx, "things"); err != nil {
				return err
			}
			c, err := e.create(plane, at("b", 1, 1))
			if err != nil {
				return err
			}
			return e.want(c, near(1, 1), "b")
		},
	},
	{
		name:  "drop absent",
		says:  "a name without [a collection] is no error",
		check: func(e *env) error { return e.store.Drop(e.ctx, "absent") },
	},
	{
		name: "dropped",
		says: "using a Collection that was dropped is ErrNoCollection",
		check: func(e *env) error {
			c, err := e.create(plane, at("a", 1, 1))
			if err != nil {
				return err
			}
			if err := e.store.Drop(e.ctx, "things"); err != nil {
				return err
			}
			_, err = c.Search(e.ctx, near(1, 1))
			for op, err := range map[string]error{"Search": err, "Upsert": c.Upsert(e.ctx, at("b", 1, 1)), "Delete": c.Delete(e.ctx, "a")} {
				if !errors.Is(err, vector.ErrNoCollection) {
					return fmt.Errorf("%s after Drop = %v, want ErrNoCollection", op, err)
				}
			}
			return nil
		},
	},
	{
		name: "list",
		says: "List returns the names of all collections, sorted",
		check: func(e *env) error {
			for _, name := range []string{"beta", "alpha_2", "gamma", "alpha"} {
				if _, err := e.store.Create(e.ctx, name, plane); err != nil {
					return err
				}
			}
			if err := e.store.Drop(e.ctx, "gamma"); err != nil {
				return err
			}
			if got, err := e.store.List(e.ctx); err != nil || !slices.Equal(got, []string{"alpha", "alpha_2", "beta"}) {
				return fmt.Errorf("List = %q, %v", got, err)
			}
			return nil
		},
	},
	{
		name: "collections are apart",
		says: "collections of points",
		check: func(e *env) error {
			a, err := e.create(plane, at("same", 1, 0), at("a", 1, 0))
			if err != nil {
				return err
			}
			b, err := e.store.Create(e.ctx, "things_2", plane)
			if err != nil {
				return err
			}
			if err := errors.Join(b.Upsert(e.ctx, at("same", 5, 0), at("b", 1, 0)), b.Delete(e.ctx, "a")); err != nil {
				return err
			}
			return errors.Join(e.want(a, near(1, 0), "a", "same"), e.want(b, near(1, 0), "same", "b"))
		},
	},
	{
		name:  "ended context",
		says:  "a ctx that has ended is an error wrapping its cause from every method, which then has no effect",
		check: checkEnded,
	},
}

func checkEnded(e *env) error {
	c, err := e.create(plane, at("a", 1, 1))
	if err != nil {
		return err
	}
	cause := errors.New("the caller went away")
	ctx, cancel := context.WithCancelCause(e.ctx)
	cancel(cause)
	_, create := e.store.Create(ctx, "late", plane)
	_, open := e.store.Open(ctx, "things")
	_, list := e.store.List(ctx)
	_, search := c.Search(ctx, near(1, 1))
	for op, err := range map[string]error{
		"Create": create, "Open": open, "List": list, "Search": search,
		"Drop": e.store.Drop(ctx, "things"), "Upsert": c.Upsert(ctx, at("b", 1, 1)), "Delete": c.Delete(ctx, "a"),
	} {
		if !errors.Is(err, cause) {
			return fmt.Errorf("%s with an ended ctx = %v, want its cause", op, err)
		}
	}
	if names, err := e.store.List(e.ctx); err != nil || !slices.Equal(names, []string{"things"}) {
		return fmt.Errorf("List = %q, %v after calls with an ended ctx", names, err)
	}
	return e.want(c, near(1, 1), "a")
}

// want returns an error unless q finds exactly ids, in this order.
func (e *env) want(c vector.Collection, q vector.Query, ids ...string) error {
	got, err := e.ids(c, q)
	if err == nil && !slices.Equal(got, ids) {
		err = fmt.Errorf("Search(%v) = %.40q, want %.40q", q.Vector, got, ids)
	}
	return err
}
