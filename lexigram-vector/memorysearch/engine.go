// Package memorysearch is a full-text search engine inside the process: it
// ranks by BM25F, and with a directory every write is on disk before it is answered.
//
//	engine, err := memorysearch.Open(memorysearch.Config{Dir: "data/search", Weights: map[string]float64{"title": 3}})
//	if err != nil {
//		return err
//	}
//	defer engine.Close()
//
// A word of a query matches a word of a text in any case, an English inflection
// of it ("caches" finds "caching"), and a part of an identifier ("group" finds
// WaitGroup, and wait_group of course); the last word matches what begins with
// it. The better the match, the more it counts.
package memorysearch

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/lexigram/lexigram-go/contracts/search"
	"github.com/lexigram/lexigram-go/lexigram-vector/internal/journal"
)

var _ search.Engine = (*Engine)(nil)

// An Engine holds indexes in memory, and their journals on disk if it has a
// directory. It is safe for concurrent use; make one with [Open] and release it
// with [Engine.Close].
type Engine struct {
	cfg    Config
	dir    *journal.Dir // nil if nothing is kept on disk
	closed atomic.Bool

	mu      sync.RWMutex
	indexes map[string]*index
}

// Open returns an engine with the indexes that cfg.Dir holds. A call that was
// interrupted when the process died is taken back whole. A weight that cannot
// be used, a directory that another engine has open, and a file that is damaged
// elsewhere than at its end are errors wrapping [search.Err] that name it.
func Open(cfg Config) (*Engine, error) {
	if err := cfg.Validate(); err != nil {
		return nil, search.Err.Wrap(err, "search: open engine")
	}
	e := &Engine{cfg: cfg.clone(), indexes: map[string]*index{}}
	if cfg.Dir == "" {
		return e, nil
	}
	var err error
	if e.dir, err = journal.OpenDir(cfg.Dir, cfg.NoSync); err != nil {
		return nil, search.Err.Wrap(err, "search: open engine")
	}
	if err := e.load(); err != nil {
		if also := e.Close(); also != nil {
			err = fmt.Errorf("%w; then %w", err, also)
		}
		return nil, search.Err.Wrap(err, "search: open engine")
	}
	return e, nil
}

func (e *Engine) load() error {
	names, err := e.dir.Names(suffix)
	if err != nil {
		return err
	}
	for _, name := range names {
		x, err := load(e.dir, name, e.cfg)
		if err != nil {
			return err
		}
		e.indexes[name] = x
	}
	return nil
}

// Close waits for writes that have begun and releases the directory; searches
// that have begun end undisturbed. It is idempotent. Whatever is called
// afterwards is [search.ErrClosed].
func (e *Engine) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed.Swap(true) {
		return nil
	}
	var errs []error
	for _, x := range e.indexes {
		x.writes.Lock()
		errs = append(errs, x.log.Close())
		x.writes.Unlock()
	}
	clear(e.indexes)
	if e.dir != nil {
		errs = append(errs, e.dir.Close())
	}
	if err := errors.Join(errs...); err != nil {
		return search.Err.Wrap(err, "search: close engine")
	}
	return nil
}

// Index adds or replaces docs, all or none; of two with one ID the later one
// stays. See [search.Engine]. The index is made even if there are no docs. An
// ended ctx indexes nothing; once the write has begun ctx is not looked at.
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
	x, err := e.make(name)
	if err != nil || len(docs) == 0 {
		return err
	}
	x.writes.Lock()
	defer x.writes.Unlock()
	if err := e.usable(ctx, "index into", name); err != nil {
		return err
	}
	sizes, err := x.logPut(checked)
	if err != nil {
		return failed("index into", name, err)
	}
	x.put(checked, sizes)
	x.log.RewriteIfWasteful(x.data.records)
	return nil
}

// Delete removes documents, all or none; see [search.Engine]. ctx is as for Index.
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
	if err := e.usable(ctx, "delete from", name); err != nil {
		return err
	}
	if ids = x.existing(ids); len(ids) == 0 {
		return nil
	}
	if err := x.log.Append(deleteRecord(ids)); err != nil {
		return failed("delete from", name, err)
	}
	x.remove(ids)
	x.log.RewriteIfWasteful(x.data.records)
	return nil
}

// Search returns the hits of q, best first; see [search.Engine]. It waits for a
// writer only while that changes the index in memory, and sees each call of one
// whole or not at all. ctx is looked at before each word of q.
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
		return search.Page{}, failed("search", name, err)
	}
	return page, nil
}

// make returns the index name, which it makes if there is none.
func (e *Engine) make(name string) (*index, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if x, ok := e.indexes[name]; ok {
		return x, nil
	}
	if e.closed.Load() {
		return nil, search.ErrClosed.Wrap(nil, "search: index into %q", name)
	}
	x := newIndex(name, e.cfg.Weights)
	if e.dir != nil {
		first, _ := putRecord(nil)
		var err error
		if x.log, err = e.dir.CreateLog(name+suffix, kind, first); err != nil {
			return nil, failed("index into", name, err)
		}
	}
	e.indexes[name] = x
	return x, nil
}

func (e *Engine) find(op, name string) (*index, error) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	x, ok := e.indexes[name]
	switch {
	case ok:
		return x, nil
	case e.closed.Load():
		return nil, search.ErrClosed.Wrap(nil, "search: %s %q", op, name)
	}
	return nil, search.ErrNoIndex.Wrap(nil, "search: %s %q", op, name)
}

// usable returns an error if name is none, the engine is closed or ctx has ended.
func (e *Engine) usable(ctx context.Context, op, name string) error {
	if err := search.CheckIndex(name); err != nil {
		return err
	}
	switch {
	case e.closed.Load():
		return search.ErrClosed.Wrap(nil, "search: %s %q", op, name)
	case ctx.Err() != nil:
		return failed(op, name, context.Cause(ctx))
	}
	return nil
}

func failed(op, name string, cause error) error {
	if errors.Is(cause, journal.ErrTooLarge) {
		return search.ErrQuery.Wrap(cause, "search: %s %q", op, name)
	}
	return search.Err.Wrap(cause, "search: %s %q", op, name)
}
