package vectortest

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

// good is the smallest store that keeps every rule, but the one that breaks names.
type good struct {
	breaks string
	mu     sync.Mutex
	all    map[string]*collection

	dropped map[string]*collection // of a store that forgets names only
}

type collection struct {
	*good
	cfg    vector.Config
	name   string
	points map[string]vector.Point
}

func (g *good) ended(ctx context.Context) error {
	if ctx.Err() != nil && g.breaks != "ended context" {
		return vector.Err.Wrap(context.Cause(ctx), "good")
	}
	return nil
}

func (g *good) Create(ctx context.Context, name string, cfg vector.Config) (vector.Collection, error) {
	if err := vector.CheckConfig(name, cfg); err != nil && g.breaks != "invalid config" {
		return nil, err
	}
	if err := g.ended(ctx); err != nil {
		return nil, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, ok := g.all[name]; ok && g.breaks != "create twice" {
		return nil, vector.ErrExists.Wrap(nil, "good")
	}
	c := &collection{g, cfg, name, map[string]vector.Point{}}
	if first := slices.Collect(maps.Values(g.all)); g.breaks == "collections are apart" && len(first) > 0 {
		c.points = first[0].points
	}
	if old := g.dropped[name]; old != nil && g.breaks == "dropped points" {
		c.points = old.points
	}
	g.all[name] = c
	return c, nil
}

func (g *good) Open(ctx context.Context, name string) (vector.Collection, error) {
	if err := g.ended(ctx); err != nil {
		return nil, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	c, ok := g.all[name]
	if !ok && g.breaks == "open absent" {
		return nil, nil
	}
	if !ok {
		return nil, vector.ErrNoCollection.Wrap(nil, "good")
	}
	if g.breaks == "open" {
		return &collection{g, c.cfg, name, map[string]vector.Point{}}, nil
	}
	return c, nil
}

func (g *good) Drop(ctx context.Context, name string) error {
	if err := g.ended(ctx); err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, ok := g.all[name]; !ok && g.breaks == "drop absent" {
		return vector.ErrNoCollection.Wrap(nil, "good")
	}
	if g.breaks == "dropped points" {
		g.dropped = map[string]*collection{name: g.all[name]}
	}
	if g.breaks != "drop" {
		delete(g.all, name)
	}
	return nil
}

func (g *good) List(ctx context.Context) ([]string, error) {
	if err := g.ended(ctx); err != nil {
		return nil, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	names := slices.Sorted(maps.Keys(g.all))
	if g.breaks == "list" {
		slices.Reverse(names)
	}
	return names, nil
}

// use locks the store if the collection can be used.
func (c *collection) use(ctx context.Context) (unlock func(), err error) {
	if err := c.ended(ctx); err != nil {
		return nil, err
	}
	c.mu.Lock()
	if c.all[c.name] == nil && c.breaks != "dropped" {
		c.mu.Unlock()
		return nil, vector.ErrNoCollection.Wrap(nil, "good")
	}
	return c.mu.Unlock, nil
}

func (c *collection) Upsert(ctx context.Context, points ...vector.Point) error {
	checked, err := vector.CheckPoints(c.cfg, points)
	if err != nil {
		return c.brokenUpsert(points, err)
	}
	unlock, err := c.use(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	for i, p := range checked {
		switch c.breaks {
		case "copied in":
			p.Payload = points[i].Payload
		case "payload comes back":
			p.Payload = maps.Clone(points[i].Payload)
		case "points stay as they are":
			p.Vector[0]++
		case "any id":
			p.ID = strings.ToLower(p.ID)
		case "no length":
			if c.cfg.Metric == vector.Cosine && norm(p.Vector) == 0 {
				continue
			}
		}
		if c.breaks != "copied in" {
			p.Vector = slices.Clone(p.Vector)
		}
		if _, ok := c.points[p.ID]; !ok || c.breaks != "replace" {
			c.points[p.ID] = p
		}
	}
	if c.breaks == "concurrent" && len(points) > 1 {
		delete(c.points, points[0].ID)
	}
	return nil
}

// brokenUpsert keeps what came before a point that is refused if a rule that says otherwise is to be broken.
func (c *collection) brokenUpsert(points []vector.Point, err error) error {
	if slices.Contains([]string{"wrong dimension", "id given twice", "invalid id", "not a number", "invalid payload"}, c.breaks) {
		c.points["first"] = points[0]
	}
	return err
}

func (c *collection) Delete(ctx context.Context, ids ...string) error {
	unlock, err := c.use(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if c.breaks == "delete many" {
		ids = ids[:min(len(ids), 100)]
	}
	for _, id := range ids {
		if _, ok := c.points[id]; !ok && c.breaks == "delete absent" {
			return vector.ErrInvalid.Wrap(nil, "good")
		}
		if delete(c.points, id); c.breaks == "delete" {
			break
		}
	}
	return nil
}

func (c *collection) Search(ctx context.Context, q vector.Query) ([]vector.Match, error) {
	limit := q.Limit
	q, err := vector.CheckQuery(c.cfg, q)
	if err != nil && (c.breaks == "invalid query" || c.breaks == "malformed where") {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if limit == 0 && c.breaks == "default limit" {
		q.Limit = 20
	}
	unlock, err := c.use(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if len(c.points) == 0 && c.breaks == "empty collection" {
		return nil, vector.ErrInvalid.Wrap(nil, "good")
	}
	if c.breaks == "query stays as it is" {
		q.Vector[0] /= 5
	}
	return c.find(q), nil
}

func (c *collection) find(q vector.Query) []vector.Match {
	holds, _ := filter.Compile(q.Where) // CheckQuery has validated it
	var out []vector.Match
	for _, p := range c.points {
		m := vector.Match{Point: p, Score: c.score(q.Vector, p.Vector)}
		after := c.breaks == "where leaves enough"
		if !after && c.breaks != "where" && !holds(p.Payload) || q.MinScore != nil && !c.passes(m.Score, *q.MinScore) {
			continue
		}
		if c.breaks == "exact" && len(p.ID) > 6 && p.ID[6] == '7' || c.breaks == "recall" && !q.Exact && len(p.ID) > 4 && p.ID[3] == '0' {
			continue
		}
		out = append(out, m)
	}
	slices.SortFunc(out, func(a, b vector.Match) int {
		switch c.breaks {
		case "best first":
			return strings.Compare(a.ID, b.ID)
		case "ties by id":
			return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(b.ID, a.ID))
		}
		return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(a.ID, b.ID))
	})
	if c.breaks == "a large limit" {
		q.Limit = min(q.Limit, 1_000)
	}
	if c.breaks != "limit" {
		out = out[:min(q.Limit, len(out))]
	}
	if c.breaks == "where leaves enough" {
		out = slices.DeleteFunc(out, func(m vector.Match) bool { return !holds(m.Payload) })
	}
	for i := range out {
		c.copyOut(&out[i], q.Vectors)
	}
	return out
}

func (c *collection) copyOut(m *vector.Match, vectors bool) {
	if c.breaks != "copied out" {
		m.Vector, m.Payload = slices.Clone(m.Vector), maps.Clone(m.Payload)
		for field, v := range m.Payload {
			if list, ok := v.([]string); ok {
				m.Payload[field] = slices.Clone(list)
			}
		}
	}
	if vectors == (c.breaks == "vectors") {
		m.Vector = nil
	}
}

func (c *collection) passes(score, least float64) bool {
	switch c.breaks {
	case "min score is inclusive":
		return score > least
	case "min score excludes":
		return true
	}
	return score >= least-1e-6*max(1, math.Abs(least))
}

func (c *collection) score(a, b []float32) float64 {
	var dot, l1, l2 float64
	for i := range a {
		x, y := float64(a[i]), float64(b[i])
		dot += x * y
		l1 += math.Abs(x - y)
		l2 += (x - y) * (x - y)
	}
	if c.breaks == "large components" && float64(float32(l2)) > math.MaxFloat32 {
		return math.NaN()
	}
	switch c.cfg.Metric {
	case vector.Cosine:
		if c.breaks == "cosine" {
			return dot
		}
		if n := norm(a) * norm(b); n > 0 {
			return max(-1, min(1, dot/n))
		}
		return 0
	case vector.Euclidean:
		if c.breaks == "euclidean" {
			return 1 / (1 + l2)
		}
		return 1 / (1 + math.Sqrt(l2))
	case vector.Manhattan:
		if c.breaks == "manhattan" {
			return 0
		}
		return 1 / (1 + l1)
	}
	if c.breaks == "dot product" {
		return dot / norm(a)
	}
	return dot
}

func norm(v []float32) float64 {
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	return math.Sqrt(sum)
}
