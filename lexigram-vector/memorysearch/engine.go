// Package memorysearch is a full-text search engine inside the process: it
// ranks by BM25F, and with a directory every write is on disk before it is answered.
package memorysearch

import (
	"context"
	"sync"

	"github.com/lexigram/lexigram-go/contracts/search"
)

var _ search.Engine = (*Engine)(nil)

// An Engine holds indexes in memory. It is safe for concurrent use; make one
// with [Open] and release it with [Engine.Close].
type Engine struct {
	cfg     Config
	mu      sync.RWMutex
	indexes map[string]*index
}

// Open returns an engine.
func Open(cfg Config) (*Engine, error) {
	if err := cfg.Validate(); err != nil {
		return nil, search.Err.Wrap(err, "search: open")
	}
	return &Engine{cfg: cfg.clone(), indexes: map[string]*index{}}, nil
}

// Close releases the engine.
func (e *Engine) Close() error { return nil }

// Index adds or replaces docs, all or none; see [search.Engine].
func (e *Engine) Index(ctx context.Context, name string, docs ...search.Document) error {
	if err := e.usable(ctx, "index into", name); err != nil {
		return err
	}
	checked := make([]search.Document, len(docs))
	for i, d := range docs {
		var err error
		if checked[i], err = search.CheckDocument(d); err != nil {
			return err
		}
	}
	x := e.make(name)
	x.writes.Lock()
	defer x.writes.Unlock()
	x.put(checked)
	return nil
}

// Delete removes documents, all or none; see [search.Engine].
func (e *Engine) Delete(ctx context.Context, name string, ids ...string) error {
	if err := e.usable(ctx, "delete from", name); err != nil {
		return err
	}
	x, err := e.find("delete from", name)
	if err != nil {
		return err
	}
	x.writes.Lock()
	defer x.writes.Unlock()
	if ids = x.existing(ids); len(ids) > 0 {
		x.remove(ids)
	}
	return nil
}

// Search returns the hits of q, best first; see [search.Engine].
func (e *Engine) Search(ctx context.Context, name string, q search.Query) (search.Page, error) {
	if err := e.usable(ctx, "search", name); err != nil {
		return search.Page{}, err
	}
	q, err := search.CheckQuery(q)
	if err != nil {
		return search.Page{}, err
	}
	x, err := e.find("search", name)
	if err != nil {
		return search.Page{}, err
	}
	page, err := x.search(ctx, q)
	if err != nil {
		return search.Page{}, search.Err.Wrap(err, "search: search %q", name)
	}
	return page, nil
}

func (e *Engine) make(name string) *index {
	e.mu.Lock()
	defer e.mu.Unlock()
	x, ok := e.indexes[name]
	if !ok {
		x = newIndex(name, e.cfg.Weights)
		e.indexes[name] = x
	}
	return x
}

func (e *Engine) find(op, name string) (*index, error) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	x, ok := e.indexes[name]
	if !ok {
		return nil, search.ErrNoIndex.Wrap(nil, "search: %s %q", op, name)
	}
	return x, nil
}

// usable returns an error if name is none or ctx has ended.
func (e *Engine) usable(ctx context.Context, op, name string) error {
	if err := search.CheckIndex(name); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return search.Err.Wrap(context.Cause(ctx), "search: %s %q", op, name)
	}
	return nil
}
