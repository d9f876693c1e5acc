package repo

import (
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/filter"
	"github.com/lexigram/lexigram-go/contracts/page"
)

// A Query says which entities, in which order. The zero value is all of them,
// by key.
type Query struct {
	Where   filter.Filter // nil is every entity
	Sort    []Sort        // then by key, ascending, so that no two are equal
	Offset  int           // how many to skip
	Limit   int           // how many at most; 0 is no limit
	Deleted bool          // softly deleted entities too
}

// A Sort is one part of an order: by a field, a missing value before all
// others, text by bytes.
type Sort struct {
	Field string
	Desc  bool
}

// Check returns an error wrapping [filter.Err] for a Where that is malformed, one
// wrapping [ErrField] for a field that filterable or sortable refuses and for
// one that is sorted by twice, and one wrapping [page.ErrOffset] or
// [page.ErrLimit] for a negative Offset or Limit. Every repository calls it first.
func (q Query) Check(filterable, sortable func(field string) bool) error {
	if err := CheckWhere(q.Where, filterable); err != nil {
		return err
	}
	seen := make(map[string]bool, len(q.Sort))
	for _, s := range q.Sort {
		if !sortable(s.Field) {
			return ErrField.Wrap(fmt.Errorf("no order by %.70q: name it among the fields to sort by", s.Field), "repo: sort")
		}
		if seen[s.Field] {
			return ErrField.Wrap(fmt.Errorf("%.70q comes twice", s.Field), "repo: sort")
		}
		seen[s.Field] = true
	}
	if q.Offset < 0 {
		return page.ErrOffset.Wrap(nil, "repo: offset %d", q.Offset)
	}
	if q.Limit < 0 {
		return page.ErrLimit.Wrap(fmt.Errorf("it is negative: 0 is no limit"), "repo: limit %d", q.Limit)
	}
	return nil
}

// CheckWhere returns an error wrapping [filter.Err] if f is malformed, and one
// wrapping [ErrField] if it names a field that known refuses: nothing is
// dropped, and no condition on what does not exist is quietly false.
func CheckWhere(f filter.Filter, known func(field string) bool) error {
	if err := filter.Validate(f); err != nil || f == nil {
		return err
	}
	return walk(f, known)
}

func walk(f filter.Filter, known func(string) bool) error {
	switch f := f.(type) {
	case filter.And:
		return walkAll(f, known)
	case filter.Or:
		return walkAll(f, known)
	case filter.Not:
		return walk(f.Filter, known)
	}
	field, ok := fieldOf(f)
	if !ok {
		return filter.ErrUnsupported.Wrap(nil, "repo: condition %T", f)
	}
	if !known(field) {
		return ErrField.Wrap(fmt.Errorf("no condition on %.70q: there is no such field", field), "repo: where")
	}
	return nil
}

func walkAll(fs []filter.Filter, known func(string) bool) error {
	for _, f := range fs {
		if err := walk(f, known); err != nil {
			return err
		}
	}
	return nil
}

// fieldOf returns the field of a condition that has one, and is known here.
func fieldOf(f filter.Filter) (string, bool) {
	switch f := f.(type) {
	case filter.Cmp:
		return f.Field, true
	case filter.In:
		return f.Field, true
	case filter.Exists:
		return f.Field, true
	case filter.Has:
		return f.Field, true
	case filter.Substring:
		return f.Field, true
	}
	return "", false
}
