package searchtest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/lexigram/lexigram-go/contracts/filter"
	"github.com/lexigram/lexigram-go/contracts/search"
)

var indexRules = []rule{
	{
		name: "index is made",
		says: "[ErrNoIndex is] of Search and Delete; Index makes it",
		check: func(e *env) error {
			if err := e.fill(map[string]string{"a": "alpha"}); err != nil {
				return err
			}
			return e.want(search.Query{Text: "alpha"}, "a")
		},
	},
	{
		name: "search without index",
		says: "ErrNoIndex is of Search and Delete",
		check: func(e *env) error {
			if page, err := e.engine.Search(e.ctx, "absent", search.Query{Text: "x"}); !errors.Is(err, search.ErrNoIndex) {
				return fmt.Errorf("Search(absent) = %v, %v, want ErrNoIndex", page, err)
			}
			return nil
		},
	},
	{
		name: "delete without index",
		says: "ErrNoIndex is of Search and Delete",
		check: func(e *env) error {
			if err := e.engine.Delete(e.ctx, "absent", "a"); !errors.Is(err, search.ErrNoIndex) {
				return fmt.Errorf("Delete(absent) = %v, want ErrNoIndex", err)
			}
			return nil
		},
	},
	{
		name: "invalid index name",
		says: "every method of every engine calls CheckIndex first",
		check: func(e *env) error {
			for _, name := range []string{"", "Upper", "1st", "a-b", "../up", "a; drop table b", strings.Repeat("x", 64)} {
				_, err := e.engine.Search(e.ctx, name, search.Query{})
				for op, err := range map[string]error{"Search": err, "Index": e.engine.Index(e.ctx, name, doc("a", "x")), "Delete": e.engine.Delete(e.ctx, name, "a")} {
					if !errors.Is(err, search.ErrQuery) {
						return fmt.Errorf("%s(%.20q) = %v, want ErrQuery", op, name, err)
					}
				}
			}
			return nil
		},
	},
	{
		name: "indexes are apart",
		says: "an engine indexes documents and finds them",
		check: func(e *env) error {
			if err := e.fill(map[string]string{"a": "alpha", "same": "alpha"}); err != nil {
				return err
			}
			if err := errors.Join(e.engine.Index(e.ctx, "things_2", doc("b", "alpha"), doc("same", "beta")), e.engine.Delete(e.ctx, "things_2", "a")); err != nil {
				return err
			}
			return e.wantSet(search.Query{Text: "alpha"}, "a", "same")
		},
	},
	{
		name: "all or none",
		says: "Index adds or replaces docs, all or none",
		check: func(e *env) error {
			if err := e.fill(map[string]string{"old": "alpha"}); err != nil {
				return err
			}
			for name, bad := range map[string]search.Document{
				"no ID": doc("", "x"), "a long ID": doc(strings.Repeat("x", 256), "x"),
				"a bad field": {ID: "b", Text: map[string]string{"a b": "x"}}, "a bad attribute": {ID: "b", Attributes: map[string]any{"a b": 1}},
				"a bad value": {ID: "b", Attributes: map[string]any{"n": struct{}{}}}, "a text with NUL": {ID: "b", Text: map[string]string{"body": "a\x00b"}}, "a text of bytes": {ID: "b", Text: map[string]string{"body": "\xff"}},
				"a value of bytes": {ID: "b", Attributes: map[string]any{"s": "\xff"}},
			} {
				if err := e.engine.Index(e.ctx, index, doc("first", "alpha"), doc("old", "beta"), bad); !errors.Is(err, search.ErrQuery) {
					return fmt.Errorf("Index of a document with %s = %v, want ErrQuery", name, err)
				}
				if err := e.want(search.Query{Text: "alpha"}, "old"); err != nil {
					return fmt.Errorf("after Index of a document with %s was refused: %w", name, err)
				}
			}
			return nil
		},
	},
	{
		name: "replace",
		says: "Index adds or replaces docs",
		check: func(e *env) error {
			if err := e.engine.Index(e.ctx, index, search.Document{ID: "a", Text: map[string]string{"title": "gamma", "body": "alpha"}, Attributes: map[string]any{"old": 1}}, doc("b", "alpha")); err != nil {
				return err
			}
			if err := e.engine.Index(e.ctx, index, search.Document{ID: "a", Text: map[string]string{"body": "beta"}, Attributes: map[string]any{"new": 1}}); err != nil {
				return err
			}
			old := search.Query{Where: filter.Exists{Field: "old"}}
			return errors.Join(e.want(search.Query{Text: "alpha"}, "b"), e.want(search.Query{Text: "gamma"}), e.want(search.Query{Text: "beta"}, "a"), e.want(old), e.want(search.Query{}, "a", "b"))
		},
	},
	{
		name: "delete",
		says: "Delete removes documents",
		check: func(e *env) error {
			if err := e.fill(map[string]string{"a": "alpha", "b": "alpha", "c": "alpha"}); err != nil {
				return err
			}
			if err := e.engine.Delete(e.ctx, index, "a", "c"); err != nil {
				return err
			}
			return errors.Join(e.want(search.Query{Text: "alpha"}, "b"), e.want(search.Query{}, "b"))
		},
	},
	{
		name: "delete absent",
		says: "an ID without [a document] is no error",
		check: func(e *env) error {
			if err := e.fill(map[string]string{"a": "alpha"}); err != nil {
				return err
			}
			if err := errors.Join(e.engine.Delete(e.ctx, index, "absent", "a", "a", ""), e.engine.Delete(e.ctx, index, "a"), e.engine.Delete(e.ctx, index)); err != nil {
				return err
			}
			return e.want(search.Query{Text: "alpha"})
		},
	},
	{
		name: "any id",
		says: "an ID has 1 to 255 bytes",
		check: func(e *env) error {
			ids := []string{"\x00", "'; drop table x; --", "1", "A", "a", "a b", "a/b", strings.Repeat("x", 254) + "y", strings.Repeat("x", 255), "ünï", "\xff\xfe"}
			for _, id := range ids {
				if err := e.engine.Index(e.ctx, index, doc(id, "alpha")); err != nil {
					return fmt.Errorf("Index(%.20q): %w", id, err)
				}
			}
			if err := e.want(search.Query{}, sorted(ids)...); err != nil {
				return err
			}
			return errors.Join(e.engine.Delete(e.ctx, index, ids...), e.want(search.Query{}))
		},
	},
	{
		name: "attributes are copied in",
		says: "doc is not changed, and what is changed in it later is not indexed",
		check: func(e *env) error {
			list, attrs := []string{"x"}, map[string]any{"n": 1}
			attrs["list"] = list
			if err := e.engine.Index(e.ctx, index, search.Document{ID: "a", Attributes: attrs}); err != nil {
				return err
			}
			attrs["n"], list[0] = 2, "y"
			where := filter.And{filter.Cmp{Field: "n", Op: filter.Eq, Value: 1}, filter.Has{Field: "list", Value: "x"}}
			return e.want(search.Query{Where: where}, "a")
		},
	},
	{
		name:  "ended context",
		says:  "a ctx that has ended is an error wrapping its cause from every method, which then has no effect",
		check: checkEnded,
	},
	{
		name:  "concurrent",
		says:  "it is safe for concurrent use; [documents] can be found when [Index] returns",
		check: checkConcurrent,
	},
}

