package searchtest

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/lexigram/lexigram-go/contracts/filter"
	"github.com/lexigram/lexigram-go/contracts/search"
)

// good is the smallest engine that keeps every rule, but the one that breaks names.
type good struct {
	breaks string
	mu     sync.Mutex
	all    map[string]map[string]search.Document
}

func newGood(breaks string) *good {
	return &good{breaks: breaks, all: map[string]map[string]search.Document{}}
}

// use locks the engine, whatever it returns.
func (g *good) use(ctx context.Context, name string) (map[string]search.Document, error) {
	g.mu.Lock()
	if err := search.CheckIndex(name); err != nil && g.breaks != "invalid index name" {
		return nil, err
	}
	if ctx.Err() != nil && g.breaks != "ended context" {
		return nil, search.Err.Wrap(context.Cause(ctx), "good")
	}
	if g.breaks == "indexes are apart" {
		name = "one"
	}
	x, ok := g.all[name]
	if !ok {
		return nil, search.ErrNoIndex.Wrap(nil, "good")
	}
	return x, nil
}

func (g *good) Index(ctx context.Context, name string, docs ...search.Document) error {
	x, err := g.use(ctx, name)
	defer g.mu.Unlock()
	if errors.Is(err, search.ErrNoIndex) && g.breaks != "index is made" {
		x, err = map[string]search.Document{}, nil
		if g.breaks == "indexes are apart" {
			name = "one"
		}
		g.all[name] = x
	}
	if err != nil {
		return err
	}
	var checked []search.Document
	for _, d := range docs {
		c, err := search.CheckDocument(d)
		if err != nil && g.breaks == "all or none" {
			break
		}
		if err != nil {
			return err
		}
		if c.Text = maps.Clone(d.Text); g.breaks == "attributes are copied in" {
			c.Attributes = d.Attributes
		}
		checked = append(checked, c)
	}
	for i, d := range checked {
		if g.breaks == "any id" {
			d.ID = strings.ToLower(d.ID)
		}
		if old, ok := x[d.ID]; ok && g.breaks == "replace" {
			maps.Copy(d.Attributes, old.Attributes)
		}
		if g.breaks == "concurrent" && i > 0 {
			continue // as if another call had overwritten it
		}
		x[d.ID] = d
	}
	return nil
}

func (g *good) Delete(ctx context.Context, name string, ids ...string) error {
	x, err := g.use(ctx, name)
	defer g.mu.Unlock()
	if errors.Is(err, search.ErrNoIndex) && g.breaks == "delete without index" {
		return nil
	}
	if err != nil {
		return err
	}
	for _, id := range ids {
		if _, ok := x[id]; !ok && g.breaks == "delete absent" {
			return search.ErrQuery.Wrap(nil, "good")
		}
		if delete(x, id); g.breaks == "delete" {
			break
		}
	}
	return nil
}

func (g *good) Search(ctx context.Context, name string, q search.Query) (search.Page, error) {
	limit := q.Limit
	checked, err := search.CheckQuery(q)
	if err != nil && (g.breaks == "invalid query" || g.breaks == "malformed where") {
		return search.Page{}, nil
	}
	if q = checked; err != nil {
		return search.Page{}, err
	}
	if limit == 0 && g.breaks == "default limit" {
		q.Limit = 10
	}
	if g.breaks == "longest query" && len(q.Text) > 1_000 {
		return search.Page{}, search.ErrQuery.Wrap(nil, "good")
	}
	x, err := g.use(ctx, name)
	defer g.mu.Unlock()
	if errors.Is(err, search.ErrNoIndex) && g.breaks == "search without index" {
		return search.Page{}, nil
	}
	if err != nil {
		return search.Page{}, err
	}
	return g.page(q, g.find(x, q), x), nil
}

func (g *good) words(text string) []string {
	if g.breaks == "no character is special" {
		text = strings.ReplaceAll(text, "-window", "")
	}
	if g.breaks == "other scripts" {
		text = strings.Map(func(r rune) rune {
			if r > 0x3ff {
				return ' '
			}
			return r
		}, text)
	}
	words := slices.Collect(search.Words(text))
	switch g.breaks {
	case "cutting":
		words = strings.Fields(strings.ToLower(text))
	case "case":
		words = strings.Fields(text)
	}
	return words
}

