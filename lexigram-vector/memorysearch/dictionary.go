package memorysearch

import (
	"hash/maphash"
	"slices"
	"strings"
)

// A dictionary finds the terms of an index by their text, stem or beginning.
type dictionary struct {
	terms  []term
	byStem map[string][]uint32
	sorted []uint32 // terms by text, without the fresh
	fresh  []uint32 // terms that are not in sorted yet

	// slots is a hash table with linear probing, at most half full. A slot has
	// the hash of a text above and the number of its term plus one below, so
	// that other texts are told apart without looking at them.
	slots []uint64
	seed  maphash.Seed
}

// A term is a folded word with its postings, a list for each field.
type term struct {
	text  string
	count uint32 // occurrences in the field that is being indexed
	lists []list
}

func newDictionary() *dictionary {
	return &dictionary{byStem: map[string][]uint32{}, slots: make([]uint64, 64), seed: maphash.MakeSeed()}
}

// find returns the number of the term text, or its hash and where in slots it belongs.
func (d *dictionary) find(text []byte) (id uint32, hash uint64, slot int, ok bool) {
	hash = maphash.Bytes(d.seed, text) >> 32
	for slot = int(hash) & (len(d.slots) - 1); ; slot = (slot + 1) & (len(d.slots) - 1) {
		s := d.slots[slot]
		if s == 0 {
			return 0, hash, slot, false
		}
		if s>>32 == hash && d.terms[uint32(s)-1].text == string(text) {
			return uint32(s) - 1, hash, slot, true
		}
	}
}

// id returns the number of the term text, which it adds if it is new.
func (d *dictionary) id(text []byte) uint32 {
	id, hash, slot, ok := d.find(text)
	if ok {
		return id
	}
	s := string(text)
	d.terms = append(d.terms, term{text: s})
	d.slots[slot] = hash<<32 | uint64(len(d.terms))
	id = uint32(len(d.terms)) - 1
	if 2*len(d.terms) > len(d.slots) {
		d.widen()
	}
	root := stem(s)
	d.byStem[root] = append(d.byStem[root], id)
	if d.fresh = append(d.fresh, id); len(d.fresh) > 1024+len(d.sorted)/8 {
		d.settle()
	}
	return id
}

// widen doubles the hash table.
func (d *dictionary) widen() {
	old := d.slots
	d.slots = make([]uint64, 2*len(old))
	for _, s := range old {
		if s == 0 {
			continue
		}
		slot := int(s>>32) & (len(d.slots) - 1)
		for d.slots[slot] != 0 {
			slot = (slot + 1) & (len(d.slots) - 1)
		}
		d.slots[slot] = s
	}
}

// settle merges the fresh terms in.
func (d *dictionary) settle() {
	slices.SortFunc(d.fresh, func(a, b uint32) int { return strings.Compare(d.terms[a].text, d.terms[b].text) })
	merged := make([]uint32, 0, len(d.sorted)+len(d.fresh))
	rest := d.sorted
	for _, id := range d.fresh {
		n, _ := slices.BinarySearchFunc(rest, id, func(x, y uint32) int { return strings.Compare(d.terms[x].text, d.terms[y].text) })
		merged = append(append(merged, rest[:n]...), id)
		rest = rest[n:]
	}
	d.sorted, d.fresh = append(merged, rest...), nil
}

// post adds a posting of document doc to term id.
func (d *dictionary) post(id, field, doc, tf uint32, length byte) {
	t := &d.terms[id]
	for i := range t.lists {
		if t.lists[i].field == field {
			t.lists[i].add(doc, tf, length)
			return
		}
	}
	t.lists = append(t.lists, list{field: field})
	t.lists[len(t.lists)-1].add(doc, tf, length)
}

// An expansion is a term that stands for a word of a query, and how much a
// match of it counts.
type expansion struct {
	term   uint32
	weight float64
}

// A word itself counts most, another inflection of it less, and a longer word
// that begins with it least.
const (
	exactWeight  = 1
	stemWeight   = 0.75
	prefixWeight = 0.5
)

// expand returns the terms that match word, each once, in a fixed order.
func (d *dictionary) expand(word string, asPrefix bool) []expansion {
	var out []expansion
	seen := map[uint32]bool{}
	add := func(id uint32, weight float64) {
		if !seen[id] {
			seen[id] = true
			out = append(out, expansion{id, weight})
		}
	}
	if id, _, _, ok := d.find([]byte(word)); ok {
		add(id, exactWeight)
	}
	for _, id := range d.byStem[stem(word)] {
		add(id, stemWeight)
	}
	if !asPrefix {
		return out
	}
	from, _ := slices.BinarySearchFunc(d.sorted, word, func(id uint32, w string) int { return strings.Compare(d.terms[id].text, w) })
	for _, id := range d.sorted[from:] {
		if !strings.HasPrefix(d.terms[id].text, word) {
			break
		}
		add(id, prefixWeight)
	}
	for _, id := range d.fresh {
		if strings.HasPrefix(d.terms[id].text, word) {
			add(id, prefixWeight)
		}
	}
	return out
}

// moveTo adds the postings of t to d, under other numbers; documents that have
// none are left out, and so is a term without postings.
func (t *term) moveTo(d *dictionary, number func(doc uint32) (uint32, bool)) {
	id, known := uint32(0), false
	for i := range t.lists {
		l := &t.lists[i]
		l.each(func(doc, tf uint32, length byte) {
			n, ok := number(doc)
			if !ok {
				return
			}
			if !known {
				id, known = d.id([]byte(t.text)), true
			}
			d.post(id, l.field, n, tf, length)
		})
	}
}
