package hashembed

import (
	"strings"
	"testing"
)

func BenchmarkEmbed(b *testing.B) {
	e, _ := New(Options{})
	text := strings.Repeat("The relay claims rows with SKIP LOCKED, delivers them in order, and marks each one only after Deliver returned nil. parseHTTPRequest fails closed. ", 8)
	var words []string
	for i := range 200 {
		words = append(words, text[i:i+40])
	}
	text = strings.Join(words, " ")
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		e.embed(b, text)
	}
}

func (e *Embedder) embed(tb testing.TB, text string) []float32 {
	v := newVectorizer(e.dimensions)
	out, _ := v.embed(text)
	return out
}
