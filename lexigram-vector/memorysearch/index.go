package memorysearch

import (
	"context"
	"slices"
	"sync"

	"github.com/lexigram/lexigram-go/contracts/filter"
	"github.com/lexigram/lexigram-go/contracts/search"
	"github.com/lexigram/lexigram-go/lexigram-vector/internal/journal"
	"github.com/lexigram/lexigram-go/lexigram-vector/internal/topk"
)

// An index is one index of an [Engine].
type index struct {
	name    string
	weights map[string]float64

	writes sync.Mutex   // held by one writer at a time, for as long as it takes
	log    *journal.Log // nil if nothing is kept on disk; guarded by writes
	mu     sync.RWMutex // held by a writer only while it changes what readers see
	data   *inverted

	rankings sync.Pool // of *ranking
}

func newIndex(name string, weights map[string]float64) *index {
	return &index{name: name, weights: weights, data: newInverted()}
}

// put adds docs, which have passed search.CheckDocument; sizes are those of
// their records. The caller holds writes, or is the only one to know x.
func (x *index) put(docs []search.Document, sizes []int) {
	x.mu.Lock()
	for i, d := range docs {
		x.log.Live(-x.data.put(d, sizes[i]))
	}
	x.mu.Unlock()
	x.compact()
}

// remove deletes documents that exist or not. The caller is as for put.
func (x *index) remove(ids []string) {
	x.mu.Lock()
	for _, id := range ids {
		x.log.Live(-x.data.remove(id))
	}
	x.mu.Unlock()
	x.compact()
}

// compact drops what was deleted if it is the larger part. Searches go on meanwhile.
func (x *index) compact() {
	if !x.data.sparse() {
		return
	}
	c := x.data.compacted()
	x.mu.Lock()
	x.data = c
	x.mu.Unlock()
}

// existing returns the ids of documents that there are. The caller holds writes.
func (x *index) existing(ids []string) []string {
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { _, ok := x.data.byID[id]; return !ok })
}

// search answers q, which has passed search.CheckQuery.
func (x *index) search(ctx context.Context, q search.Query) (search.Page, error) {
	where, err := filter.Compile(q.Where)
	if err != nil {
		return search.Page{}, err
	}
	words := slices.Collect(search.Words(q.Text))
	matches, names, err := x.find(ctx, q, words, where)
	if err != nil {
		return search.Page{}, err
	}
	page := search.Page{Total: len(matches)}
	order := ordering(q.Sort, matches)
	best := topk.New(q.Offset+q.Limit, len(matches), order)
	for _, m := range matches {
		best.Offer(m)
	}
	sorted := best.Sorted()
	h := newHighlighter(words)
	for _, m := range sorted[min(q.Offset, len(sorted)):] {
		hit := search.Hit{ID: m.doc.id, Score: float64(m.score)}
		if len(words) > 0 {
			hit.Highlights = h.highlights(names, m.doc)
		}
		page.Hits = append(page.Hits, hit)
	}
	return page, nil
}

// find returns every match, in no order, and the names of fields.
func (x *index) find(ctx context.Context, q search.Query, words []string, where func(map[string]any) bool) ([]match, []string, error) {
	r, _ := x.rankings.Get().(*ranking)
	if r == nil {
		r = &ranking{}
	}
	defer x.rankings.Put(r)
	x.mu.RLock()
	defer x.mu.RUnlock()
	v := x.data
	var out []match
	keep := func(d *document, score float32) {
		if q.Where == nil || where(d.attrs) {
			out = append(out, match{d, score})
		}
	}
	if len(words) == 0 {
		out = make([]match, 0, v.live())
		for _, d := range v.docs {
			if d != nil {
				keep(d, 0)
			}
		}
		return out, v.names(), context.Cause(ctx)
	}
	defer r.reset()
	if err := r.run(ctx, v, distinct(words), !q.Any, x.weights); err != nil {
		return nil, nil, err
	}
	out = make([]match, 0, len(r.matched))
	for _, n := range r.matched {
		keep(v.docs[n], r.scores[n])
	}
	return out, v.names(), context.Cause(ctx)
}

// distinct returns words without those that come again, of which the last
// place counts: the last word stays where it is.
func distinct(words []string) []string {
	seen := make(map[string]bool, len(words))
	out := make([]string, 0, len(words))
	for _, w := range slices.Backward(words) {
		if !seen[w] {
			seen[w] = true
			out = append(out, w)
		}
	}
	slices.Reverse(out)
	return out
}
