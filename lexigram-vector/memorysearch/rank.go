package memorysearch

import "math"

// Ranking is BM25F in its simple form: the occurrences of a word are added up
// over the fields, each weighed and set against the field's usual length,
// before they are saturated. See Robertson and Zaragoza, "The Probabilistic
// Relevance Framework: BM25 and Beyond" (2009), section 3.6; k1 and b are the
// values that section 3.7 finds reasonable in many circumstances.
const (
	k1 = 1.2
	b  = 0.75
)

// idf says how rare a word is that df of n documents have; it is positive even
// for one that all have.
func idf(n, df int) float32 {
	return float32(math.Log1p((float64(n-df) + 0.5) / (float64(df) + 0.5)))
}

// saturate turns the weighed occurrences of a word into its share of the score.
func saturate(tf float32) float32 { return tf * (k1 + 1) / (k1 + tf) }

// norms returns the factor of one occurrence in a field, by the code of its length.
func (f field) norms(weight float64) *[256]float32 {
	average := max(1, float64(f.words)/float64(max(1, f.docs)))
	var out [256]float32
	for code := range out {
		out[code] = float32(weight / (1 - b + b*codeLength(byte(code))/average))
	}
	return &out
}

// norms returns the norms of every field, by its number.
func (v *inverted) norms(weights map[string]float64) []*[256]float32 {
	out := make([]*[256]float32, len(v.fields))
	for i, f := range v.fields {
		w, ok := weights[f.name]
		if !ok {
			w = 1
		}
		out[i] = f.norms(w)
	}
	return out
}
