package memorysearch

import (
	"context"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/health"
)

var _ health.Checker = (*Engine)(nil)

// Stats says how large an engine is.
type Stats struct {
	Indexes   int
	Documents int
	Terms     int // different words, added up over the indexes
	// TextBytes is the size of the texts, which are kept for excerpts.
	TextBytes int64
	// PostingBytes is the size of the lists that say which documents have a word.
	PostingBytes int64
	// MemoryBytes is about what all takes: texts, lists, words and attributes.
	MemoryBytes int64
	// DiskBytes is the size of the journals.
	DiskBytes int64
	// CutBytes is what calls that were interrupted had left in the journals
	// when they were opened.
	CutBytes int64
}

// Stats counts. It visits every document and word, so it is not for hot paths.
func (e *Engine) Stats() Stats {
	e.mu.RLock()
	defer e.mu.RUnlock()
	st := Stats{Indexes: len(e.indexes)}
	for _, x := range e.indexes {
		x.mu.RLock()
		x.data.measure(&st)
		x.mu.RUnlock()
		st.DiskBytes += x.log.Size()
		st.CutBytes += x.log.Cut()
	}
	return st
}

const (
	termBytes     = 160 // of a word: its entry in the dictionary, by text, stem and order
	listBytes     = 32
	documentBytes = 120 // of a document: its entry, by number and ID
	fieldBytes    = 40  // of a text, and of an attribute
)

// measure adds what v takes to st.
func (v *inverted) measure(st *Stats) {
	st.Documents += v.live()
	st.Terms += len(v.dict.terms)
	rest := int64(len(v.docs) * 8)
	for i := range v.dict.terms {
		t := &v.dict.terms[i]
		rest += int64(termBytes + len(t.text) + len(t.lists)*listBytes)
		for _, l := range t.lists {
			st.PostingBytes += int64(len(l.data))
			rest += int64(cap(l.data))
		}
	}
	for _, d := range v.docs {
		if d == nil {
			continue
		}
		rest += int64(documentBytes + len(d.id) + fieldBytes*(len(d.texts)+len(d.attrs)))
		for _, t := range d.texts {
			st.TextBytes += int64(len(t.value))
			rest += int64(len(t.value))
		}
	}
	st.MemoryBytes += rest
}

// CheckHealth reports whether the engine takes writes: [health.Degraded] if a
// journal could not be rewritten and so grows, [health.Unhealthy] if the engine
// is closed, its directory is gone, or a journal takes no more records.
func (e *Engine) CheckHealth(ctx context.Context) health.Result {
	switch {
	case e.closed.Load():
		return health.Result{Status: health.Unhealthy, Message: "search: engine is closed"}
	case ctx.Err() != nil:
		return health.Result{Status: health.Unhealthy, Message: context.Cause(ctx).Error()}
	}
	e.mu.RLock()
	defer e.mu.RUnlock()
	if e.dir != nil {
		if err := e.dir.Check(); err != nil {
			return health.Result{Status: health.Unhealthy, Message: err.Error()}
		}
	}
	worst := health.Result{Status: health.Healthy, Message: fmt.Sprintf("%d indexes", len(e.indexes))}
	for name, x := range e.indexes {
		if status, err := x.log.Health(); health.Worst(worst.Status, status) != worst.Status {
			worst = health.Result{Status: status, Message: fmt.Sprintf("index %q: %v", name, err)}
		}
	}
	return worst
}
