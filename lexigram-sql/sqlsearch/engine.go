// Package sqlsearch is a full-text search engine in a database over
// contracts/sqldb: PostgreSQL's own full text, or FTS5 of SQLite.
//
//	engine, err := sqlsearch.New(db, sqlsearch.Options{Weights: map[string]float64{"title": 3}})
//
// Index and Delete join the ambient transaction: documents are found by others
// when it commits, and never if it does not. The tables are [Migrations].
//
// What is a word is decided by search.Words on both databases, never by their
// parsers: the same words are found on both. Words are not stemmed, and are told
// apart by their first 255 bytes.
package sqlsearch

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/search"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

var (
	_ search.Engine  = (*Engine)(nil)
	_ health.Checker = (*Engine)(nil)
)

// An Engine keeps any number of indexes in the same tables. It is safe for
// concurrent use, holds nothing, and is made with [New].
type Engine struct {
	db      sqldb.DB
	dialect dialect
	weights *weights
}

// New returns an engine over db, whose dialect is [sqldb.Postgres] or
// [sqldb.SQLite]: another one is an error wrapping [errors.ErrUnsupported], and nil one wrapping [search.Err]. A
// weight that cannot be used is one wrapping errs.ErrValidation. It does no I/O.
func New(db sqldb.DB, opts Options) (*Engine, error) {
	if db == nil {
		return nil, search.Err.Wrap(errors.New("the database is nil"), "sqlsearch: open engine")
	}
	if err := opts.Validate(); err != nil {
		return nil, search.Err.Wrap(err, "sqlsearch: open engine")
	}
	e := &Engine{db: db, weights: newWeights(opts)}
	switch d := db.Dialect(); d {
	case sqldb.Postgres:
		e.dialect = postgres{}
	case sqldb.SQLite:
		e.dialect = sqlite{}
	default:
		return nil, search.Err.Wrap(errors.ErrUnsupported, "sqlsearch: dialect %q is neither sqlite nor postgres", d)
	}
	return e, nil
}

// Index adds or replaces docs, all or none; of two with one ID the later one
// stays. See [search.Engine]. The index is made even if there are no docs. In a
// transaction it is a part of it, undone with it. A document with more than
// 1 MiB of different words is [search.ErrQuery] on PostgreSQL.
func (e *Engine) Index(ctx context.Context, name string, docs ...search.Document) error {
	if err := usable(ctx, "index into", name); err != nil {
		return err
	}
	entries, err := entriesOf(docs)
	if err != nil {
		return err
	}
	return failed("index into", name, e.db.InTx(ctx, func(ctx context.Context) error {
		index, err := e.make(ctx, name)
		if err != nil {
			return err
		}
		return e.dialect.put(ctx, e.db, e.weights, index, entries)
	}))
}

// Delete removes documents, all or none; see [search.Engine]. In a transaction
// it is a part of it.
func (e *Engine) Delete(ctx context.Context, name string, ids ...string) error {
	if err := usable(ctx, "delete from", name); err != nil {
		return err
	}
	sorted := slices.Compact(slices.Sorted(slices.Values(ids)))
	return failed("delete from", name, e.db.InTx(ctx, func(ctx context.Context) error {
		index, err := e.find(ctx, name)
		if err != nil {
			return err
		}
		for some := range slices.Chunk(sorted, maxRemoved) {
			args := make([]any, len(some))
			for i, id := range some {
				args[i] = []byte(id)
			}
			if err := e.dialect.remove(ctx, e.db, index, args); err != nil {
				return err
			}
		}
		return nil
	}))
}

// Search returns the hits of q, best first; see [search.Engine]. In a
// transaction it finds what that has indexed. More than 32 attributes in q.Sort
// are [search.ErrQuery].
//
// Scores of SQLite are those of its BM25. PostgreSQL ranks each word by
// ts_rank, and by its rarity if q.Any.
func (e *Engine) Search(ctx context.Context, name string, q search.Query) (search.Page, error) {
	if err := usable(ctx, "search", name); err != nil {
		return search.Page{}, err
	}
	q, err := search.CheckQuery(q)
	if err != nil {
		return search.Page{}, err
	}
	index, err := e.find(ctx, name)
	if err != nil {
		return search.Page{}, failed("search", name, err)
	}
	page, err := e.search(ctx, index, q)
	if err != nil {
		return search.Page{}, failed("search", name, err)
	}
	return page, nil
}

// CheckHealth implements health.Checker: it reads from the tables.
func (e *Engine) CheckHealth(ctx context.Context) health.Result {
	start := time.Now()
	var n int64
	err := sqldb.QueryRow(sqldb.Detach(ctx), e.db, "SELECT count(*) FROM lexigram_search_indexes").Scan(&n)
	r := health.Result{Status: health.Healthy, Took: time.Since(start)}
	if err != nil {
		r.Status, r.Message = health.Unhealthy, err.Error()
	}
	return r
}

// find returns the number of the index, or an error that is [search.ErrNoIndex].
func (e *Engine) find(ctx context.Context, name string) (index int64, err error) {
	err = sqldb.QueryRow(ctx, e.db, "SELECT number FROM lexigram_search_indexes WHERE name = $1", name).Scan(&index)
	if errors.Is(err, sqldb.ErrNoRows) {
		return 0, search.ErrNoIndex
	}
	return index, err
}

// make returns the number of the index, which it makes if there is none.
func (e *Engine) make(ctx context.Context, name string) (int64, error) {
	index, err := e.find(ctx, name)
	if !errors.Is(err, search.ErrNoIndex) {
		return index, err
	}
	if _, err := e.db.Exec(ctx, "INSERT INTO lexigram_search_indexes (name) VALUES ($1) ON CONFLICT (name) DO NOTHING", name); err != nil {
		return 0, err
	}
	return e.find(ctx, name)
}

// usable returns an error if name is none or ctx has ended.
func usable(ctx context.Context, op, name string) error {
	if err := search.CheckIndex(name); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return failed(op, name, context.Cause(ctx))
	}
	return nil
}

func failed(op, name string, cause error) error {
	switch {
	case cause == nil:
		return nil
	case errors.Is(cause, search.ErrNoIndex):
		return search.ErrNoIndex.Wrap(nil, "sqlsearch: %s %q", op, name)
	case errors.Is(cause, search.Err):
		return cause
	}
	return search.Err.Wrap(cause, "sqlsearch: %s %q", op, name)
}
