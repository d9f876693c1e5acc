package memorysearch

import (
	"encoding/binary"
	"math"
)

// A list holds the documents that have a term in one field, by rising number.
// Each posting is the distance to the one before, how often the term occurs,
// and how long the field is (see lengthCode): three bytes as a rule.
type list struct {
	field uint32
	last  uint32 // the number of the last document
	data  []byte
}

// add appends a posting; doc is greater than any before.
func (l *list) add(doc, tf uint32, length byte) {
	delta := uint64(doc-l.last) << 1
	l.last = doc
	if tf == 1 {
		l.data = append(binary.AppendUvarint(l.data, delta|1), length)
		return
	}
	l.data = binary.AppendUvarint(l.data, delta)
	l.data = append(binary.AppendUvarint(l.data, uint64(tf)), length)
}

// each calls f with every posting.
func (l *list) each(f func(doc, tf uint32, length byte)) {
	doc := uint32(0)
	for data := l.data; len(data) > 0; {
		v, n := uint64(data[0]), 1
		if v >= 0x80 {
			v, n = binary.Uvarint(data)
		}
		data = data[n:]
		doc += uint32(v >> 1)
		tf := uint64(1)
		if v&1 == 0 {
			tf, n = binary.Uvarint(data)
			data = data[n:]
		}
		f(doc, uint32(tf), data[0])
		data = data[1:]
	}
}

// lengthCode rounds the number of words of a field to one byte: exact up to
// 32, then in steps of 4 %, as far as 500,000.
func lengthCode(words int) byte {
	if words <= 32 {
		return byte(words)
	}
	return byte(min(255, 32+math.Round(16*math.Log2(float64(words)/32))))
}

// codeLength returns the length that a code stands for.
func codeLength(code byte) float64 {
	if code <= 32 {
		return float64(code)
	}
	return 32 * math.Exp2((float64(code)-32)/16)
}
