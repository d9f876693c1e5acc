package hashembed

import (
	"math"
	"unicode/utf8"

	"github.com/lexigram/lexigram-go/lexigram-ai/internal/lexis"
)

// Weights of features, by trial on questions about technical documents. A stop
// word counts little, not nothing: a text may consist of them.
const (
	stopWeight = 0.08
	partWeight = 0.7 // of a piece of an identifier
	gramWeight = 0.6 // of all n-grams of a word together
	pairWeight = 0.4 // of two words that follow each other
	minGram    = 3
	maxGram    = 5
	maxWord    = 64 // bytes of a word that are read for n-grams: what is longer is data
)

// A vectorizer embeds one text after the other, reusing its memory.
//
// Sums are made in the order in which words first appear and every product is
// rounded by a conversion, so that no platform may fuse it into an addition:
// that makes vectors equal to the last bit everywhere.
type vectorizer struct {
	sums  []float64
	index map[string]int // folded word to its place in terms
	terms []term
	pairs []uint64            // hashes of pairs, each once
	seen  map[uint64]struct{} // those hashes
	word  []byte
	gram  []byte
	ends  []int
}

type term struct {
	stem   string
	count  int
	weight float64
}

func newVectorizer(dimensions int) *vectorizer {
	return &vectorizer{
		sums:  make([]float64, dimensions),
		index: make(map[string]int),
		seen:  make(map[uint64]struct{}),
	}
}

func (v *vectorizer) embed(text string) (_ []float32, words int) {
	clear(v.sums)
	clear(v.index)
	clear(v.seen)
	v.terms, v.pairs = v.terms[:0], v.pairs[:0]
	words = v.read(text)
	for _, t := range v.terms {
		v.addTerm(t)
	}
	for _, p := range v.pairs {
		v.add(p, pairWeight)
	}
	return v.normal(), words
}

// read counts the words of text and the parts of its identifiers.
func (v *vectorizer) read(text string) (words int) {
	var previous uint64
	for w := range lexis.Words(text) {
		words++
		stem, stop := v.count(w, 1)
		for part := range lexis.Parts(w) {
			v.count(part, partWeight)
		}
		if stop {
			continue
		}
		h := hash(fnvOffset, 'w', stem)
		if previous != 0 {
			v.addPair(previous*fnvPrime ^ h)
		}
		previous = h
	}
	return words
}

func (v *vectorizer) addPair(h uint64) {
	if _, again := v.seen[h]; !again {
		v.seen[h] = struct{}{}
		v.pairs = append(v.pairs, h)
	}
}

func (v *vectorizer) count(word string, weight float64) (stem string, stop bool) {
	v.word = lexis.AppendFold(v.word[:0], word)
	i, known := v.index[string(v.word)]
	if !known {
		folded := string(v.word)
		i = len(v.terms)
		v.index[folded] = i
		if lexis.Stop(folded) {
			weight = stopWeight
		}
		v.terms = append(v.terms, term{stem: string(lexis.Stem(v.word)), weight: weight})
	}
	t := &v.terms[i]
	t.count++
	return t.stem, t.weight == stopWeight
}

// addTerm adds a word and its n-grams. The square root keeps a word that is
// repeated from drowning the others, and is exact on every platform, as a
// logarithm is not.
func (v *vectorizer) addTerm(t term) {
	weight := t.weight * math.Sqrt(float64(t.count))
	v.add(hash(fnvOffset, 'w', t.stem), weight)
	if t.weight == stopWeight {
		return
	}
	v.gram = append(v.gram[:0], '<')
	v.gram = append(v.gram, t.stem[:min(len(t.stem), maxWord)]...)
	v.gram = append(v.gram, '>')
	v.ends = v.ends[:0]
	for i := 0; i < len(v.gram); {
		v.ends = append(v.ends, i)
		_, size := utf8.DecodeRune(v.gram[i:])
		i += size
	}
	v.ends = append(v.ends, len(v.gram))
	v.addGrams(weight)
}

func (v *vectorizer) addGrams(weight float64) {
	runes := len(v.ends) - 1
	grams := 0
	for n := minGram; n <= min(maxGram, runes); n++ {
		grams += runes - n + 1
	}
	if grams == 0 {
		return
	}
	weight = weight * gramWeight / math.Sqrt(float64(grams))
	for from := range runes - minGram + 1 {
		h := hash(fnvOffset, 'g', v.gram[v.ends[from]:v.ends[from+minGram-1]])
		for n := minGram; n <= maxGram && from+n <= runes; n++ {
			for _, c := range v.gram[v.ends[from+n-1]:v.ends[from+n]] {
				h = (h ^ uint64(c)) * fnvPrime
			}
			v.add(h, weight)
		}
	}
}

// add adds weight to the feature's place, with the feature's sign: so features
// that share a place cancel as often as they add up.
func (v *vectorizer) add(h uint64, weight float64) {
	h = mix(h)
	if h>>63 != 0 {
		weight = -weight
	}
	v.sums[h%uint64(len(v.sums))] += weight
}

func (v *vectorizer) normal() []float32 {
	out := make([]float32, len(v.sums))
	var squares float64
	for _, x := range v.sums {
		squares += float64(x * x)
	}
	if squares == 0 {
		return out
	}
	norm := math.Sqrt(squares)
	for i, x := range v.sums {
		out[i] = float32(x / norm)
	}
	return out
}
