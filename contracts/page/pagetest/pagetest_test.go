package pagetest

import (
	"context"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/page"
)

// A model is the smallest source that keeps every rule. With the name of a rule
// in breaks, it breaks that rule, in the way that real sources do.
type model struct {
	items   int
	breaks  string
	reading atomic.Int64
}

func (m *model) fetch(ctx context.Context, cursor string, limit int) (page.Cursor[int], error) {
	var c page.Cursor[int]
	switch err := page.CheckLimit(limit); {
	case m.breaks == "invalid limits":
		limit = min(max(limit, 1), page.MaxLimit) // meant well
	case err != nil:
		return c, err
	}
	from := 0
	if cursor != "" {
		var err error
		from, err = strconv.Atoi(cursor)
		if err != nil || from < 1 || from >= m.items {
			if m.breaks != "invalid cursors" {
				return c, page.ErrCursor.Wrap(nil, "model: cursor %.10q", cursor)
			}
			from = 0 // begins again
		}
	}
	if ctx.Err() != nil && m.breaks != "a context that has ended" {
		return c, context.Cause(ctx)
	}
	if m.breaks == "limit" {
		limit++ // the one to know whether there are more
	}
	to := min(from+limit, m.items)
	for i := from; i < to; i++ {
		c.Items = append(c.Items, i)
	}
	more := to < m.items
	switch m.breaks {
	case "every item once":
		to = max(1, to-1) // the last item begins the next page
	case "an order that stays":
		slices.Reverse(c.Items) // within each page
	case "an empty list":
		more = more || m.items == 0
	case "concurrent use":
		defer m.reading.Add(-1)
		if m.reading.Add(1) > 1 {
			return page.Cursor[int]{}, nil
		}
		time.Sleep(1)
	}
	if more {
		c.Next = strconv.Itoa(to)
	}
	return c, nil
}

func TestGood(t *testing.T) {
	Run(t, func(_ *testing.T, n int) page.Fetch[page.Cursor[int]] { return (&model{items: n}).fetch })
}

// TestBroken gives each rule a source that breaks it.
func TestBroken(t *testing.T) {
	for _, r := range rules[int, page.Cursor[int]]() {
		m := &model{items: r.items, breaks: r.name}
		fetch := m.fetch
		if r.name == "the last page" {
			fetch = hopeful(r.items)
		}
		synctest.Test(t, func(t *testing.T) {
			if err := r.check(t.Context(), fetch, r.items); err == nil {
				t.Errorf("rule %q: the source that breaks it passed", r.name)
			}
		})
	}
}

// hopeful takes a full page for a sign that there are more.
func hopeful(n int) page.Fetch[page.Cursor[int]] {
	return func(_ context.Context, cursor string, limit int) (page.Cursor[int], error) {
		var c page.Cursor[int]
		from, _ := strconv.Atoi(cursor)
		for i := from; i < min(from+limit, n); i++ {
			c.Items = append(c.Items, i)
		}
		if len(c.Items) == limit {
			c.Next = strconv.Itoa(from + limit)
		}
		return c, nil
	}
}
