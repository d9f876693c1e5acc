package tenantvector_test

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/lexigram/lexigram-go/contracts/filter"
	"github.com/lexigram/lexigram-go/contracts/vector"
)

// plain is a store that compares with every point.
type plain struct {
	mu  sync.Mutex
	all map[string]*collection
}

func newPlain() *plain { return &plain{all: map[string]*collection{}} }

type collection struct {
	*plain
	cfg    vector.Config
	name   string
	points map[string]vector.Point
}

func (p *plain) Create(ctx context.Context, name string, cfg vector.Config) (vector.Collection, error) {
	if err := vector.CheckConfig(name, cfg); err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, ok := p.all[name]; ok {
		return nil, vector.ErrExists
	}
	p.all[name] = &collection{p, cfg, name, map[string]vector.Point{}}
	return p.all[name], nil
}

func (p *plain) Open(ctx context.Context, name string) (vector.Collection, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if c, ok := p.all[name]; ok {
		return c, nil
	}
	return nil, vector.ErrNoCollection
}

func (p *plain) Drop(ctx context.Context, name string) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.all, name)
	return nil
}

func (p *plain) List(ctx context.Context) ([]string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Sorted(maps.Keys(p.all)), context.Cause(ctx)
}

// use locks the store if the collection can be used.
func (c *collection) use(ctx context.Context) (unlock func(), err error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	c.mu.Lock()
	if c.all[c.name] != c {
		c.mu.Unlock()
		return nil, vector.ErrNoCollection
	}
	return c.mu.Unlock, nil
}

func (c *collection) Upsert(ctx context.Context, points ...vector.Point) error {
	checked, err := vector.CheckPoints(c.cfg, points)
	if err != nil {
		return err
	}
	unlock, err := c.use(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	for _, p := range checked {
		p.Vector = slices.Clone(p.Vector)
		c.points[p.ID] = p
	}
	return nil
}

func (c *collection) Delete(ctx context.Context, ids ...string) error {
	unlock, err := c.use(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	for _, id := range ids {
		delete(c.points, id)
	}
	return nil
}

func (c *collection) Search(ctx context.Context, q vector.Query) ([]vector.Match, error) {
	q, err := vector.CheckQuery(c.cfg, q)
	if err != nil {
		return nil, err
	}
	holds, err := filter.Compile(q.Where)
	if err != nil {
		return nil, err
	}
	unlock, err := c.use(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	var out []vector.Match
	for _, p := range c.points {
		m := vector.Match{Point: p, Score: score(c.cfg.Metric, q.Vector, p.Vector)}
		if holds(p.Payload) && (q.MinScore == nil || m.Score >= *q.MinScore-1e-6*max(1, math.Abs(*q.MinScore))) {
			out = append(out, m)
		}
	}
	slices.SortFunc(out, func(a, b vector.Match) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(a.ID, b.ID))
	})
	out = out[:min(q.Limit, len(out))]
	for i := range out {
		copyOut(&out[i], q.Vectors)
	}
	return out, nil
}

func copyOut(m *vector.Match, vectors bool) {
	m.Payload = maps.Clone(m.Payload)
	for field, v := range m.Payload {
		if list, ok := v.([]string); ok {
			m.Payload[field] = slices.Clone(list)
		}
	}
	if m.Vector = slices.Clone(m.Vector); !vectors {
		m.Vector = nil
	}
}

func score(metric vector.Metric, a, b []float32) float64 {
	var dot, aa, bb, l1, l2 float64
	for i := range a {
		x, y := float64(a[i]), float64(b[i])
		dot, aa, bb = dot+x*y, aa+x*x, bb+y*y
		l1, l2 = l1+math.Abs(x-y), l2+(x-y)*(x-y)
	}
	switch n := math.Sqrt(aa) * math.Sqrt(bb); {
	case metric == vector.Dot:
		return dot
	case metric == vector.Euclidean:
		return 1 / (1 + math.Sqrt(l2))
	case metric == vector.Manhattan:
		return 1 / (1 + l1)
	case n > 0:
		return max(-1, min(1, dot/n))
	}
	return 0
}
