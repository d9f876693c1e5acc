package memorysearch

import "context"

// A ranking finds and scores the documents that match the words of a query. It
// is reused: its slices have a place for every document and are zero between
// uses, except for matched.
type ranking struct {
	scores  []float32
	tf      []float32 // weighed occurrences of the word at hand
	words   []uint16  // how many of the words a document has
	touched []uint32  // documents with the word at hand
	matched []uint32  // documents with any of the words
}

// run ranks the documents of v by words; the last one may be the beginning of
// a longer one. weights are those of fields by name. The result is r.matched
// and r.scores; with all, documents that lack a word are left out of it.
// ctx is looked at before each word; r must be reset after an error too.
func (r *ranking) run(ctx context.Context, v *inverted, words []string, all bool, weights map[string]float64) error {
	r.fit(len(v.docs))
	norms := v.norms(weights)
	for i, w := range words {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		for _, e := range v.dict.expand(w, i == len(words)-1) {
			for j := range v.dict.terms[e.term].lists {
				l := &v.dict.terms[e.term].lists[j]
				r.gather(v, l, float32(e.weight), norms[l.field])
			}
		}
		r.settle(v.live())
	}
	if all {
		r.keepWith(len(words))
	}
	return nil
}

// keepWith leaves out documents that do not have that many words.
func (r *ranking) keepWith(words int) {
	kept := r.matched[:0]
	for _, doc := range r.matched {
		if int(r.words[doc]) == words {
			kept = append(kept, doc)
		} else {
			r.forget(doc)
		}
	}
	r.matched = kept
}

// gather adds the occurrences of one term in one field.
func (r *ranking) gather(v *inverted, l *list, weight float32, norms *[256]float32) {
	l.each(func(doc, tf uint32, length byte) {
		if v.docs[doc] == nil {
			return
		}
		if r.tf[doc] == 0 {
			r.touched = append(r.touched, doc)
		}
		r.tf[doc] += weight * float32(tf) * norms[length]
	})
}

// settle turns the occurrences of a word into scores.
func (r *ranking) settle(live int) {
	rarity := idf(live, len(r.touched))
	for _, doc := range r.touched {
		r.scores[doc] += rarity * saturate(r.tf[doc])
		r.tf[doc] = 0
		if r.words[doc]++; r.words[doc] == 1 {
			r.matched = append(r.matched, doc)
		}
	}
	r.touched = r.touched[:0]
}

func (r *ranking) fit(docs int) {
	if len(r.scores) < docs {
		size := docs + docs/4
		r.scores, r.tf, r.words = make([]float32, size), make([]float32, size), make([]uint16, size)
	}
}

func (r *ranking) forget(doc uint32) { r.scores[doc], r.words[doc] = 0, 0 }

// reset makes r ready for another run.
func (r *ranking) reset() {
	for _, doc := range r.matched {
		r.forget(doc)
	}
	r.matched = r.matched[:0]
}
