package datasqltest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/filter"
	"github.com/lexigram/lexigram-go/contracts/search"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlsearch"
)

// BenchSearch reports how fast documents of 1 KB are indexed, a hundred in a
// call, and how long searches among 20,000 of them take.
func BenchSearch(b *testing.B, open func(b *testing.B) sqldb.DB) {
	db := open(b)
	e := searchEngine(b, db, sqlsearch.Options{Weights: map[string]float64{"title": 3}})
	const documents = 20_000
	began := time.Now()
	for docs := range slices.Chunk(searchCorpus(documents, 1_000), 100) {
		if err := e.Index(b.Context(), "c", docs...); err != nil {
			b.Fatal(err)
		}
	}
	b.Logf("indexed %.0f documents/s", documents/time.Since(began).Seconds())
	if _, err := db.Exec(b.Context(), "ANALYZE"); err != nil {
		b.Fatal(err)
	}
	for name, q := range map[string]search.Query{
		"three words":            {Text: "ba ke lu"},
		"one of three":           {Text: "ba ke lu", Any: true},
		"one of ten":             {Text: "bake lule ba ga fo ge lo la ma po", Any: true},
		"rare word":              {Text: "bekikubo"},
		"prefix":                 {Text: "bek"},
		"words and a filter":     {Text: "ba", Where: filter.Cmp{Field: "n", Op: filter.Eq, Value: 17}},
		"filter alone":           {Where: filter.Cmp{Field: "n", Op: filter.Eq, Value: 17}},
		"everything, by a value": {Sort: []search.Order{{Attribute: "n"}}},
	} {
		b.Run(name, func(b *testing.B) {
			total := 0
			for b.Loop() {
				page, err := e.Search(b.Context(), "c", q)
				if err != nil {
					b.Fatal(err)
				}
				total = page.Total
			}
			b.ReportMetric(float64(total), "matches")
		})
	}
}

// searchCorpus returns n documents of about size bytes; words follow Zipf's law.
func searchCorpus(n, size int) []search.Document {
	rng := rand.New(rand.NewPCG(1, 2))
	zipf := rand.NewZipf(rng, 1.1, 8, 60_000)
	docs := make([]search.Document, n)
	for i := range docs {
		var b strings.Builder
		for b.Len() < size {
			fmt.Fprintf(&b, "%s ", spelled(zipf.Uint64()))
		}
		docs[i] = search.Document{ID: fmt.Sprint(i), Text: map[string]string{"title": spelled(zipf.Uint64()), "body": b.String()}, Attributes: map[string]any{"n": i}}
	}
	return docs
}

// spelled spells n in syllables.
func spelled(n uint64) string {
	const c, v = "bdfgklmnprst", "aeiou"
	var b strings.Builder
	for ok := true; ok; ok = n > 0 {
		b.WriteByte(c[n%12])
		n /= 12
		b.WriteByte(v[n%5])
		n /= 5
	}
	return b.String()
}
