package memoryvector_test

import (
	"context"
	"fmt"
	"log"

	"github.com/lexigram/lexigram-go/contracts/filter"
	"github.com/lexigram/lexigram-go/contracts/vector"
	"github.com/lexigram/lexigram-go/lexigram-vector/memoryvector"
)

func Example() {
	ctx := context.Background()
	store, err := memoryvector.Open(memoryvector.Config{}) // Dir: "data/vectors" keeps it
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()
	chunks, err := vector.Ensure(ctx, store, "chunks", vector.Config{Dimension: 2})
	if err != nil {
		log.Fatal(err)
	}
	err = chunks.Upsert(ctx,
		vector.Point{ID: "intro", Vector: []float32{0.9, 0.1}, Payload: map[string]any{"page": 1}},
		vector.Point{ID: "usage", Vector: []float32{0.2, 0.8}, Payload: map[string]any{"page": 7}})
	if err != nil {
		log.Fatal(err)
	}
	found, err := chunks.Search(ctx, vector.Query{Vector: []float32{1, 1}, Where: filter.Cmp{Field: "page", Op: filter.Gt, Value: 3}})
	fmt.Println(found[0].ID, found[0].Payload["page"], err)
	// Output: usage 7 <nil>
}
