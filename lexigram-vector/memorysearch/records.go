package memorysearch

import (
	"encoding/binary"
	"maps"
	"slices"

	"github.com/lexigram/lexigram-go/contracts/search"
	"github.com/lexigram/lexigram-go/lexigram-vector/internal/journal"
	"github.com/lexigram/lexigram-go/lexigram-vector/internal/record"
)

// The records of a journal are the documents of an Index or the IDs of a Delete.
const (
	opPut    = 'p'
	opDelete = 'd'
)

const suffix = ".idx"

var kind = journal.Kind{'i', 'd', 'x', 1}

// logPut records documents and returns the size of each one's record. The
// caller holds writes.
func (x *index) logPut(docs []search.Document) ([]int, error) {
	if x.log == nil {
		return make([]int, len(docs)), nil
	}
	b, sizes := putRecord(docs)
	if err := x.log.Append(b); err != nil {
		return nil, err
	}
	for _, n := range sizes {
		x.log.Live(n)
	}
	return sizes, nil
}

func putRecord(docs []search.Document) (b []byte, sizes []int) {
	sizes = make([]int, len(docs))
	b = binary.AppendUvarint([]byte{opPut}, uint64(len(docs)))
	for i, d := range docs {
		from := len(b)
		b = record.AppendString(b, d.ID)
		b = binary.AppendUvarint(b, uint64(len(d.Text)))
		for _, name := range slices.Sorted(maps.Keys(d.Text)) {
			b = record.AppendString(record.AppendString(b, name), d.Text[name])
		}
		b = record.AppendAttrs(b, d.Attributes)
		sizes[i] = len(b) - from
	}
	return b, sizes
}

func deleteRecord(ids []string) []byte { return record.AppendStrings([]byte{opDelete}, ids) }

// records passes every document to add, as records. There is at least one, so
// that the index is there without any.
func (v *inverted) records(add func([]byte) error) error {
	var batch []search.Document
	bytes := 0
	for _, d := range v.docs {
		if d == nil {
			continue
		}
		batch = append(batch, d.original(v.fields))
		if bytes += d.bytes; bytes >= journal.BatchBytes {
			b, _ := putRecord(batch)
			if err := add(b); err != nil {
				return err
			}
			batch, bytes = batch[:0], 0
		}
	}
	b, _ := putRecord(batch)
	return add(b)
}

// original returns the document as it was indexed.
func (d *document) original(fields []field) search.Document {
	texts := make(map[string]string, len(d.texts))
	for _, t := range d.texts {
		texts[fields[t.field].name] = t.value
	}
	return search.Document{ID: d.id, Text: texts, Attributes: d.attrs}
}
