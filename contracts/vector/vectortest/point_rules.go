package vectortest

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/vector"
)

var pointRules = []rule{
	{
		name: "replace",
		says: "Upsert adds or replaces points",
		check: func(e *env) error {
			c, err := e.create(plane, vector.Point{ID: "a", Vector: []float32{1, 0}, Payload: map[string]any{"old": 1}}, at("b", 2, 0))
			if err != nil {
				return err
			}
			if err := c.Upsert(e.ctx, vector.Point{ID: "a", Vector: []float32{3, 0}, Payload: map[string]any{"new": 1}}, at("c", 0, 1)); err != nil {
				return err
			}
			if err := e.want(c, near(1, 0), "a", "b", "c"); err != nil {
				return err
			}
			return e.wantPayload(c, near(1, 0), map[string]any{"new": int64(1)})
		},
	},
	{
		name: "delete",
		says: "Delete removes points",
		check: func(e *env) error {
			c, err := e.create(plane, at("a", 1, 0), at("b", 2, 0), at("c", 3, 0))
			if err != nil {
				return err
			}
			if err := c.Delete(e.ctx, "a", "c"); err != nil {
				return err
			}
			return e.want(c, near(1, 0), "b")
		},
	},
	{
		name: "delete many",
		says: "Delete removes points, however many those are",
		check: func(e *env) error {
			points := line(300)
			c, err := e.create(plane, points...)
			if err != nil {
				return err
			}
			ids := make([]string, len(points)-1)
			for i := range ids {
				ids[i] = points[i].ID
			}
			if err := c.Delete(e.ctx, ids...); err != nil {
				return err
			}
			return e.want(c, near(1, 0), points[len(ids)].ID)
		},
	},
	{
		name: "delete absent",
		says: "an ID without [a point] is no error",
		check: func(e *env) error {
			c, err := e.create(plane, at("a", 1, 0))
			if err != nil {
				return err
			}
			if err := errors.Join(c.Delete(e.ctx, "absent", "a", "a", ""), c.Delete(e.ctx)); err != nil {
				return err
			}
			return e.want(c, near(1, 0))
		},
	},
	{
		name: "wrong dimension",
		says: "if one is invalid (ErrDimension, …) nothing is stored",
		check: func(e *env) error {
			err := e.refused(vector.ErrDimension, []vector.Point{at("b", 1, 2, 3)}, []vector.Point{at("b", 1)}, []vector.Point{at("b")})
			if err != nil {
				return err
			}
			c, err := e.store.Open(e.ctx, "things")
			if err != nil {
				return err
			}
			if _, err := c.Search(e.ctx, near(1)); !errors.Is(err, vector.ErrDimension) {
				return fmt.Errorf("Search with a vector of 1 = %v, want ErrDimension", err)
			}
			return nil
		},
	},
	{
		name: "id given twice",
		says: "if one is invalid (an ID given twice, …) nothing is stored",
		check: func(e *env) error {
			return e.refused(vector.ErrInvalid, []vector.Point{at("b", 1, 0), at("b", 2, 0)})
		},
	},
	{
		name: "invalid id",
		says: "any ID of 1 to 255 bytes is valid",
		check: func(e *env) error {
			return e.refused(vector.ErrInvalid, []vector.Point{at("", 1, 0)}, []vector.Point{at(strings.Repeat("x", 256), 1, 0)})
		},
	},
	{
		name: "not a number",
		says: "if one is invalid nothing is stored",
		check: func(e *env) error {
			nan, inf := float32(math.NaN()), float32(math.Inf(-1))
			return e.refused(vector.ErrInvalid, []vector.Point{at("b", nan, 0)}, []vector.Point{at("b", 0, inf)})
		},
	},
	{
		name: "invalid payload",
		says: "if one is invalid (a payload value that filter.Value refuses) nothing is stored",
		check: func(e *env) error {
			var all [][]vector.Point
			for field, v := range map[string]any{"nothing": nil, "nan": math.NaN(), "map": map[string]any{}, "nul": "a\x00", "bytes": []string{"\xff"}, "a b": 1, "": 1} {
				all = append(all, []vector.Point{{ID: "b", Vector: []float32{1, 0}, Payload: map[string]any{field: v}}})
			}
			return e.refused(vector.ErrInvalid, all...)
		},
	},
	{
		name:  "any id",
		says:  "any ID of 1 to 255 bytes is valid",
		check: checkAnyID,
	},
	{
		name: "payload comes back",
		says: "payload values are what filter.Value accepts, and come back as what it returns",
		check: func(e *env) error {
			at := time.Date(2024, 2, 29, 12, 0, 0, 123456789, time.FixedZone("", 3600))
			c, err := e.create(plane, vector.Point{ID: "a", Vector: []float32{1, 0}, Payload: map[string]any{
				"string": "ünï\"'\\", "empty": "", "yes": true, "no": false, "int": 7, "big": int64(math.MaxInt64), "small": int64(math.MinInt64),
				"uint8": uint8(200), "float": 1.5, "whole": 2.0, "float32": float32(0.1), "time": at, "list": []string{"x", "y"}, "any": []any{"z"}, "none": []string{},
			}})
			if err != nil {
				return err
			}
			return e.wantPayload(c, near(1, 0), map[string]any{
				"string": "ünï\"'\\", "empty": "", "yes": true, "no": false, "int": int64(7), "big": int64(math.MaxInt64), "small": int64(math.MinInt64),
				"uint8": int64(200), "float": 1.5, "whole": 2.0, "float32": float64(float32(0.1)), "time": at.UTC().Truncate(time.Microsecond),
				"list": []string{"x", "y"}, "any": []string{"z"}, "none": []string{},
			})
		},
	},
	{
		name: "copied in",
		says: "the store copies what it keeps",
		check: func(e *env) error {
			list := []string{"x"}
			v, payload := []float32{1, 0}, map[string]any{"n": 1, "list": list}
			c, err := e.create(plane, vector.Point{ID: "a", Vector: v, Payload: payload})
			if err != nil {
				return err
			}
			v[0], payload["n"], list[0] = -1, 2, "changed"
			return e.wantPoint(c)
		},
	},
	{
		name: "copied out",
		says: "the store copies what it keeps",
		check: func(e *env) error {
			c, err := e.create(plane, vector.Point{ID: "a", Vector: []float32{1, 0}, Payload: map[string]any{"n": 1, "list": []string{"x"}}})
			if err != nil {
				return err
			}
			found, err := c.Search(e.ctx, vector.Query{Vector: []float32{1, 0}, Vectors: true})
			if err != nil || len(found) != 1 || len(found[0].Vector) != 2 {
				return fmt.Errorf("Search = %v, %v", found, err)
			}
			found[0].Vector[0], found[0].Payload["n"] = -1, 2
			if list, ok := found[0].Payload["list"].([]string); ok {
				list[0] = "changed"
			}
			return e.wantPoint(c)
		},
	},
	{
		name: "points stay as they are",
		says: "the points and their payloads are not changed",
		check: func(e *env) error {
			p := vector.Point{ID: "a", Vector: []float32{3, 4}, Payload: map[string]any{"n": 1}}
			if _, err := e.create(vector.Config{Dimension: 2}, p); err != nil {
				return err
			}
			if !slices.Equal(p.Vector, []float32{3, 4}) || p.Payload["n"] != 1 {
				return fmt.Errorf("Upsert changed the point to %v", p)
			}
			return nil
		},
	},
}

