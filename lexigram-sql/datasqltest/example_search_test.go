package datasqltest_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/filter"
	"github.com/lexigram/lexigram-go/contracts/search"
	"github.com/lexigram/lexigram-go/lexigram-sql/migrate"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlite"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlsearch"
)

func Example_search() {
	ctx := context.Background()
	db, err := sqlite.Open(ctx, sqlite.Config{Path: sqlite.Memory})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()
	tables, err := migrate.New(db, migrate.Options{}, sqlsearch.Migrations())
	if err == nil {
		_, err = tables.Up(ctx)
	}
	if err != nil {
		fmt.Println(err)
		return
	}

	engine, err := sqlsearch.New(db, sqlsearch.Options{Weights: map[string]float64{"title": 3}})
	if err != nil {
		fmt.Println(err)
		return
	}
	err = db.InTx(ctx, func(ctx context.Context) error { // with whatever else is to be true at once
		return engine.Index(ctx, "docs",
			search.Document{ID: "intro", Text: map[string]string{"title": "WaitGroup", "body": "It waits for goroutines."}, Attributes: map[string]any{"year": 2012}},
			search.Document{ID: "cache", Text: map[string]string{"title": "Caching", "body": "How results are kept."}, Attributes: map[string]any{"year": 2020}})
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	page, err := engine.Search(ctx, "docs", search.Query{
		Text: "what waits for goroutines?", Any: true,
		Where: filter.Cmp{Field: "year", Op: filter.Lt, Value: 2020},
	})
	excerpt := strings.NewReplacer("\x02", "<b>", "\x03", "</b>").Replace(page.Hits[0].Highlights["body"])
	fmt.Println(page.Total, page.Hits[0].ID, excerpt, err)
	// Output: 1 intro It <b>waits</b> <b>for</b> <b>goroutines</b>. <nil>
}
