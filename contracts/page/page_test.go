package page_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/page"
	"github.com/lexigram/lexigram-go/contracts/page/pagetest"
	"github.com/lexigram/lexigram-go/contracts/stream"
)

// letters are a list whose cursors are indices.
type letters []string

func (l letters) fetch(ctx context.Context, cursor string, limit int) (page.Cursor[string], error) {
	var none page.Cursor[string]
	if err := page.CheckLimit(limit); err != nil {
		return none, err
	}
	from := 0
	if cursor != "" {
		var err error
		if from, err = strconv.Atoi(cursor); err != nil || from < 1 || from >= len(l) {
			return none, page.ErrCursor.Wrap(err, "letters: cursor %.20q", cursor)
		}
	}
	if ctx.Err() != nil {
		return none, page.Err.Wrap(context.Cause(ctx), "letters")
	}
	to := min(from+limit, len(l))
	c := page.Cursor[string]{Items: l[from:to]}
	if to < len(l) {
		c.Next = strconv.Itoa(to)
	}
	return c, nil
}

func TestConformance(t *testing.T) {
	pagetest.Run(t, func(t *testing.T, n int) page.Fetch[page.Cursor[string]] {
		list := letters{}
		for i := range n {
			list = append(list, strconv.Itoa(i))
		}
		return list.fetch
	})
}

func TestAll(t *testing.T) {
	list := letters{"a", "b", "c", "d", "e"}
	var asked []string
	counting := func(ctx context.Context, cursor string, limit int) (page.Cursor[string], error) {
		asked = append(asked, cursor)
		return list.fetch(ctx, cursor, limit)
	}
	got, err := stream.Collect(page.All(t.Context(), counting, 2))
	if err != nil || !slices.Equal(got, list) || !slices.Equal(asked, []string{"", "2", "4"}) {
		t.Errorf("All = %v, %v, asked for %q", got, err, asked)
	}
	asked = nil
	if got, err := stream.First(page.All(t.Context(), counting, 2)); got != "a" || err != nil || len(asked) != 1 {
		t.Errorf("First = %v, %v, asked for %q", got, err, asked)
	}
	if got, err := stream.Collect(page.All(t.Context(), counting, 0)); !errors.Is(err, page.ErrLimit) {
		t.Errorf("limit 0: %v, %v", got, err)
	}
	loop := func(context.Context, string, int) (page.Cursor[int], error) {
		return page.Cursor[int]{Items: []int{1}, Next: "same"}, nil
	}
	if got, err := stream.Collect(page.All(t.Context(), loop, 1)); !errors.Is(err, page.ErrLoop) || len(got) != 2 {
		t.Errorf("a loop: %v, %v", got, err)
	}
}

func TestOffset(t *testing.T) {
	for _, c := range []struct {
		page, size int
		want       page.Offset
		err        error
	}{
		{1, 20, page.Offset{Offset: 0, Limit: 20}, nil},
		{3, 20, page.Offset{Offset: 40, Limit: 20}, nil},
		{1, page.MaxLimit, page.Offset{Limit: page.MaxLimit}, nil},
		{math.MaxInt, 1, page.Offset{Offset: math.MaxInt - 1, Limit: 1}, nil},
		{0, 20, page.Offset{}, page.ErrOffset},
		{-1, 20, page.Offset{}, page.ErrOffset},
		{math.MaxInt, 20, page.Offset{}, page.ErrOffset},
		{1, 0, page.Offset{}, page.ErrLimit},
		{1, -1, page.Offset{}, page.ErrLimit},
		{1, page.MaxLimit + 1, page.Offset{}, page.ErrLimit},
	} {
		got, err := page.Number(c.page, c.size)
		if got != c.want || !errors.Is(err, c.err) || (err == nil) != (c.err == nil) {
			t.Errorf("Number(%d, %d) = %v, %v", c.page, c.size, got, err)
		}
		if err == nil && got.Check() != nil {
			t.Errorf("Check(%v) = %v", got, got.Check())
		}
	}
	for o, want := range map[page.Offset]error{
		{}:                                page.ErrLimit,
		{Offset: -1, Limit: 1}:            page.ErrOffset,
		{Offset: math.MaxInt, Limit: 1}:   page.ErrOffset,
		{Offset: 1, Limit: math.MinInt}:   page.ErrLimit,
		{Offset: math.MinInt, Limit: 100}: page.ErrOffset,
	} {
		if err := o.Check(); !errors.Is(err, want) {
			t.Errorf("Check(%v) = %v, want %v", o, err, want)
		}
	}
}

func TestCursorJSON(t *testing.T) {
	total := int64(3)
	for want, c := range map[string]page.Cursor[int]{
		`{"items":[],"next_cursor":null,"prev_cursor":null,"has_more":false,"has_previous":false,"total_count":null}`: {},
		`{"items":[1,2],"next_cursor":"n","prev_cursor":"p","has_more":true,"has_previous":true,"total_count":3}`:     {Items: []int{1, 2}, Next: "n", Prev: "p", Total: &total},
	} {
		got, err := json.Marshal(c)
		if err != nil || string(got) != want {
			t.Errorf("%s, %v, want %s", got, err, want)
		}
		var back page.Cursor[int]
		if err := json.Unmarshal(got, &back); err != nil || len(back.Items) != len(c.Items) || back.Next != c.Next || back.Prev != c.Prev || !reflect.DeepEqual(back.Total, c.Total) {
			t.Errorf("back: %+v, %v", back, err)
		}
	}
	var c page.Cursor[int]
	if err := json.Unmarshal([]byte(`{"items":"x"}`), &c); err == nil {
		t.Error("items that are no list are taken")
	}
}

func Example() {
	list := letters{"a", "b", "c"}
	p, err := list.fetch(context.Background(), "", 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := json.Marshal(p)
	fmt.Println(string(text), err)
	for letter, err := range page.All(context.Background(), list.fetch, 2) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Print(letter, " ")
	}
	// Output:
	// {"items":["a","b"],"next_cursor":"2","prev_cursor":null,"has_more":true,"has_previous":false,"total_count":null} <nil>
	// a b c
}
