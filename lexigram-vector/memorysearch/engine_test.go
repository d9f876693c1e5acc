package memorysearch

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/search"
)

// corpus returns n documents of about size bytes; words follow Zipf's law.
func corpus(n, size int) []search.Document {
	rng := rand.New(rand.NewPCG(1, 2))
	zipf := rand.NewZipf(rng, 1.1, 8, 60_000)
	docs := make([]search.Document, n)
	for i := range docs {
		var b strings.Builder
		for b.Len() < size {
			fmt.Fprintf(&b, "%s ", pseudo(zipf.Uint64()))
		}
		docs[i] = search.Document{ID: fmt.Sprint(i), Text: map[string]string{"title": pseudo(zipf.Uint64()), "body": b.String()}, Attributes: map[string]any{"n": i}}
	}
	return docs
}

// pseudo spells n in syllables.
func pseudo(n uint64) string {
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

func TestTemp(t *testing.T) {
	e, _ := Open(Config{})
	docs := corpus(20_000, 1000)
	if err := e.Index(t.Context(), "a", docs...); err != nil {
		t.Fatal(err)
	}
	p, err := e.Search(t.Context(), "a", search.Query{Text: "ba ke lu", Any: true, Limit: 3})
	fmt.Printf("%+v %v\n", p, err)
	e.Index(t.Context(), "b", search.Document{ID: "1", Text: map[string]string{"t": "Use sync.WaitGroup to wait for HTTPServers caches"}})
	for _, q := range []string{"wait group", "cach", "cached", "server", "waitgroup http", "Group for wai"} {
		p, err = e.Search(t.Context(), "b", search.Query{Text: q})
		fmt.Printf("%q %+v %v\n", q, p, err)
	}
}

func BenchmarkIndex(b *testing.B) {
	docs := corpus(20_000, 1000)
	for b.Loop() {
		e, _ := Open(Config{})
		if err := e.Index(b.Context(), "a", docs...); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSearch(b *testing.B) {
	e, _ := Open(Config{})
	docs := corpus(20_000, 1000)
	if err := e.Index(b.Context(), "a", docs...); err != nil {
		b.Fatal(err)
	}
	for _, q := range []search.Query{{Text: "ba ke lu"}, {Text: "ba ke lu", Any: true}, {Text: "b"}, {Text: "bake lule ba ga fo ge lo la ma po", Any: true}} {
		b.Run(fmt.Sprint(q.Text, q.Any), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := e.Search(b.Context(), "a", q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
