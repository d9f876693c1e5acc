package sqlrepo

import (
	"context"
	"fmt"
	"time"

	"github.com/lexigram/lexigram-go/contracts/filter"
	"github.com/lexigram/lexigram-go/contracts/repo"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// Aggregate implements [repo.Aggregator]. A Sum beyond an int64 is an error of the database.
func (r *Repository[T, ID]) Aggregate(ctx context.Context, f repo.Func, field string, q repo.Query) (any, error) {
	if err := r.t.check(q); err != nil {
		return nil, err
	}
	i := r.t.find(field)
	if i < 0 || !r.t.filterable[field] {
		return nil, repo.ErrField.Wrap(fmt.Errorf("no %s of %.70q: there is no such field", f, field), "sqlrepo: aggregate of %s", r.t.name)
	}
	c := &r.t.columns[i]
	s := r.statement("SELECT ")
	k, err := s.aggregate(f, c)
	if err != nil {
		return nil, err
	}
	s.write(" FROM ", r.t.quoted)
	if err := s.conditions(q.Where, q.Deleted); err != nil {
		return nil, err
	}
	if err := s.fits(); err != nil {
		return nil, err
	}
	v, err := scanKind(sqldb.QueryRow(ctx, r.db, s.String(), s.args...), k)
	return v, r.fail(err, "aggregate of")
}

// aggregate writes f of c, and returns the kind of its result.
func (s *statement) aggregate(f repo.Func, c *column) (kind, error) {
	number := c.kind == integer || c.kind == float
	k := c.kind
	switch {
	case f == repo.Sum && number:
		s.write("CAST(SUM(", c.quoted, ")")
	case f == repo.Avg && number:
		k = float
		s.write("CAST(AVG(", c.quoted, ")")
	case (f == repo.Min || f == repo.Max) && k != boolean && k != opaque && !c.uuid:
		s.WriteString(pick(f == repo.Min, "MIN(", "MAX("))
		s.compared(c)
		s.WriteByte(')')
		return k, nil
	default:
		return k, repo.ErrField.Wrap(fmt.Errorf("no %.20q of %q", string(f), c.name), "sqlrepo: aggregate")
	}
	s.WriteString(pick(k == integer, " AS bigint)", " AS double precision)"))
	return k, nil
}

// scanKind returns a value of the kind, or nil.
func scanKind(row sqldb.Row, k kind) (any, error) {
	switch k {
	case integer:
		return scanNull[int64](row)
	case float:
		return scanNull[float64](row)
	case instant:
		return scanNull[time.Time](row)
	}
	return scanNull[string](row)
}

func scanNull[V any](row sqldb.Row) (any, error) {
	var p *V
	if err := row.Scan(&p); err != nil || p == nil {
		return nil, err
	}
	return filter.Value(*p)
}
