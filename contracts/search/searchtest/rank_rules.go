package searchtest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/search"
)

var rankRules = []rule{
	{
		name: "best first",
		says: "Search returns the hits of q, best first",
		check: func(e *env) error {
			filler := strings.Repeat("something else entirely ", 20)
			if err := e.fill(map[string]string{"a": "lamp " + filler, "b": "lamp lamp lamp", "c": filler}); err != nil {
				return err
			}
			page, err := e.engine.Search(e.ctx, index, search.Query{Text: "lamp"})
			if err != nil || len(page.Hits) != 2 || page.Hits[0].ID != "b" || !(page.Hits[0].Score > page.Hits[1].Score) {
				return fmt.Errorf("Search = %+v, %v, want b above a", page.Hits, err)
			}
			return nil
		},
	},
	{
		name: "ties by id",
		says: "ties by ID",
		check: func(e *env) error {
			if err := e.fill(map[string]string{"c": "lamp", "a": "lamp", "b": "lamp", "B": "lamp"}); err != nil {
				return err
			}
			return e.want(search.Query{Text: "lamp"}, "B", "a", "b", "c")
		},
	},
	{
		name: "rarer words rank higher",
		says: "it ranks by how many and how rare they are",
		check: func(e *env) error {
			if err := e.fill(map[string]string{
				"common": "lamp stands here", "common2": "lamp stands here", "common3": "lamp stands here", "common4": "lamp stands here",
				"rare": "carpet stands here", "other": "nothing stands here", "other2": "nothing stands here",
			}); err != nil {
				return err
			}
			got, err := e.ids(search.Query{Text: "lamp carpet with", Any: true})
			if err != nil || len(got) != 5 || got[0] != "rare" {
				return fmt.Errorf("Search = %q, %v, want the document with the rare word first, then four", got, err)
			}
			return nil
		},
	},
	{
		name: "more words rank higher",
		says: "it ranks by how many and how rare they are",
		check: func(e *env) error {
			if err := e.fill(map[string]string{"one": "lamp here", "two": "lamp carpet", "three": "carpet here", "none": "nothing here"}); err != nil {
				return err
			}
			got, err := e.ids(search.Query{Text: "lamp carpet mirror", Any: true})
			if err != nil || len(got) != 3 || got[0] != "two" {
				return fmt.Errorf("Search = %q, %v, want the document with two words first", got, err)
			}
			return nil
		},
	},
	{
		name: "sort",
		says: "an Order sorts by an attribute instead of relevance",
		check: func(e *env) error {
			now := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
			if err := e.engine.Index(e.ctx, index,
				with("a", map[string]any{"n": 2, "s": "b", "t": now}), with("b", map[string]any{"n": 10, "s": "B", "t": now.Add(time.Hour)}),
				with("c", map[string]any{"n": -1.5, "s": "ab", "t": now.Add(-time.Hour)})); err != nil {
				return err
			}
			return errors.Join(
				e.want(sortBy("n", false), "c", "a", "b"), e.want(sortBy("n", true), "b", "a", "c"),
				e.want(sortBy("s", false), "b", "c", "a"), e.want(sortBy("s", true), "a", "c", "b"),
				e.want(sortBy("t", false), "c", "a", "b"), e.want(sortBy("t", true), "b", "a", "c"))
		},
	},
	{
		name: "sort by two attributes",
		says: "Sort []Order",
		check: func(e *env) error {
			if err := e.engine.Index(e.ctx, index, with("a", map[string]any{"x": 1, "y": 1}), with("b", map[string]any{"x": 1, "y": 2}),
				with("c", map[string]any{"x": 0, "y": 1}), with("d", map[string]any{"x": 0, "y": 2})); err != nil {
				return err
			}
			return e.want(search.Query{Text: "lamp", Sort: []search.Order{{Attribute: "x"}, {Attribute: "y", Desc: true}}}, "d", "c", "b", "a")
		},
	},
	{
		name: "equals when sorted",
		says: "ties by ID",
		check: func(e *env) error {
			if err := e.engine.Index(e.ctx, index, with("c", map[string]any{"n": 1}), with("a", map[string]any{"n": 1.0}), with("b", map[string]any{"n": 1}), with("d", map[string]any{"n": 0})); err != nil {
				return err
			}
			return errors.Join(e.want(sortBy("n", false), "d", "a", "b", "c"), e.want(sortBy("n", true), "a", "b", "c", "d"))
		},
	},
	{
		name: "sorted last",
		says: "documents without it, or with a value of another type than the first, come last either way",
		check: func(e *env) error {
			if err := e.engine.Index(e.ctx, index, with("b", map[string]any{"n": 1}), with("c", map[string]any{"n": 2}), with("a", nil), with("z", map[string]any{"n": "text"})); err != nil {
				return err
			}
			for desc, first := range map[bool]string{false: "b c", true: "c b"} {
				got, err := e.ids(sortBy("n", desc))
				if err != nil || len(got) != 4 || strings.Join(got[:2], " ") != first || !slices.Contains(got[2:], "a") {
					return fmt.Errorf("Search(Desc: %v) = %q, %v, want %s, then a and z", desc, got, err, first)
				}
			}
			return nil
		},
	},
}

// with returns a document that the word lamp finds.
func with(id string, attrs map[string]any) search.Document {
	return search.Document{ID: id, Text: map[string]string{"body": strings.Repeat("lamp ", len(attrs)+1)}, Attributes: attrs}
}

func sortBy(attribute string, desc bool) search.Query {
	return search.Query{Text: "lamp", Sort: []search.Order{{Attribute: attribute, Desc: desc}}}
}

func sorted(ids []string) []string { return slices.Sorted(slices.Values(ids)) }