// tf counts how often word occurs in d.
func (g *good) tf(d search.Document, word string, last bool) float64 {
	n := 0.
	for _, text := range d.Text {
		for _, w := range g.words(text) {
			prefix := last && g.breaks != "last word begins" || g.breaks == "other words are whole"
			if w == word || prefix && strings.HasPrefix(w, word) || g.breaks == "no other words" && strings.Contains(w, word) {
				n++
			}
		}
	}
	return n
}

func (g *good) find(x map[string]search.Document, q search.Query) []search.Hit {
	holds, _ := filter.Compile(q.Where) // CheckQuery has validated it
	words := g.words(q.Text)
	df := map[string]int{}
	for i, w := range words {
		for _, d := range x {
			if g.tf(d, w, i == len(words)-1) > 0 {
				df[w]++
			}
		}
	}
	var hits []search.Hit
	for _, d := range x {
		if g.breaks != "where" && !holds(d.Attributes) {
			continue
		}
		score, matched := 0., 0
		for i, w := range words {
			tf := g.tf(d, w, i == len(words)-1)
			if tf == 0 {
				continue
			}
			matched++
			score += g.weigh(tf, float64(df[w]), len(x))
		}
		all := !q.Any && g.breaks != "every word" || g.breaks == "any word"
		if all && matched < len(words) || !all && matched == 0 && len(words) > 0 || g.breaks == "no word" && len(words) == 0 {
			continue
		}
		hits = append(hits, search.Hit{ID: d.ID, Score: score, Highlights: g.highlight(d, words)})
	}
	return hits
}

func (g *good) weigh(tf, df float64, docs int) float64 {
	rarity := math.Log1p(float64(docs) / df)
	switch g.breaks {
	case "best first":
		return 1
	case "rarer words rank higher":
		return tf
	case "more words rank higher":
		return -rarity
	}
	return rarity * tf / (1 + tf)
}

func (g *good) highlight(d search.Document, words []string) map[string]string {
	if len(words) == 0 {
		return nil
	}
	body := d.Text["body"]
	if i := strings.Index(strings.ToLower(body), words[0]); i >= 0 {
		if g.breaks == "highlights" {
			return map[string]string{"body": body[i:i+len(words[0])] + "\x03"}
		}
		return map[string]string{"body": "\x02" + body[i:i+len(words[0])] + "\x03"}
	}
	return nil
}

func (g *good) page(q search.Query, hits []search.Hit, x map[string]search.Document) search.Page {
	slices.SortFunc(hits, func(a, b search.Hit) int { return g.compare(q, a, b, x) })
	page := search.Page{Total: len(hits)}
	if g.breaks == "offset" {
		q.Offset /= 2
	}
	page.Hits = hits[min(q.Offset, len(hits)):min(q.Offset+q.Limit, len(hits))]
	if g.breaks == "far pages" {
		page.Total = min(page.Total, search.MaxLimit)
	}
	if g.breaks == "limit and total" {
		page.Total = len(page.Hits)
	}
	return page
}

func (g *good) compare(q search.Query, a, b search.Hit, x map[string]search.Document) int {
	for i, o := range q.Sort {
		if g.breaks == "sort" || i > 0 && g.breaks == "sort by two attributes" {
			break
		}
		if c := g.order(x[a.ID].Attributes[o.Attribute], x[b.ID].Attributes[o.Attribute], o.Desc); c != 0 {
			return c
		}
	}
	score := cmp.Compare(b.Score, a.Score)
	if len(q.Sort) > 0 && g.breaks != "sort" {
		score = 0
	}
	if g.breaks == "ties by id" || g.breaks == "equals when sorted" {
		return cmp.Or(score, strings.Compare(b.ID, a.ID))
	}
	return cmp.Or(score, strings.Compare(a.ID, b.ID))
}

// order puts what is not comparable with the numbers, strings and times of the rules last.
func (g *good) order(a, b any, desc bool) int {
	c, ok := filter.Compare(a, b)
	rank := func(v any) int {
		switch v.(type) {
		case nil:
			return 2
		case string:
			return 1
		}
		return 0
	}
	if !ok {
		c = cmp.Compare(rank(a), rank(b))
		if g.breaks != "sorted last" {
			return c
		}
	}
	if desc {
		return -c
	}
	return c
}
