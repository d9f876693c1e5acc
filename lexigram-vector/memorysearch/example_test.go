package memorysearch_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/search"
	"github.com/lexigram/lexigram-go/lexigram-vector/memorysearch"
)

func Example() {
	ctx := context.Background()
	engine, err := memorysearch.Open(memorysearch.Config{Weights: map[string]float64{"title": 3}}) // Dir: "data/search" keeps it
	if err != nil {
		log.Fatal(err)
	}
	defer engine.Close()
	err = engine.Index(ctx, "docs",
		search.Document{ID: "intro", Text: map[string]string{"title": "Introduction", "body": "A sync.WaitGroup waits for goroutines."}},
		search.Document{ID: "cache", Text: map[string]string{"title": "Caching", "body": "How results are kept."}})
	if err != nil {
		log.Fatal(err)
	}
	page, err := engine.Search(ctx, "docs", search.Query{Text: "how do I wait for a group of goroutines", Any: true})
	excerpt := strings.NewReplacer("\x02", "<b>", "\x03", "</b>").Replace(page.Hits[0].Highlights["body"])
	fmt.Println(page.Total, page.Hits[0].ID, excerpt, err)
	// Output: 2 intro <b>A</b> sync.<b>WaitGroup</b> <b>waits</b> <b>for</b> <b>goroutines</b>. <nil>
}