func checkEnded(e *env) error {
	if err := e.fill(map[string]string{"a": "alpha"}); err != nil {
		return err
	}
	cause := errors.New("the caller went away")
	ctx, cancel := context.WithCancelCause(e.ctx)
	cancel(cause)
	_, err := e.engine.Search(ctx, index, search.Query{Text: "alpha"})
	for op, err := range map[string]error{
		"Search": err, "Index": e.engine.Index(ctx, index, doc("b", "alpha")), "Delete": e.engine.Delete(ctx, index, "a"),
	} {
		if !errors.Is(err, cause) {
			return fmt.Errorf("%s with an ended ctx = %v, want its cause", op, err)
		}
	}
	return e.want(search.Query{Text: "alpha"}, "a")
}

func checkConcurrent(e *env) error {
	if err := e.fill(map[string]string{"other": "nothing"}); err != nil {
		return err
	}
	const workers, rounds = 8, 20
	errs := make([]error, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := range rounds {
				if errs[w] = e.writeAndFind(w, i); errs[w] != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	if err := cmp.Or(errs...); err != nil {
		return err
	}
	page, err := e.engine.Search(e.ctx, index, search.Query{})
	if err == nil && page.Total != workers+1 {
		err = fmt.Errorf("%d documents are left, want %d", page.Total, workers+1)
	}
	return err
}

// writeAndFind replaces and deletes documents of worker w while others do the same.
func (e *env) writeAndFind(w, i int) error {
	kept, gone := fmt.Sprintf("kept %d", w), fmt.Sprintf("gone %d", w)
	q := search.Query{Text: fmt.Sprintf("worker%dround%dend", w, i)}
	if err := e.engine.Index(e.ctx, index, doc(kept, q.Text), doc(gone, q.Text)); err != nil {
		return err
	}
	if err := e.wantSet(q, gone, kept); err != nil {
		return fmt.Errorf("after Index returned: %w", err)
	}
	if err := e.engine.Delete(e.ctx, index, gone); err != nil {
		return err
	}
	if err := e.wantSet(q, kept); err != nil {
		return fmt.Errorf("after Delete returned: %w", err)
	}
	return nil
}