// refused returns an error unless each Upsert is refused with want and stores nothing.
func (e *env) refused(want error, all ...[]vector.Point) error {
	c, err := e.create(plane, at("old", 1, 0))
	if err != nil {
		return err
	}
	for _, points := range all {
		points = slices.Concat([]vector.Point{at("first", 1, 0), at("old", 9, 0)}, points, []vector.Point{at("last", 1, 0)})
		if err := c.Upsert(e.ctx, points...); !errors.Is(err, want) {
			return fmt.Errorf("Upsert(%.60q) = %v, want %v", fmt.Sprint(points[2]), err, want)
		}
		found, err := c.Search(e.ctx, near(1, 0))
		if err != nil || len(found) != 1 || found[0].ID != "old" || found[0].Score != 1 {
			return fmt.Errorf("Search = %v, %v after Upsert was refused, want the old point alone", found, err)
		}
	}
	return nil
}

func checkAnyID(e *env) error {
	ids := []string{
		"1", "a/b", "../up", "a b", "'; drop table x; --", "ünïcödé", "\x00", "\xff\xfe", "%00", "_", "A", "a",
		"550e8400-e29b-41d4-a716-446655440000", "550E8400-E29B-41D4-A716-446655440000", strings.Repeat("x", 255), strings.Repeat("x", 254) + "y",
	}
	points := make([]vector.Point, len(ids))
	for i, id := range ids {
		points[i] = at(id, float32(i), 1)
	}
	c, err := e.create(plane, points...)
	if err != nil {
		return err
	}
	slices.Reverse(ids)
	q := near(1, 0)
	q.Limit = len(ids) + 1
	if err := e.want(c, q, ids...); err != nil {
		return err
	}
	for _, id := range ids {
		if err := c.Delete(e.ctx, id); err != nil {
			return fmt.Errorf("Delete(%.40q): %w", id, err)
		}
	}
	return e.want(c, q)
}

func (e *env) wantPayload(c vector.Collection, q vector.Query, payload map[string]any) error {
	q.Limit = 1
	found, err := c.Search(e.ctx, q)
	if err != nil || len(found) != 1 {
		return fmt.Errorf("Search = %v, %v, want one point", found, err)
	}
	for field, v := range payload {
		if got := found[0].Payload[field]; !reflect.DeepEqual(got, v) {
			return fmt.Errorf("payload %q = %#v, want %#v", field, got, v)
		}
	}
	if len(found[0].Payload) != len(payload) {
		return fmt.Errorf("payload = %v, want %v", found[0].Payload, payload)
	}
	return nil
}

// wantPoint returns an error unless the point of the rules of copying is as it was.
func (e *env) wantPoint(c vector.Collection) error {
	found, err := c.Search(e.ctx, near(1, 0))
	if err != nil || len(found) != 1 || found[0].Score != 1 {
		return fmt.Errorf("Search = %v, %v, want the point with score 1", found, err)
	}
	return e.wantPayload(c, near(1, 0), map[string]any{"n": int64(1), "list": []string{"x"}})
}
