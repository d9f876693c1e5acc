package page

import (
	"context"
	"encoding/json"
	"iter"
)

// A Pager is a page by cursor, whatever else it has: a [Cursor], or a GraphQL connection.
type Pager[T any] interface {
	// Page returns the items, which the caller must not change, and the cursor of
	// the page after this one: "" after the last.
	Page() (items []T, next string)
}

// A Cursor is a page by cursor. The zero value is an empty page, the only one.
//
// A cursor is text without a meaning to whoever holds it: core/cursor makes
// those that cannot be forged. In JSON a Cursor has items (never null), next_cursor and
// prev_cursor (null for ""), has_more and has_previous (whether they are there),
// and total_count.
type Cursor[T any] struct {
	Items []T
	Next  string // of the page after this one; "" after the last
	Prev  string // of the page before; "" if there is none or the source does not say
	Total *int64 // of all pages; nil if the source did not count
}

var _ Pager[int] = Cursor[int]{}

// Page returns c.Items and c.Next.
func (c Cursor[T]) Page() (items []T, next string) { return c.Items, c.Next }

type cursorJSON[T any] struct {
	Items       []T     `json:"items"`
	NextCursor  *string `json:"next_cursor"`
	PrevCursor  *string `json:"prev_cursor"`
	HasMore     bool    `json:"has_more"`
	HasPrevious bool    `json:"has_previous"`
	TotalCount  *int64  `json:"total_count"`
}

// MarshalJSON returns the object that [Cursor] describes.
func (c Cursor[T]) MarshalJSON() ([]byte, error) {
	j := cursorJSON[T]{Items: c.Items, HasMore: c.Next != "", HasPrevious: c.Prev != "", TotalCount: c.Total}
	if j.Items == nil {
		j.Items = []T{}
	}
	if j.HasMore {
		j.NextCursor = &c.Next
	}
	if j.HasPrevious {
		j.PrevCursor = &c.Prev
	}
	return json.Marshal(j)
}

// UnmarshalJSON reads what MarshalJSON writes; has_more and has_previous follow from the cursors.
func (c *Cursor[T]) UnmarshalJSON(text []byte) error {
	var j cursorJSON[T]
	if err := json.Unmarshal(text, &j); err != nil {
		return err
	}
	*c = Cursor[T]{Items: j.Items, Total: j.TotalCount}
	if j.NextCursor != nil {
		c.Next = *j.NextCursor
	}
	if j.PrevCursor != nil {
		c.Prev = *j.PrevCursor
	}
	return nil
}

// A Fetch returns the page of at most limit items that begins at cursor; "" is
// the first. It is safe for concurrent use.
//
// What [CheckLimit] refuses is an error wrapping [ErrLimit]; text that is no
// cursor of this list, one wrapping [ErrCursor]. After that, a ctx that has
// ended is an error wrapping its cause. Going from page to page by their cursors returns every
// item that is in the list all the while, once, in an order that stays the same.
type Fetch[P any] func(ctx context.Context, cursor string, limit int) (P, error)

// All returns the stream of the items of all pages, from the first. It ends with
// the first error of fetch, or one wrapping [ErrLoop] if a page leads to itself.
// Leaving the loop fetches no more.
func All[T any, P Pager[T]](ctx context.Context, fetch Fetch[P], limit int) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		for cursor := ""; ; {
			p, err := fetch(ctx, cursor, limit)
			if err != nil {
				yield(zero, err)
				return
			}
			items, next := p.Page()
			for _, v := range items {
				if !yield(v, nil) {
					return
				}
			}
			if next == "" {
				return
			}
			if next == cursor {
				yield(zero, ErrLoop.Wrap(nil, "page: after %.40q", cursor))
				return
			}
			cursor = next
		}
	}
}
