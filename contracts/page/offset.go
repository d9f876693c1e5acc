package page

import "math"

// An Offset asks for a page by number of entries: skip Offset of them, answer
// with Limit at most. The zero value is no request; its Limit is 0.
type Offset struct {
	Offset int `json:"offset"`
	Limit  int `json:"limit"`
}

// A Page is a page by number of entries.
type Page[T any] struct {
	Items  []T   `json:"items"` // never null: a page past the end has none
	Offset       // what was asked for
	Total  int64 `json:"total"` // of all pages
}

// Number returns the Offset of a page of the size, counting pages from 1. Its errors are those of Check.
func Number(page, size int) (Offset, error) {
	if err := CheckLimit(size); err != nil {
		return Offset{}, err
	}
	if page < 1 || page > math.MaxInt/size {
		return Offset{}, ErrOffset.Wrap(nil, "page: page %d of %d entries", page, size)
	}
	return Offset{Offset: (page - 1) * size, Limit: size}, nil
}

// Check returns an error wrapping [ErrLimit] for what [CheckLimit] refuses, and
// one wrapping [ErrOffset] for an offset that is negative or so large that the
// page's end is no int. Every source of pages calls it first.
func (o Offset) Check() error {
	if err := CheckLimit(o.Limit); err != nil {
		return err
	}
	if o.Offset < 0 || o.Offset > math.MaxInt-o.Limit {
		return ErrOffset.Wrap(nil, "page: offset %d", o.Offset)
	}
	return nil
}
