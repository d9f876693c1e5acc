package sqlsearch

import (
	"encoding/json"
	"iter"
	"maps"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/lexigram/lexigram-go/contracts/search"
)

// maxWord is how many bytes of a word are looked at. A tsvector allows 2046.
const maxWord = 255

// words yields the words of text, long ones cut.
func words(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for w := range search.Words(text) {
			if !yield(cut(w)) {
				return
			}
		}
	}
}

func cut(w string) string {
	if len(w) <= maxWord {
		return w
	}
	n := maxWord
	for !utf8.RuneStart(w[n]) {
		n--
	}
	return w[:n]
}

// A lexeme is a word as the database holds it: behind the number of its index,
// so that the words of two indexes have nothing in common. It consists of
// letters, digits, marks and one underscore: no quoting can be broken by it.
func lexeme(number int64, word string) string {
	return strconv.FormatInt(number, 10) + "_" + word
}

// A term is a word of a query.
type term struct {
	word   string
	prefix bool // it may begin a word
}

// termsOf returns the different words of q.
func termsOf(q search.Query) []term {
	all := slices.Collect(words(q.Text))
	if len(all) == 0 {
		return nil
	}
	last := len(all) - 1
	seen := make(map[string]int, len(all))
	var terms []term
	for i, w := range all {
		n, again := seen[w]
		switch {
		case !again:
			seen[w] = len(terms)
			terms = append(terms, term{w, i == last})
		case i == last && q.Any:
			terms[n].prefix = true // one of both is enough; where all must match, the whole word is the narrower one
		}
	}
	return terms
}

// An entry is a document on its way into the tables.
type entry struct {
	id                []byte
	texts, attributes string // JSON
	doc               search.Document
}

// entriesOf checks docs and encodes them, in order of ID. Of two with one ID
// the later one stays.
func entriesOf(docs []search.Document) ([]entry, error) {
	byID := make(map[string]search.Document, len(docs))
	for _, d := range docs {
		checked, err := search.CheckDocument(d)
		if err != nil {
			return nil, err
		}
		byID[d.ID] = checked
	}
	entries := make([]entry, 0, len(byID))
	for _, id := range slices.Sorted(maps.Keys(byID)) { // all writers take rows in one order
		d := byID[id]
		texts, err := json.Marshal(d.Text)
		if err != nil {
			return nil, search.ErrQuery.Wrap(err, "sqlsearch: texts of document %q", id)
		}
		attrs := make(map[string]any, len(d.Attributes))
		for name, v := range d.Attributes {
			attrs[name] = encoded(v)
		}
		attributes, err := json.Marshal(attrs)
		if err != nil {
			return nil, search.ErrQuery.Wrap(err, "sqlsearch: attributes of document %q", id)
		}
		entries = append(entries, entry{[]byte(id), string(texts), string(attributes), d})
	}
	return entries, nil
}

// fields yields the texts of d in order of their names.
func fields(d search.Document) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, name := range slices.Sorted(maps.Keys(d.Text)) {
			if !yield(name, d.Text[name]) {
				return
			}
		}
	}
}
