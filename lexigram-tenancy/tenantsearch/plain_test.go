package tenantsearch_test

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/lexigram/lexigram-go/contracts/filter"
	"github.com/lexigram/lexigram-go/contracts/search"
)

// plain is an engine that reads every document.
type plain struct {
	mu  sync.Mutex
	all map[string]map[string]search.Document
}

func newPlain() *plain { return &plain{all: map[string]map[string]search.Document{}} }

func (p *plain) Index(ctx context.Context, name string, docs ...search.Document) error {
	if err := search.CheckIndex(name); err != nil {
		return err
	}
	checked := make([]search.Document, len(docs))
	for i, d := range docs {
		c, err := search.CheckDocument(d)
		if err != nil {
			return err
		}
		c.Text = maps.Clone(d.Text)
		checked[i] = c
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.all[name] == nil {
		p.all[name] = map[string]search.Document{}
	}
	for _, d := range checked {
		p.all[name][d.ID] = d
	}
	return nil
}

// use locks the engine, whatever it returns.
func (p *plain) use(ctx context.Context, name string) (map[string]search.Document, error) {
	p.mu.Lock()
	if err := search.CheckIndex(name); err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if x, ok := p.all[name]; ok {
		return x, nil
	}
	return nil, search.ErrNoIndex
}

func (p *plain) Delete(ctx context.Context, name string, ids ...string) error {
	x, err := p.use(ctx, name)
	defer p.mu.Unlock()
	for _, id := range ids {
		delete(x, id)
	}
	return err
}

func (p *plain) Search(ctx context.Context, name string, q search.Query) (search.Page, error) {
	q, err := search.CheckQuery(q)
	if err != nil {
		return search.Page{}, err
	}
	holds, err := filter.Compile(q.Where)
	if err != nil {
		return search.Page{}, err
	}
	x, err := p.use(ctx, name)
	defer p.mu.Unlock()
	if err != nil {
		return search.Page{}, err
	}
	words := slices.Collect(search.Words(q.Text))
	rarity := rarities(x, words)
	var hits []search.Hit
	for _, d := range x {
		if score, ok := match(d, words, rarity, q.Any); ok && holds(d.Attributes) {
			hits = append(hits, search.Hit{ID: d.ID, Score: score})
		}
	}
	slices.SortFunc(hits, func(a, b search.Hit) int { return compare(q.Sort, a, b, x) })
	return search.Page{Total: len(hits), Hits: hits[min(q.Offset, len(hits)):min(q.Offset+q.Limit, len(hits))]}, nil
}

// tf counts how often a word occurs in d; the last one of a query may begin one.
func tf(d search.Document, word string, last bool) (n float64) {
	for _, text := range d.Text {
		for w := range search.Words(text) {
			if w == word || last && strings.HasPrefix(w, word) {
				n++
			}
		}
	}
	return n
}

func rarities(x map[string]search.Document, words []string) []float64 {
	out := make([]float64, len(words))
	for i, w := range words {
		df := 0.
		for _, d := range x {
			if tf(d, w, i == len(words)-1) > 0 {
				df++
			}
		}
		out[i] = math.Log1p(float64(len(x)) / df)
	}
	return out
}

func match(d search.Document, words []string, rarity []float64, any bool) (score float64, ok bool) {
	matched := 0
	for i, w := range words {
		if n := tf(d, w, i == len(words)-1); n > 0 {
			matched++
			score += rarity[i] * n / (1 + n)
		}
	}
	return score, matched == len(words) || any && matched > 0
}

func compare(sort []search.Order, a, b search.Hit, x map[string]search.Document) int {
	for _, o := range sort {
		if c := order(x[a.ID].Attributes[o.Attribute], x[b.ID].Attributes[o.Attribute], o.Desc); c != 0 {
			return c
		}
	}
	if len(sort) > 0 {
		return strings.Compare(a.ID, b.ID)
	}
	return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(a.ID, b.ID))
}

// order puts what does not compare with the numbers of the suite last.
func order(a, b any, desc bool) int {
	c, ok := filter.Compare(a, b)
	if !ok {
		return cmp.Compare(rank(a), rank(b))
	}
	if desc {
		return -c
	}
	return c
}

func rank(v any) int {
	switch v.(type) {
	case nil:
		return 2
	case string:
		return 1
	}
	return 0
}
