package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"

	"github.com/philippgille/chromem-go"

	"github.com/lexigram/lexigram-go/contracts/vector"
	"github.com/lexigram/lexigram-go/lexigram-vector/memoryvector"
)

const exactPoints, exactDims = 10_000, 128

func exactRow() row {
	return row{
		name: "vector: exact search, 10,000 × 128",
		work: "find the 10 nearest by cosine, comparing with every point",
		goal: "< 5 ms",
		met:  func(r result) bool { return r.ours().Ns < 5e6 },
		sides: []side{
			{"memoryvector", startExact},
			{"chromem-go", startChromem},
		},
	}
}

// exactData returns the same points for every contestant.
func exactData() [][]float32 {
	r := rand.New(rand.NewPCG(1, 2))
	data := make([][]float32, exactPoints)
	for i := range data {
		data[i] = make([]float32, exactDims)
		for j := range data[i] {
			data[i][j] = float32(r.NormFloat64())
		}
	}
	return data
}

func startExact(ctx context.Context) (worker, error) {
	store, err := memoryvector.Open(memoryvector.Config{})
	if err != nil {
		return worker{}, err
	}
	c, err := store.Create(ctx, "bench", vector.Config{Dimension: exactDims, Metric: vector.Cosine})
	if err != nil {
		return worker{}, err
	}
	data := exactData()
	points := make([]vector.Point, len(data))
	for i, v := range data {
		points[i] = vector.Point{ID: strconv.Itoa(i), Vector: v}
	}
	search := func(ctx context.Context, i int) (string, error) {
		found, err := c.Search(ctx, vector.Query{Vector: data[i], Limit: 10, Exact: true})
		if err != nil || len(found) != 10 {
			return "", fmt.Errorf("%d found: %w", len(found), err)
		}
		return found[0].ID, nil
	}
	return worker{ops: searches(search), close: store.Close}, c.Upsert(ctx, points...)
}

func startChromem(ctx context.Context) (worker, error) {
	c, err := chromem.NewDB().CreateCollection("bench", nil, nil)
	if err != nil {
		return worker{}, err
	}
	data := exactData()
	docs := make([]chromem.Document, len(data))
	for i, v := range data {
		docs[i] = chromem.Document{ID: strconv.Itoa(i), Embedding: append([]float32(nil), v...)}
	}
	search := func(ctx context.Context, i int) (string, error) {
		found, err := c.QueryEmbedding(ctx, data[i], 10, nil, nil)
		if err != nil || len(found) != 10 {
			return "", fmt.Errorf("%d found: %w", len(found), err)
		}
		return found[0].ID, nil
	}
	return worker{ops: searches(search)}, c.AddDocuments(ctx, docs, 1)
}

// searches looks points up by their own vectors, so that the best is known.
func searches(search func(context.Context, int) (string, error)) func(context.Context, int) error {
	next := 0
	return each(func(ctx context.Context) error {
		next = (next + 7919) % exactPoints
		best, err := search(ctx, next)
		if err != nil {
			return err
		}
		if best != strconv.Itoa(next) {
			return fmt.Errorf("point %d is nearest to %s", next, best)
		}
		return nil
	})
}
