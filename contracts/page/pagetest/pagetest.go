// Package pagetest checks that a [page.Fetch] keeps its contract.
//
// An adapter's whole conformance test is:
//
//	func TestConformance(t *testing.T) {
//		pagetest.Run(t, func(t *testing.T, n int) page.Fetch[page.Cursor[User]] { return open(t, n) })
//	}
package pagetest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/page"
)

// Run checks every rule of [page.Fetch] and [page.Pager]. open returns the
// source of a list of n items that are all different, and does not change; it registers its own
// cleanup on t.
func Run[T comparable, P page.Pager[T]](t *testing.T, open func(t *testing.T, n int) page.Fetch[P]) {
	t.Helper()
	for _, r := range rules[T, P]() {
		t.Run(r.name, func(t *testing.T) {
			if err := r.check(t.Context(), open(t, r.items), r.items); err != nil {
				t.Errorf("%v\npage.Fetch: %s", err, r.says)
			}
		})
	}
}

// A rule is one promise of the contract and the check that tries to break it.
type rule[P any] struct {
	name  string
	says  string // the promise, as the contract words it
	items int    // that the list has
	check func(ctx context.Context, fetch page.Fetch[P], n int) error
}

func rules[T comparable, P page.Pager[T]]() []rule[P] {
	return []rule[P]{
		{"every item once", "Going from page to page by their cursors returns every item … once", 23, checkOnce[T, P]},
		{"an order that stays", "in an order that stays the same", 23, checkOrder[T, P]},
		{"limit", "the page of at most limit items", 23, checkLimit[T, P]},
		{"the last page", "the cursor of the page after this one: \"\" after the last", 10, checkLast[T, P]},
		{"an empty list", "the cursor of the page after this one: \"\" after the last", 0, checkEmpty[T, P]},
		{"invalid limits", "What CheckLimit refuses is an error wrapping ErrLimit", 3, checkInvalidLimits[T, P]},
		{"invalid cursors", "text that is no cursor of this list [is an error] wrapping ErrCursor", 3, checkInvalidCursors[T, P]},
		{"a context that has ended", "a ctx that has ended is an error wrapping its cause", 3, checkEnded[T, P]},
		{"concurrent use", "It is safe for concurrent use", 23, checkConcurrent[T, P]},
	}
}

// walk reads all pages, of at most limit items, and stops when there are far too many.
func walk[T comparable, P page.Pager[T]](ctx context.Context, fetch page.Fetch[P], limit, n int) (all []T, sizes []int, err error) {
	cursor := ""
	for range n + 2 {
		p, err := fetch(ctx, cursor, limit)
		if err != nil {
			return all, sizes, fmt.Errorf("page of %d at cursor %.40q: %w", limit, cursor, err)
		}
		items, next := p.Page()
		all, sizes = append(all, items...), append(sizes, len(items))
		if next == "" {
			return all, sizes, nil
		}
		cursor = next
	}
	return all, sizes, fmt.Errorf("%d items in pages of %d have more than %d pages", n, limit, len(sizes))
}

func checkOnce[T comparable, P page.Pager[T]](ctx context.Context, fetch page.Fetch[P], n int) error {
	for _, limit := range []int{1, 5, n - 1, n, page.MaxLimit} {
		all, _, err := walk(ctx, fetch, limit, n)
		if err != nil {
			return err
		}
		seen := map[T]bool{}
		for _, item := range all {
			if seen[item] {
				return fmt.Errorf("pages of %d: %v twice", limit, item)
			}
			seen[item] = true
		}
		if len(seen) != n {
			return fmt.Errorf("pages of %d: %d items of %d", limit, len(seen), n)
		}
	}
	return nil
}

func checkOrder[T comparable, P page.Pager[T]](ctx context.Context, fetch page.Fetch[P], n int) error {
	want, _, err := walk(ctx, fetch, n, n)
	if err != nil {
		return err
	}
	for _, limit := range []int{1, 5, 7, n} {
		got, _, err := walk(ctx, fetch, limit, n)
		if err != nil {
			return err
		}
		if !slices.Equal(got, want) {
			return fmt.Errorf("pages of %d have the order %v, one page has %v", limit, got, want)
		}
	}
	return nil
}

func checkLimit[T comparable, P page.Pager[T]](ctx context.Context, fetch page.Fetch[P], n int) error {
	for _, limit := range []int{1, 2, 5, n} {
		_, sizes, err := walk(ctx, fetch, limit, n)
		if err != nil {
			return err
		}
		for _, size := range sizes {
			if size > limit {
				return fmt.Errorf("a page of %d has %d items", limit, size)
			}
		}
	}
	return nil
}

func checkLast[T comparable, P page.Pager[T]](ctx context.Context, fetch page.Fetch[P], n int) error {
	for _, limit := range []int{1, n / 2, n, n + 1} { // the list ends with a full page, and with one that is not
		_, sizes, err := walk(ctx, fetch, limit, n)
		if err != nil {
			return err
		}
		if sizes[len(sizes)-1] == 0 {
			return fmt.Errorf("pages of %d: the last but one leads to a page of nothing", limit)
		}
	}
	return nil
}

func checkEmpty[T comparable, P page.Pager[T]](ctx context.Context, fetch page.Fetch[P], _ int) error {
	p, err := fetch(ctx, "", 10)
	if err != nil {
		return err
	}
	if items, next := p.Page(); len(items) != 0 || next != "" {
		return fmt.Errorf("%d items, next %q", len(items), next)
	}
	return nil
}

func checkInvalidLimits[T comparable, P page.Pager[T]](ctx context.Context, fetch page.Fetch[P], _ int) error {
	for _, limit := range []int{0, -1, page.MaxLimit + 1, math.MaxInt, math.MinInt} {
		if _, err := fetch(ctx, "", limit); !errors.Is(err, page.ErrLimit) {
			return fmt.Errorf("limit %d: %v, want ErrLimit", limit, err)
		}
	}
	return nil
}

func checkInvalidCursors[T comparable, P page.Pager[T]](ctx context.Context, fetch page.Fetch[P], _ int) error {
	bad := []string{"x", " ", "null", "\x00", "'; DROP TABLE users; --", "e30", "ünï", strings.Repeat("A", 1<<16)}
	p, err := fetch(ctx, "", 1)
	if err != nil {
		return err
	}
	if _, next := p.Page(); next != "" {
		bad = append(bad, next+"x", " "+next, next+"\n")
	}
	for _, cursor := range bad {
		if _, err := fetch(ctx, cursor, 1); !errors.Is(err, page.ErrCursor) {
			return fmt.Errorf("cursor %.40q: %v, want ErrCursor", cursor, err)
		}
	}
	return nil
}

func checkEnded[T comparable, P page.Pager[T]](ctx context.Context, fetch page.Fetch[P], _ int) error {
	cause := errors.New("the caller left")
	gone, cancel := context.WithCancelCause(ctx)
	cancel(cause)
	if _, err := fetch(gone, "", 1); !errors.Is(err, cause) {
		return fmt.Errorf("%v, want the cause", err)
	}
	if _, err := fetch(gone, "", 0); !errors.Is(err, page.ErrLimit) {
		return fmt.Errorf("and a limit of 0: %v, want ErrLimit", err)
	}
	return nil
}

func checkConcurrent[T comparable, P page.Pager[T]](ctx context.Context, fetch page.Fetch[P], n int) error {
	failures := make([]error, 8)
	var wg sync.WaitGroup
	for i := range failures {
		wg.Go(func() { failures[i] = checkOnce[T](ctx, fetch, n) })
	}
	wg.Wait()
	return errors.Join(failures...)
}
