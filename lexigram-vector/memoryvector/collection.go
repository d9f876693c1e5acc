package memoryvector

import (
	"context"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/lexigram/lexigram-go/contracts/vector"
)

var _ vector.Collection = (*collection)(nil)

// A collection is one collection of a [Store].
type collection struct {
	name  string
	cfg   vector.Config
	state atomic.Pointer[snapshot] // nil once it is dropped

	writes sync.Mutex     // held by one writer at a time; readers never take it
	slots  map[string]int // of the living, by ID; guarded by writes
}

func newCollection(name string, cfg vector.Config) *collection {
	c := &collection{name: name, cfg: cfg, slots: map[string]int{}}
	c.state.Store(newSnapshot(cfg))
	return c
}

// Upsert adds or replaces points, all or none. An ended ctx stores nothing;
// once the write has begun ctx is not looked at.
func (c *collection) Upsert(ctx context.Context, points ...vector.Point) error {
	if err := c.usable(ctx, "upsert into"); err != nil {
		return err
	}
	points, err := vector.CheckPoints(c.cfg, points)
	if err != nil || len(points) == 0 {
		return err
	}
	c.writes.Lock()
	defer c.writes.Unlock()
	if err := c.usable(ctx, "upsert into"); err != nil {
		return err
	}
	c.put(points)
	return nil
}

// Delete removes points, all or none. An ended ctx removes nothing.
func (c *collection) Delete(ctx context.Context, ids ...string) error {
	if err := c.usable(ctx, "delete from"); err != nil {
		return err
	}
	c.writes.Lock()
	defer c.writes.Unlock()
	if err := c.usable(ctx, "delete from"); err != nil {
		return err
	}
	if ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { _, ok := c.slots[id]; return !ok }); len(ids) > 0 {
		c.remove(ids)
	}
	return nil
}

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
		return nil, c.dropped("search")
	}
	sc, err := newScan(s, q)
	if err != nil {
		return nil, err
	}
	best, err := sc.run(ctx)
	if err != nil {
		return nil, vector.Err.Wrap(err, "vector: search %q", c.name)
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

// put applies an upsert. The caller holds writes, or is the only one to know c.
func (c *collection) put(points []vector.Point) {
	s := c.state.Load().next(slices.ContainsFunc(points, func(p vector.Point) bool { _, ok := c.slots[p.ID]; return ok }))
	for _, p := range points {
		if slot, ok := c.slots[p.ID]; ok {
			s.kill(slot)
		}
		c.slots[p.ID] = s.add(p.ID, p.Vector, p.Payload)
	}
	c.publish(s)
}

// remove applies a delete of points that exist or not. The caller holds writes.
func (c *collection) remove(ids []string) {
	s := c.state.Load().next(true)
	for _, id := range ids {
		if slot, ok := c.slots[id]; ok {
			s.kill(slot)
			delete(c.slots, id)
		}
	}
	c.publish(s)
}

// publish lets readers see s, without its dead if they are too many.
func (c *collection) publish(s *snapshot) {
	if s.sparse() {
		s = s.compacted(func(id string, slot int) { c.slots[id] = slot })
	}
	c.state.Store(s)
}

// usable returns an error if ctx has ended or the collection is dropped.
func (c *collection) usable(ctx context.Context, op string) error {
	if c.state.Load() == nil {
		return c.dropped(op)
	}
	if err := ctx.Err(); err != nil {
		return vector.Err.Wrap(err, "vector: %s %q", op, c.name)
	}
	return nil
}

func (c *collection) dropped(op string) error {
	return vector.ErrNoCollection.Wrap(nil, "vector: %s %q", op, c.name)
}

// drop forgets every point.
func (c *collection) drop() {
	c.writes.Lock()
	defer c.writes.Unlock()
	c.state.Store(nil)
	c.slots = nil
}
