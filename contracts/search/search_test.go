package search_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/filter"
	"github.com/lexigram/lexigram-go/contracts/search"
)

func ExampleWords() {
	fmt.Println(slices.Collect(search.Words("What does sync.WaitGroup do?")))
	// Output: [what does sync waitgroup do]
}

func TestCheckQuery(t *testing.T) {
	if q, err := search.CheckQuery(search.Query{}); err != nil || q.Limit != 20 {
		t.Errorf("CheckQuery = %+v, %v, want a limit of 20", q, err)
	}
	for name, q := range map[string]search.Query{
		"limit": {Limit: search.MaxLimit + 1}, "offset": {Offset: -1}, "text": {Text: strings.Repeat("x", search.MaxText+1)}, "sort": {Sort: []search.Order{{Attribute: "a b"}}},
	} {
		if _, err := search.CheckQuery(q); !errors.Is(err, search.ErrQuery) {
			t.Errorf("%s: %v, want ErrQuery", name, err)
		}
	}
	if _, err := search.CheckQuery(search.Query{Where: filter.Not{}}); !errors.Is(err, filter.Err) {
		t.Errorf("where: %v, want filter.Err", err)
	}
}

func TestCheckDocumentCopies(t *testing.T) {
	attrs := map[string]any{"n": 1}
	d, err := search.CheckDocument(search.Document{ID: "a", Attributes: attrs})
	if err != nil || d.Attributes["n"] != int64(1) || attrs["n"] != 1 {
		t.Errorf("%v, %v from %v", d, err, attrs)
	}
}
