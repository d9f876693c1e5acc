package extractive

import (
	"github.com/lexigram/lexigram-go/lexigram-ai/internal/lexis"
)

// A bag holds the stems of a text's content words and of the pieces of its
// identifiers, and the pairs of content words that follow each other.
type bag struct {
	stems map[string]struct{}
	pairs map[[2]string]struct{}
	order []string // the stems as they first appear
}

func bagOf(text string) bag {
	b := bag{stems: make(map[string]struct{}), pairs: make(map[[2]string]struct{})}
	var buf []byte
	previous := ""
	for w := range lexis.Words(text) {
		buf = lexis.AppendFold(buf[:0], w)
		if lexis.Stop(string(buf)) {
			continue
		}
		stem := string(lexis.Stem(buf))
		b.add(stem)
		if previous != "" {
			b.pairs[[2]string{previous, stem}] = struct{}{}
		}
		previous = stem
		for part := range lexis.Parts(w) {
			buf = lexis.AppendFold(buf[:0], part)
			if len(buf) > 1 && !lexis.Stop(string(buf)) {
				b.add(string(lexis.Stem(buf)))
			}
		}
	}
	return b
}

func (b *bag) add(stem string) {
	if _, ok := b.stems[stem]; !ok {
		b.stems[stem] = struct{}{}
		b.order = append(b.order, stem)
	}
}

func (b *bag) has(stem string) bool {
	_, ok := b.stems[stem]
	return ok
}

// overlap returns the share of the smaller bag's stems that both have.
func (b *bag) overlap(other *bag) float64 {
	small, large := b, other
	if len(small.stems) > len(large.stems) {
		small, large = large, small
	}
	if len(small.stems) == 0 {
		return 0
	}
	common := 0
	for s := range small.stems {
		if large.has(s) {
			common++
		}
	}
	return float64(common) / float64(len(small.stems))
}
