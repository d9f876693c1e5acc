package extractive

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/lexigram/lexigram-go/lexigram-ai/internal/lexis"
	"github.com/lexigram/lexigram-go/lexigram-ai/rag"
)

// What a sentence must reach, by trial on questions about technical documents.
const (
	support   = 0.3  // share of the question's weight that a sentence and its context hold
	own       = 0.18 // share that the sentence itself holds
	near      = 0.55 // of the best score, for a sentence to be quoted beside it
	redundant = 0.7  // share of words in common with a sentence that is quoted already

	genericWeight = 0.25 // of a word that says what kind of answer is wanted
)

// A candidate is a sentence that may be quoted.
type candidate struct {
	text    string
	passage int // from 0
	place   int // among the sentences of its passage, from 0
	code    bool
	words   bag
	context bag // of the title, the heading above, and the sentence before
	score   float64
}

// A ranking scores the sentences of passages for one question.
type ranking struct {
	question   bag
	kind       string // the question's first word, folded
	weights    map[string]float64
	total      float64
	specific   int // words of the question that are not generic
	candidates []*candidate
	max        int
}

func newRanking(question string, passages []rag.Passage, o Options) *ranking {
	r := &ranking{question: bagOf(question), weights: make(map[string]float64), max: o.MaxSentences}
	for w := range lexis.Words(question) {
		r.kind = lexis.Fold(w)
		break
	}
	for i, p := range passages {
		r.read(i, p, o.MaxSentenceBytes)
	}
	r.weigh()
	return r
}

// read adds the sentences of a passage.
func (r *ranking) read(passage int, p rag.Passage, limit int) {
	heading, before, place := "", "", 0
	for s := range lexis.Sentences(p.Text) {
		text := p.Text[s.Start:s.End]
		if s.Kind == lexis.Heading {
			heading, before = text, ""
			continue
		}
		if len(text) <= limit {
			r.candidates = append(r.candidates, &candidate{
				text: text, passage: passage, place: place, code: s.Kind == lexis.Code,
				words: bagOf(text), context: bagOf(p.Title + "\n" + heading + "\n" + before),
			})
		}
		before = text
		place++
	}
}

// weigh gives each word of the question the weight of its rareness among the
// sentences. One that none has weighs most: that it is missing speaks against
// every one of them.
func (r *ranking) weigh() {
	for _, stem := range r.question.order {
		n := 0.5
		for _, c := range r.candidates {
			if c.words.has(stem) {
				n++
			}
		}
		w := math.Log(1 + float64(len(r.candidates))/n)
		if generic(stem) {
			w *= genericWeight
		} else {
			r.specific++
		}
		r.weights[stem] = w
		r.total += w
	}
}

// pick returns the sentences to quote, best first; none if none supports an answer.
func (r *ranking) pick() []*candidate {
	if r.total == 0 {
		return nil
	}
	good := slices.DeleteFunc(r.candidates, func(c *candidate) bool { return !r.judge(c) })
	slices.SortStableFunc(good, func(a, b *candidate) int { return cmp.Compare(b.score, a.score) })
	var picked []*candidate
	for _, c := range good {
		if len(picked) == r.max || c.score < near*good[0].score {
			break
		}
		if !slices.ContainsFunc(picked, func(p *candidate) bool { return p.words.overlap(&c.words) > redundant }) {
			picked = append(picked, c)
		}
	}
	return picked
}

// judge scores c and reports whether it supports an answer.
func (r *ranking) judge(c *candidate) bool {
	var inside, around float64
	matched := 0
	for _, stem := range r.question.order {
		switch {
		case c.words.has(stem):
			inside += r.weights[stem]
		case c.context.has(stem):
			around += r.weights[stem]
		default:
			continue
		}
		if !generic(stem) {
			matched++
		}
	}
	if matched < min(2, r.specific) {
		return false // one word in common is chance
	}
	inside, around = inside/r.total, around/r.total
	if inside < own || inside+around/2 < support || len(c.words.order) < 2 {
		return false
	}
	pairs := 0
	for p := range r.question.pairs {
		if _, ok := c.words.pairs[p]; ok {
			pairs++
		}
	}
	c.score = inside + around/2 + 0.15*float64(pairs) + r.cue(c) + 0.25/float64(1+c.passage) + 0.12/float64(1+c.place)
	switch {
	case c.code:
		c.score *= 0.4 // an example shows, it does not say
	case len(c.words.order) < 4:
		c.score *= 0.7
	}
	if strings.HasSuffix(c.text, "?") {
		c.score *= 0.4 // a question is seldom an answer
	}
	return true
}
