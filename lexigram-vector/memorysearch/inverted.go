package memorysearch

import (
	"maps"
	"slices"

	"github.com/lexigram/lexigram-go/contracts/search"
)

// inverted is the inverted index of the documents of one index. Numbers of
// documents only rise; a deleted one leaves a nil until [inverted.compacted].
type inverted struct {
	docs   []*document
	byID   map[string]uint32
	dict   *dictionary
	fields []field
	byName map[string]uint32 // fields

	// Scratch of addText.
	touched []uint32 // the terms of one field
	folded  []byte   // a word
	part    []byte   // and a part of it
}

// A document is what the index keeps of one; it does not change.
type document struct {
	id    string
	texts []text
	attrs map[string]any
	bytes int // of its record in the journal
}

// A text is one text field of a document.
type text struct {
	field uint32
	words uint32
	value string
}

// A field counts its words, for the average length that ranking needs.
type field struct {
	name  string
	docs  int
	words int64
}

func newInverted() *inverted {
	return &inverted{byID: map[string]uint32{}, dict: newDictionary(), byName: map[string]uint32{}}
}

// put adds or replaces a document, which has passed search.CheckDocument. It
// returns the bytes of the record that it replaces.
func (v *inverted) put(d search.Document, bytes int) (replaced int) {
	replaced = v.remove(d.ID)
	doc := &document{id: d.ID, attrs: d.Attributes, bytes: bytes}
	n := uint32(len(v.docs))
	for _, name := range slices.Sorted(maps.Keys(d.Text)) {
		doc.texts = append(doc.texts, v.addText(n, name, d.Text[name]))
	}
	v.docs = append(v.docs, doc)
	v.byID[d.ID] = n
	return replaced
}

func (v *inverted) addText(doc uint32, name, value string) text {
	f := v.field(name)
	words := 0
	scan := scanner{text: value, folded: v.folded}
	for ; scan.next(); words++ {
		v.count(scan.folded)
		if scan.mixed {
			eachPart(value[scan.start:scan.end], func(part string) {
				v.part = appendFolded(v.part[:0], part)
				v.count(v.part)
			})
		}
	}
	v.folded = scan.folded
	length := lengthCode(words)
	for _, id := range v.touched {
		t := &v.dict.terms[id]
		v.dict.post(id, f, doc, t.count, length)
		t.count = 0
	}
	v.touched = v.touched[:0]
	v.fields[f].docs++
	v.fields[f].words += int64(words)
	return text{f, uint32(words), value}
}

// count counts one occurrence of a folded word in the field that is being indexed.
func (v *inverted) count(word []byte) {
	id := v.dict.id(word)
	t := &v.dict.terms[id]
	if t.count == 0 {
		v.touched = append(v.touched, id)
	}
	t.count++
}

func (v *inverted) field(name string) uint32 {
	f, ok := v.byName[name]
	if !ok {
		f = uint32(len(v.fields))
		v.byName[name] = f
		v.fields = append(v.fields, field{name: name})
	}
	return f
}

// names returns the names of the fields, by their numbers.
func (v *inverted) names() []string {
	out := make([]string, len(v.fields))
	for i, f := range v.fields {
		out[i] = f.name
	}
	return out
}

// remove deletes a document, if there is one, and returns the bytes of its record.
func (v *inverted) remove(id string) int {
	n, ok := v.byID[id]
	if !ok {
		return 0
	}
	bytes := v.docs[n].bytes
	for _, t := range v.docs[n].texts {
		v.fields[t.field].docs--
		v.fields[t.field].words -= int64(t.words)
	}
	delete(v.byID, id)
	v.docs[n] = nil
	return bytes
}

// live is how many documents there are.
func (v *inverted) live() int { return len(v.byID) }

// sparse reports whether the deleted outnumber the living.
func (v *inverted) sparse() bool { gone := len(v.docs) - v.live(); return gone > 64 && gone > v.live() }

// compacted returns a copy without what was deleted. It only reads v, so that
// searches may go on.
func (v *inverted) compacted() *inverted {
	c := newInverted()
	renumbered := make([]uint32, len(v.docs))
	for n, d := range v.docs {
		if d != nil {
			renumbered[n] = uint32(len(c.docs))
			c.byID[d.id] = uint32(len(c.docs))
			c.docs = append(c.docs, d)
		}
	}
	c.fields, c.byName = slices.Clone(v.fields), maps.Clone(v.byName)
	for i := range v.dict.terms {
		v.dict.terms[i].moveTo(c.dict, func(doc uint32) (uint32, bool) { return renumbered[doc], v.docs[doc] != nil })
	}
	return c
}
