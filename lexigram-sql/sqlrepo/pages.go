package sqlrepo

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/page"
	"github.com/lexigram/lexigram-go/contracts/repo"
	"github.com/lexigram/lexigram-go/lexigram-sql/rowscan"
)

// Page implements [repo.Pager] by keyset. The values of the order of the last
// entity are in the cursor, which is signed and not encrypted; where they do not fit
// into one, the error wraps [page.Err]. Without Options.Cursors it is errors.ErrUnsupported.
func (r *Repository[T, ID]) Page(ctx context.Context, q repo.Query, cursor string, limit int) (page.Cursor[T], error) {
	var none page.Cursor[T]
	s, keys, list, err := r.page(q, cursor, limit)
	if err != nil {
		return none, err
	}
	items, err := rowscan.Collect[T](ctx, r.db, s.String(), s.args...)
	if err != nil {
		return none, r.fail(err, "page of")
	}
	p := page.Cursor[T]{Items: items}
	if len(items) > limit {
		p.Items = items[:limit:limit]
		if p.Next, err = r.opts.Cursors.Encode(list, r.position(keys, &items[limit-1])); err != nil {
			return none, err
		}
	}
	return p, nil
}

// page returns the statement of a page, its order, and the name of its list.
func (r *Repository[T, ID]) page(q repo.Query, cursor string, limit int) (*statement, []key, string, error) {
	if err := page.CheckLimit(limit); err != nil {
		return nil, nil, "", err
	}
	if err := r.t.check(q); err != nil {
		return nil, nil, "", err
	}
	switch {
	case q.Offset != 0:
		return nil, nil, "", page.ErrOffset.Wrap(errors.New("a page by cursor has none"), "sqlrepo: page of %s", r.t.name)
	case q.Limit != 0:
		return nil, nil, "", page.ErrLimit.Wrap(errors.New("a query by pages has none of its own"), "sqlrepo: page of %s", r.t.name)
	case r.opts.Cursors == nil:
		return nil, nil, "", repo.Err.Wrap(errors.ErrUnsupported, "sqlrepo: page of %s: set Options.Cursors", r.t.name)
	}
	keys := r.t.order(q.Sort)
	for _, k := range keys {
		if k.kind == opaque {
			return nil, nil, "", repo.Err.Wrap(errors.ErrUnsupported, "sqlrepo: page of %s: nothing is known of the order of %q", r.t.name, k.name)
		}
	}
	s := r.statement("SELECT ", r.texts.columns, " FROM ", r.t.quoted)
	if err := s.conditions(q.Where, q.Deleted); err != nil {
		return nil, nil, "", err
	}
	list := s.name(keys)
	if cursor != "" {
		values, err := r.decode(list, cursor, keys)
		if err != nil {
			return nil, nil, "", err
		}
		s.WriteString(pick(q.Where != nil || !q.Deleted && r.t.deleted >= 0, " AND ", " WHERE "))
		s.after(keys, values)
	}
	s.orderBy(keys)
	s.WriteString(" LIMIT ")
	s.bind(integer, int64(limit)+1)
	return s, keys, list, s.fits()
}

// name returns what no other list has: the statement so far, its arguments and the order.
func (s *statement) name(keys []key) string {
	var b strings.Builder
	fmt.Fprintf(&b, "sqlrepo %q", s.String())
	for _, a := range s.args {
		fmt.Fprintf(&b, " %T %q", a, fmt.Sprint(a))
	}
	for _, k := range keys {
		fmt.Fprintf(&b, " %s %t", k.quoted, k.desc)
	}
	return b.String()
}

// position returns the values of the order that v has, as text; nil is NULL.
func (r *Repository[T, ID]) position(keys []key, v *T) []*string {
	row := reflect.ValueOf(v).Elem()
	values := make([]*string, len(keys))
	for i, k := range keys {
		f := r.plan.Field(row, k.index)
		for f.Kind() == reflect.Pointer && !f.IsNil() {
			f = f.Elem()
		}
		if f.Kind() == reflect.Pointer {
			continue
		}
		s := format(k.kind, f)
		values[i] = &s
	}
	return values
}

func format(k kind, f reflect.Value) string {
	switch {
	case k == instant:
		return strconv.FormatInt(f.Interface().(time.Time).UnixMicro(), 10)
	case k == boolean:
		return strconv.FormatBool(f.Bool())
	case f.CanInt():
		return strconv.FormatInt(f.Int(), 10)
	case f.CanUint():
		return strconv.FormatUint(f.Uint(), 10)
	case f.CanFloat():
		return strconv.FormatFloat(f.Float(), 'g', -1, 64)
	}
	return f.String()
}

// decode returns the values that a cursor has.
func (r *Repository[T, ID]) decode(list, cursor string, keys []key) ([]any, error) {
	var texts []*string
	if err := r.opts.Cursors.Decode(list, cursor, &texts); err != nil {
		return nil, err
	}
	values := make([]any, len(keys))
	if len(texts) != len(keys) {
		return nil, page.ErrCursor.Wrap(fmt.Errorf("%d values, want %d", len(texts), len(keys)), "sqlrepo: page of %s", r.t.name)
	}
	for i, k := range keys {
		if texts[i] == nil && k.nullable {
			continue
		}
		v, err := parse(k.kind, texts[i])
		if err != nil {
			return nil, page.ErrCursor.Wrap(err, "sqlrepo: page of %s: value of %q", r.t.name, k.name)
		}
		values[i] = v
	}
	return values, nil
}

func parse(k kind, s *string) (any, error) {
	if s == nil {
		return nil, errors.New("it is missing")
	}
	switch k {
	case integer:
		return strconv.ParseInt(*s, 10, 64)
	case float:
		return strconv.ParseFloat(*s, 64)
	case boolean:
		return strconv.ParseBool(*s)
	case instant:
		n, err := strconv.ParseInt(*s, 10, 64)
		return time.UnixMicro(n).UTC(), err
	}
	return *s, nil
}
