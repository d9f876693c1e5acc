package memoryvector

import (
	"context"
	"maps"
	"slices"

	"github.com/lexigram/lexigram-go/contracts/vector"
)

// Search compares q.Vector with every point, on several processors if there
// are many. It waits for no writer and sees each call of one whole or not at
// all. ctx is looked at every few hundred points.
func (c *collection) Search(ctx context.Context, q vector.Query) ([]vector.Match, error) {
	if err := c.usable(ctx, "search"); err != nil {
		return nil, err
	}
	q, err := vector.CheckQuery(c.cfg, q)
	if err != nil {
		return nil, err
	}
	s := c.state.Load()
	if s == nil {
		return nil, c.usable(ctx, "search")
	}
	sc, err := newScan(s, q)
	if err != nil {
		return nil, err
	}
	best, err := sc.run(ctx)
	if err != nil {
		return nil, c.failed("search", err)
	}
	matches := make([]vector.Match, len(best))
	for i, b := range best {
		matches[i] = s.match(b, q.Vectors)
	}
	return matches, nil
}

// match copies a point out.
func (s *snapshot) match(b candidate, withVector bool) vector.Match {
	c, i := s.at(b.slot)
	m := vector.Match{Point: vector.Point{ID: c.ids[i], Payload: clonePayload(c.payloads[i])}, Score: b.score}
	if withVector {
		m.Vector = slices.Clone(c.vector(i, s.cfg.Dimension))
	}
	return m
}

func clonePayload(p map[string]any) map[string]any {
	p = maps.Clone(p)
	for k, v := range p {
		if list, ok := v.([]string); ok {
			p[k] = slices.Clone(list)
		}
	}
	return p
}
