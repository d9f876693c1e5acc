package searchtest

import (
	"errors"
	"fmt"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/search"
)

var pageRules = []rule{
	{
		name: "default limit",
		says: "[Limit] 0 means 20",
		check: func(e *env) error {
			if err := e.many(); err != nil {
				return err
			}
			return e.wantPage(search.Query{Text: "lamp"}, 20)
		},
	},
	{
		name: "limit and total",
		says: "Total counts all matches",
		check: func(e *env) error {
			if err := e.many(); err != nil {
				return err
			}
			return errors.Join(e.wantPage(search.Query{Text: "lamp", Limit: 1}, 1), e.wantPage(search.Query{Limit: 7}, 7), e.wantPage(search.Query{Limit: search.MaxLimit}, min(e.documents, search.MaxLimit)))
		},
	},
	{
		name: "offset",
		says: "hits before [the page]",
		check: func(e *env) error {
			if err := e.many(); err != nil {
				return err
			}
			seen := map[string]bool{}
			for offset := 0; offset < e.documents; offset += 30 {
				q := search.Query{Text: "lamp", Offset: offset, Limit: 30}
				if err := e.wantPage(q, min(30, e.documents-offset)); err != nil {
					return err
				}
				ids, err := e.ids(q)
				if err != nil {
					return err
				}
				for _, id := range ids {
					if seen[id] {
						return fmt.Errorf("%q is on two pages", id)
					}
					seen[id] = true
				}
			}
			return errors.Join(e.wantPage(search.Query{Text: "lamp", Offset: e.documents}, 0), e.wantPage(search.Query{Text: "lamp", Offset: search.MaxOffset}, 0))
		},
	},
	{
		name: "far pages",
		says: "Total counts all matches, and MaxOffset bounds the hits before the page: more of either than a page holds",
		check: func(e *env) error {
			e.documents = search.MaxLimit + 200
			for from := 0; from < e.documents; from += 100 {
				if err := e.index(from, from+100); err != nil {
					return err
				}
			}
			return errors.Join(e.wantPage(search.Query{Text: "lamp", Limit: 1}, 1),
				e.wantPage(search.Query{Text: "lamp", Limit: search.MaxLimit}, search.MaxLimit),
				e.wantPage(search.Query{Text: "lamp", Offset: search.MaxLimit + 50, Limit: 500}, 150))
		},
	},
	{
		name: "invalid query",
		says: "MaxText, MaxLimit and MaxOffset bound a Query",
		check: func(e *env) error {
			if err := e.fill(map[string]string{"a": "lamp"}); err != nil {
				return err
			}
			for name, q := range map[string]search.Query{
				"limit": {Limit: search.MaxLimit + 1}, "negative limit": {Limit: -1}, "offset": {Offset: search.MaxOffset + 1}, "negative offset": {Offset: -1},
				"text": {Text: strings.Repeat("x", search.MaxText+1)}, "sort": {Sort: []search.Order{{Attribute: "n; drop table x"}}},
			} {
				if _, err := e.engine.Search(e.ctx, index, q); !errors.Is(err, search.ErrQuery) {
					return fmt.Errorf("Search with a bad %s = %v, want ErrQuery", name, err)
				}
			}
			return nil
		},
	},
	{
		name: "longest query",
		says: "MaxText [bounds the] bytes of Text",
		check: func(e *env) error {
			if err := e.fill(map[string]string{"a": "lamp x"}); err != nil {
				return err
			}
			many := strings.Repeat("x y ", search.MaxText/4-2) + "lamp"
			long := strings.Repeat("z", search.MaxText)
			return errors.Join(e.want(search.Query{Text: many, Any: true}, "a"), e.want(search.Query{Text: long}))
		},
	},
}

// many indexes documents that the word lamp finds.
func (e *env) many() error { return e.index(0, e.documents) }

// index indexes those from from to before to.
func (e *env) index(from, to int) error {
	docs := make([]search.Document, 0, to-from)
	for i := from; i < to; i++ {
		docs = append(docs, doc(fmt.Sprintf("d%05d", i), "lamp number"+fmt.Sprint(i)))
	}
	return e.engine.Index(e.ctx, index, docs...)
}

func (e *env) wantPage(q search.Query, hits int) error {
	page, err := e.engine.Search(e.ctx, index, q)
	if err == nil && (len(page.Hits) != hits || page.Total != e.documents) {
		err = fmt.Errorf("Search(Offset: %d, Limit: %d) = %d hits of %d, want %d of %d", q.Offset, q.Limit, len(page.Hits), page.Total, hits, e.documents)
	}
	return err
}
