package sqlrepo

import (
	"cmp"
	"context"
	"reflect"
	"slices"

	"github.com/lexigram/lexigram-go/contracts/repo"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/rowscan"
)

// SaveMany implements [repo.Batcher] in one transaction: new entities are
// inserted many at a time, others saved one by one. Keys that the database
// generates are given in the order of entities: it must count upwards.
func (r *Repository[T, ID]) SaveMany(ctx context.Context, entities []*T) error {
	if len(entities) == 0 {
		return nil
	}
	before := make([]T, len(entities))
	for i, v := range entities {
		before[i] = *v
	}
	err := r.db.InTx(ctx, func(ctx context.Context) error {
		for i, v := range entities {
			*v = before[i] // of an attempt before
		}
		return r.saveMany(ctx, entities)
	})
	if err != nil {
		for i, v := range entities {
			*v = before[i]
		}
	}
	return r.fail(err, "save many in")
}

func (r *Repository[T, ID]) saveMany(ctx context.Context, entities []*T) error {
	var zero ID
	var generated, keyed []entity
	for _, v := range entities {
		e, id, err := r.entity(v)
		switch {
		case err != nil:
			return err
		case e.version == 0 && id == zero && r.opts.Generated:
			generated = append(generated, e)
		case e.version == 0 && id != zero && r.t.version >= 0:
			keyed = append(keyed, e)
		default:
			if err := r.Save(ctx, v); err != nil {
				return err
			}
		}
	}
	size := sqldb.MaxParams / len(r.t.columns)
	for part := range slices.Chunk(generated, size) {
		if err := r.insertMany(ctx, part, true); err != nil {
			return err
		}
	}
	for part := range slices.Chunk(keyed, size) {
		if err := r.insertMany(ctx, part, false); err != nil {
			return err
		}
	}
	return nil
}

// insertMany inserts entities in one statement.
func (r *Repository[T, ID]) insertMany(ctx context.Context, part []entity, generate bool) error {
	s := r.insertText()
	for i, e := range part {
		s.WriteString(pick(i > 0, ", ", ""))
		r.row(s, e, generate)
	}
	s.write(" RETURNING ", r.t.columns[r.t.key].quoted)
	ids, err := rowscan.Collect[ID](ctx, r.db, s.String(), s.args...)
	if err != nil {
		return r.fail(err, "insert into")
	}
	if generate { // the order of RETURNING is nobody's promise
		slices.SortFunc(ids, func(a, b ID) int {
			x, y := reflect.ValueOf(a), reflect.ValueOf(b)
			if x.CanUint() {
				return cmp.Compare(x.Uint(), y.Uint())
			}
			return cmp.Compare(x.Int(), y.Int())
		})
	}
	for i, e := range part {
		id := r.field(e, r.t.key).Interface().(ID)
		if generate {
			id = ids[i]
		}
		r.wrote(e, id, 1, e.now)
	}
	return nil
}

// DeleteMany implements [repo.Batcher].
func (r *Repository[T, ID]) DeleteMany(ctx context.Context, ids []ID) (int64, error) {
	var zero ID
	if slices.Contains(ids, zero) {
		return 0, repo.ErrKey.Wrap(nil, "sqlrepo: delete many of %s", r.t.name)
	}
	const size = 900 // and what the statement has besides
	if len(ids) == 0 {
		return 0, nil
	}
	if len(ids) <= size {
		return r.delete(ctx, ids)
	}
	var n int64
	err := r.db.InTx(ctx, func(ctx context.Context) error {
		n = 0
		for part := range slices.Chunk(ids, size) {
			some, err := r.delete(ctx, part)
			if err != nil {
				return err
			}
			n += some
		}
		return nil
	})
	if err != nil {
		return 0, r.fail(err, "delete many from")
	}
	return n, nil
}
