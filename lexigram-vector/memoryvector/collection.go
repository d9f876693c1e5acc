package memoryvector

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/lexigram/lexigram-go/contracts/vector"
	"github.com/lexigram/lexigram-go/lexigram-vector/internal/journal"
)

var _ vector.Collection = (*collection)(nil)

// A collection is one collection of a [Store].
type collection struct {
	name   string
	cfg    vector.Config
	closed *atomic.Bool             // the store's
	state  atomic.Pointer[snapshot] // nil once it is dropped

	writes sync.Mutex       // held by one writer at a time; readers never take it
	places map[string]place // of the living, by ID; guarded by writes, as is what follows
	log    *journal.Log     // nil if nothing is kept on disk
	alone  bool             // nobody else knows the collection yet: its snapshot may be changed in place

	scratch []byte // of logPut
}

// A place is where a point is.
type place struct {
	slot  int
	bytes int // of its record in the journal
}

func newCollection(name string, cfg vector.Config, closed *atomic.Bool) *collection {
	c := &collection{name: name, cfg: cfg, closed: closed, places: map[string]place{}}
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
	if c.cfg.Metric == vector.Cosine {
		scale(points)
	}
	c.writes.Lock()
	defer c.writes.Unlock()
	if err := c.usable(ctx, "upsert into"); err != nil {
		return err
	}
	sizes, err := c.logPut(points)
	if err != nil {
		return c.failed("upsert into", err)
	}
	c.put(points, sizes)
	c.log.RewriteIfWasteful(c.state.Load().records)
	return nil
}

// scale replaces the vectors by copies of length 1.
func scale(points []vector.Point) {
	for i := range points {
		v := make([]float32, len(points[i].Vector))
		normalize(v, points[i].Vector)
		points[i].Vector = v
	}
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
	ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { _, ok := c.places[id]; return !ok })
	if len(ids) == 0 {
		return nil
	}
	if err := c.log.Append(deleteRecord(ids)); err != nil {
		return c.failed("delete from", err)
	}
	c.remove(ids)
	c.log.RewriteIfWasteful(c.state.Load().records)
	return nil
}

// put applies an upsert; sizes are those of the records of points. The caller
// holds writes, or is the only one to know c.
func (c *collection) put(points []vector.Point, sizes []int) {
	s := c.edit(slices.ContainsFunc(points, func(p vector.Point) bool { _, ok := c.places[p.ID]; return ok }))
	for i, p := range points {
		if old, ok := c.places[p.ID]; ok {
			s.kill(old.slot)
			c.log.Live(-old.bytes)
		}
		c.places[p.ID] = place{s.add(p.ID, p.Vector, p.Payload), sizes[i]}
	}
	c.publish(s)
}

// remove applies a delete of points that exist or not. The caller is as for put.
func (c *collection) remove(ids []string) {
	s := c.edit(true)
	for _, id := range ids {
		if old, ok := c.places[id]; ok {
			s.kill(old.slot)
			c.log.Live(-old.bytes)
			delete(c.places, id)
		}
	}
	c.publish(s)
}

// edit returns the next snapshot.
func (c *collection) edit(kills bool) *snapshot {
	s := c.state.Load()
	if c.alone {
		return s
	}
	return s.next(kills)
}

// publish lets readers see s, without its dead if they are too many.
func (c *collection) publish(s *snapshot) {
	if s.sparse() {
		s = s.compacted(func(id string, slot int) { c.places[id] = place{slot, c.places[id].bytes} })
	}
	c.state.Store(s)
}

// usable returns an error if ctx has ended or the collection is dropped.
func (c *collection) usable(ctx context.Context, op string) error {
	switch {
	case c.closed.Load():
		return vector.ErrClosed.Wrap(nil, "vector: %s %q", op, c.name)
	case c.state.Load() == nil:
		return vector.ErrNoCollection.Wrap(nil, "vector: %s %q", op, c.name)
	case ctx.Err() != nil:
		return c.failed(op, context.Cause(ctx))
	}
	return nil
}

func (c *collection) failed(op string, cause error) error {
	if errors.Is(cause, journal.ErrTooLarge) {
		return vector.ErrInvalid.Wrap(cause, "vector: %s %q", op, c.name)
	}
	return vector.Err.Wrap(cause, "vector: %s %q", op, c.name)
}

// drop forgets every point.
func (c *collection) drop() error {
	c.writes.Lock()
	defer c.writes.Unlock()
	c.state.Store(nil)
	c.places = nil
	return c.log.Close()
}
