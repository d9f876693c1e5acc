package memorysearch

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"

	"github.com/lexigram/lexigram-go/contracts/search"
	"github.com/lexigram/lexigram-go/lexigram-vector/internal/journal"
	"github.com/lexigram/lexigram-go/lexigram-vector/internal/record"
)

// A log keeps an index's writes in a journal. A nil log keeps nothing. It is
// guarded by the index's writes, but for its fault and size.
type log struct {
	journal *journal.Journal
	live    int64 // bytes of the records of living documents
	retry   int64 // size from which on a rewrite that failed is tried again
	cut     int64 // bytes that were dropped when the journal was opened
	fault   atomic.Pointer[fault]
	size    atomic.Int64 // of the journal, for Stats
}

// A fault is what is wrong with a journal.
type fault struct {
	err    error
	broken bool // it takes no more records
}

// The records of a journal are the documents of an Index or the IDs of a Delete.
const (
	opPut    = 'p'
	opDelete = 'd'
)

const (
	suffix     = ".idx"
	smallLog   = 64 << 10 // a journal is not worth rewriting below it
	batchBytes = 1 << 20  // of a record of a rewrite
)

var kind = journal.Kind{'i', 'd', 'x', 1}

// put records documents and returns the size of each one's record.
func (l *log) put(docs []search.Document) ([]int, error) {
	sizes := make([]int, len(docs))
	if l == nil {
		return sizes, nil
	}
	b, sizes := putRecord(docs)
	if err := l.append(b); err != nil {
		return nil, err
	}
	for _, n := range sizes {
		l.live += int64(n)
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

// remove records a delete.
func (l *log) remove(ids []string) error {
	if l == nil {
		return nil
	}
	return l.append(record.AppendStrings([]byte{opDelete}, ids))
}

func (l *log) append(b []byte) error {
	err := l.journal.Append(b)
	l.note()
	return err
}

// note publishes the journal's size, and its error if there is one.
func (l *log) note() {
	l.size.Store(l.journal.Size())
	if err := l.journal.Err(); err != nil {
		l.fault.Store(&fault{err, true})
	}
}

// dropped says that a record of so many bytes is garbage now.
func (l *log) dropped(bytes int) {
	if l != nil {
		l.live -= int64(bytes)
	}
}

// rewriteIfWasteful replaces the journal by one without garbage if more than
// half of it is. The write that led here is done, so a failure is not its
// error: health shows it, and a later write tries again.
func (l *log) rewriteIfWasteful(v *inverted) {
	if l == nil || l.journal.Size() < max(smallLog, l.retry) || l.journal.Size() < 2*l.live {
		return
	}
	err := l.journal.Rewrite(v.records)
	if l.note(); err != nil {
		if l.journal.Err() == nil {
			l.fault.Store(&fault{fmt.Errorf("rewrite the journal: %w", err), false})
		}
		l.retry = l.journal.Size() * 5 / 4
		return
	}
	l.fault.Store(nil)
	l.retry = 0
}

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
		if bytes += d.bytes; bytes >= batchBytes {
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

func (l *log) close() error {
	if l == nil {
		return nil
	}
	return l.journal.Close()
}
