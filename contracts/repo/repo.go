package repo

import (
	"context"
	"errors"
	"iter"

	"github.com/lexigram/lexigram-go/contracts/page"
)

// A Reader finds entities. It is safe for concurrent use; what it returns
// belongs to the caller. Softly deleted entities are absent unless a [Query]
// asks for them. What a Query's Check refuses is an error before any I/O; after
// that, a ctx that has ended is an error wrapping its cause.
type Reader[T any, ID comparable] interface {
	// Get returns the entity with the key, or an error wrapping [ErrNotFound].
	// The zero key is [ErrKey].
	Get(ctx context.Context, id ID) (T, error)
	// Find yields the entities of q in its order, as they are read: in constant
	// memory without a Limit. An error comes once, last, with the zero T.
	// Inside a transaction the body of the loop calls nothing that uses it.
	Find(ctx context.Context, q Query) iter.Seq2[T, error]
	// Count returns how many entities q has; its Sort, Offset and Limit do not matter.
	Count(ctx context.Context, q Query) (int64, error)
}

// A Writer keeps entities. It is safe for concurrent use, and joins the ambient
// transaction of ctx. On an error nothing has changed, the entity included.
type Writer[T any, ID comparable] interface {
	// Save inserts an entity or updates the one with its key, and sets what the
	// repository generates: key, version, times.
	//
	// With versions an entity of version 0 is inserted, and then has version 1: if its key, or
	// another value that is unique, is taken, the error wraps [ErrExists]. Any other is updated if it
	// is still in that version, and is one higher afterwards; otherwise the
	// error is a [ConflictError]. Without versions Save inserts or replaces.
	// The zero key is [ErrKey] where the repository does not generate keys, and
	// with any version but 0.
	Save(ctx context.Context, entity *T) error
	// Delete removes the entity with the key, or marks it where deletion is
	// soft, and reports whether there was one. The zero key is [ErrKey].
	Delete(ctx context.Context, id ID) (existed bool, err error)
}

// A Repository finds and keeps entities of one type.
type Repository[T any, ID comparable] interface {
	Reader[T, ID]
	Writer[T, ID]
}

// A Pager returns pages by cursor.
type Pager[T any] interface {
	// Page returns at most limit entities of q, which has no Offset and no
	// Limit, from where cursor says; "" is the beginning. It seeks by the values
	// of the order, so a page far down costs what the first does, and whatever
	// is inserted or deleted between, no entity is skipped and none comes twice.
	// The errors are those of a [page.Fetch]: a cursor that was tampered with,
	// or made for another query, is [page.ErrCursor].
	Page(ctx context.Context, q Query, cursor string, limit int) (page.Cursor[T], error)
}

// An Upserter writes whatever the version is.
type Upserter[T any] interface {
	// Upsert inserts an entity, or replaces the one with its key, softly
	// deleted or not, in one step. Its version becomes 1, or one higher than
	// that of the one it replaced.
	Upsert(ctx context.Context, entity *T) error
}

// A Batcher works on many entities in few round trips. Use [SaveMany] and
// [DeleteMany], which fall back to Save and Delete.
type Batcher[T any, ID comparable] interface {
	// SaveMany does as Save for each, all or none.
	SaveMany(ctx context.Context, entities []*T) error
	// DeleteMany does as Delete for each, all or none, and returns how many there were.
	DeleteMany(ctx context.Context, ids []ID) (int64, error)
}

// A Remover deletes an entity only as it was read.
type Remover[T any] interface {
	// Remove does as Delete for an entity that is still in its version, and
	// changes nothing in it; otherwise, also if it is gone, the error is a
	// [ConflictError]. Without versions it deletes whatever there is.
	Remove(ctx context.Context, entity *T) error
}

// A Func is a function over the values of a field.
type Func string

// The functions. Sum and Avg are of numbers, Min and Max of all but bools.
const (
	Sum Func = "sum"
	Avg Func = "avg"
	Min Func = "min"
	Max Func = "max"
)

// An Aggregator computes over entities without reading them.
type Aggregator interface {
	// Aggregate returns f of the values that the entities of q have in field, as
	// [filter.Value] has them: a Sum of integers is an int64, an Avg a float64.
	// Missing values do not count; without any it returns nil. Sort, Offset and
	// Limit do not matter. An unknown field or function, and one of values that
	// it is not of, is [ErrField].
	Aggregate(ctx context.Context, f Func, field string, q Query) (any, error)
}

// SaveMany saves entities, in few round trips and all or none if r is a
// [Batcher], and otherwise one after the other until the first error: call it
// in a transaction.
func SaveMany[T any, ID comparable](ctx context.Context, r Writer[T, ID], entities []*T) error {
	if b, ok := r.(Batcher[T, ID]); ok {
		if err := b.SaveMany(ctx, entities); !errors.Is(err, errors.ErrUnsupported) {
			return err
		}
	}
	for _, e := range entities {
		if err := r.Save(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// DeleteMany deletes entities as [SaveMany] saves them, and returns how many there were.
func DeleteMany[T any, ID comparable](ctx context.Context, r Writer[T, ID], ids []ID) (int64, error) {
	if b, ok := r.(Batcher[T, ID]); ok {
		if n, err := b.DeleteMany(ctx, ids); !errors.Is(err, errors.ErrUnsupported) {
			return n, err
		}
	}
	var n int64
	for _, id := range ids {
		existed, err := r.Delete(ctx, id)
		if err != nil {
			return n, err
		}
		if existed {
			n++
		}
	}
	return n, nil
}

// Stream yields the entities of q page by page, batch of them at a time: no
// statement stays open while the loop works, so its body may write. It sees
// what is committed meanwhile. The errors are those of p.
func Stream[T any](ctx context.Context, p Pager[T], q Query, batch int) iter.Seq2[T, error] {
	return page.All[T](ctx, func(ctx context.Context, cursor string, limit int) (page.Cursor[T], error) {
		return p.Page(ctx, q, cursor, limit)
	}, batch)
}

// FindPage returns the entities of q, which has a Limit, and how many there are
// without it. They are counted by a statement of their own, unless the page
// shows it: what is written between may be in one and not in the other. A Limit
// or an Offset that [page.Offset] refuses is [page.ErrLimit] or [page.ErrOffset].
func FindPage[T any, ID comparable](ctx context.Context, r Reader[T, ID], q Query) (page.Page[T], error) {
	p := page.Page[T]{Items: []T{}, Offset: page.Offset{Offset: q.Offset, Limit: q.Limit}}
	if err := p.Check(); err != nil {
		return page.Page[T]{}, err
	}
	for v, err := range r.Find(ctx, q) {
		if err != nil {
			return page.Page[T]{}, err
		}
		p.Items = append(p.Items, v)
	}
	end := int64(q.Offset + len(p.Items))
	if len(p.Items) < q.Limit && (len(p.Items) > 0 || q.Offset == 0) {
		p.Total = end // this is the last page
		return p, nil
	}
	n, err := r.Count(ctx, q)
	if err != nil {
		return page.Page[T]{}, err
	}
	if len(p.Items) > 0 {
		n = max(n, end)
	}
	p.Total = n
	return p, nil
}

// First returns the first entity of q, or an error wrapping [ErrNotFound].
func First[T any, ID comparable](ctx context.Context, r Reader[T, ID], q Query) (T, error) {
	q.Limit = 1
	for v, err := range r.Find(ctx, q) {
		return v, err
	}
	var zero T
	return zero, ErrNotFound.Wrap(nil, "repo: first")
}
