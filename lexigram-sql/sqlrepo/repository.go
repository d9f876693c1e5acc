package sqlrepo

import (
	"context"
	"errors"
	"iter"
	"math"
	"reflect"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/clock"
	"github.com/lexigram/lexigram-go/contracts/filter"
	"github.com/lexigram/lexigram-go/contracts/repo"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/rowscan"
)

// A Repository keeps entities in a table. It is safe for concurrent use; make
// one with [New]. Its methods join the ambient transaction of their ctx, where
// an error of the database fails the transaction, as package sqldb says:
// [repo.ErrExists] does, [repo.ErrConflict] does not.
type Repository[T any, ID comparable] struct {
	db    sqldb.DB
	plan  *rowscan.Plan
	t     *table
	opts  Options
	texts texts
}

// texts are the statements that are always the same.
type texts struct{ columns, get, update string }

// New returns the repository of a table, which has a column for each field of
// T. It does no I/O. What is wrong with the options or the type is an error
// wrapping [sqldb.ErrArgument] or [rowscan.ErrType].
func New[T any, ID comparable](db sqldb.DB, o Options) (*Repository[T, ID], error) {
	plan, err := rowscan.PlanOf[T]()
	switch {
	case err != nil:
		return nil, err
	case db == nil:
		return nil, invalid(errors.New("the database is nil"))
	case db.Dialect() != sqldb.Postgres && db.Dialect() != sqldb.SQLite:
		return nil, invalid(errors.New("the database's dialect is neither postgres nor sqlite"))
	}
	t, err := newTable(plan, reflect.TypeFor[ID](), o)
	if err != nil {
		return nil, invalid(err)
	}
	if o.Clock == nil {
		o.Clock = clock.System{}
	}
	r := &Repository[T, ID]{db: db, plan: plan, t: t, opts: o}
	r.texts.columns = t.list()
	get := r.statement("SELECT ", r.texts.columns, " FROM ", t.quoted, " WHERE ", t.columns[t.key].quoted, " = $1")
	if t.deleted >= 0 {
		get.write(" AND ", t.columns[t.deleted].quoted, " IS NULL")
	}
	r.texts.get = get.String()
	r.texts.update = r.updateText()
	return r, nil
}

// list returns the columns with commas.
func (t *table) list() string {
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = c.quoted
	}
	return strings.Join(names, ", ")
}

func (r *Repository[T, ID]) statement(parts ...string) *statement {
	s := &statement{t: r.t, dialect: r.db.Dialect()}
	s.write(parts...)
	return s
}

// fail wraps an error of the database.
func (r *Repository[T, ID]) fail(err error, op string) error {
	if err == nil || errors.Is(err, repo.Err) || errors.Is(err, filter.Err) {
		return err
	}
	if errors.Is(err, sqldb.ErrUnique) {
		return repo.ErrExists.Wrap(err, "sqlrepo: %s %s", op, r.t.name)
	}
	return repo.Err.Wrap(err, "sqlrepo: %s %s", op, r.t.name)
}

// Get implements [repo.Reader].
func (r *Repository[T, ID]) Get(ctx context.Context, id ID) (T, error) {
	var zero T
	if err := r.checkKey(id); err != nil {
		return zero, err
	}
	v, err := rowscan.One[T](ctx, r.db, r.texts.get, id)
	if errors.Is(err, sqldb.ErrNoRows) {
		return zero, repo.ErrNotFound.Wrap(nil, "sqlrepo: get %v of %s", id, r.t.name)
	}
	return v, r.fail(err, "get of")
}

func (r *Repository[T, ID]) checkKey(id ID) error {
	var zero ID
	if id == zero {
		return repo.ErrKey.Wrap(nil, "sqlrepo: %s", r.t.name)
	}
	return nil
}

// Find implements [repo.Reader].
func (r *Repository[T, ID]) Find(ctx context.Context, q repo.Query) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		s, err := r.find(q)
		if err != nil {
			yield(zero, err)
			return
		}
		for v, err := range rowscan.Iter[T](ctx, r.db, s.String(), s.args...) {
			if err != nil {
				yield(zero, r.fail(err, "find in"))
				return
			}
			if !yield(v, nil) {
				return
			}
		}
	}
}

// find returns the statement of q.
func (r *Repository[T, ID]) find(q repo.Query) (*statement, error) {
	if err := r.t.check(q); err != nil {
		return nil, err
	}
	s := r.statement("SELECT ", r.texts.columns, " FROM ", r.t.quoted)
	if err := s.conditions(q.Where, q.Deleted); err != nil {
		return nil, err
	}
	s.orderBy(r.t.order(q.Sort))
	if q.Limit > 0 || q.Offset > 0 {
		limit := int64(q.Limit)
		if limit == 0 {
			limit = math.MaxInt64
		}
		s.WriteString(" LIMIT ")
		s.bind(integer, limit)
		s.WriteString(" OFFSET ")
		s.bind(integer, int64(q.Offset))
	}
	return s, s.fits()
}

// Count implements [repo.Reader].
func (r *Repository[T, ID]) Count(ctx context.Context, q repo.Query) (int64, error) {
	if err := r.t.check(q); err != nil {
		return 0, err
	}
	s := r.statement("SELECT COUNT(*) FROM ", r.t.quoted)
	if err := s.conditions(q.Where, q.Deleted); err != nil {
		return 0, err
	}
	if err := s.fits(); err != nil {
		return 0, err
	}
	n, err := rowscan.One[int64](ctx, r.db, s.String(), s.args...)
	return n, r.fail(err, "count of")
}

// now is the time as the database keeps it.
func (r *Repository[T, ID]) now() time.Time {
	return r.opts.Clock.Now().UTC().Truncate(time.Microsecond)
}
