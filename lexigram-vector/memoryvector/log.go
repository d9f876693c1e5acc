package memoryvector

import (
	"encoding/binary"
	"fmt"
	"sync/atomic"

	"github.com/lexigram/lexigram-go/contracts/vector"
	"github.com/lexigram/lexigram-go/lexigram-vector/internal/journal"
	"github.com/lexigram/lexigram-go/lexigram-vector/internal/record"
)

// A log keeps a collection's writes in a journal. A nil log keeps nothing. It
// is guarded by the collection's writes, but for its fault.
type log struct {
	journal *journal.Journal
	live    int64 // bytes of the records of living points
	retry   int64 // size from which on a rewrite that failed is tried again
	cut     int64 // bytes that were dropped when the journal was opened
	fault   atomic.Pointer[fault]
	size    atomic.Int64 // of the journal, for Stats
	buf     []byte
}

// A fault is what is wrong with a journal.
type fault struct {
	err    error
	broken bool // it takes no more records
}

// The records of a journal: the first is the configuration, others are the
// points of an Upsert or the IDs of a Delete.
const (
	opConfig = 'c'
	opPut    = 'p'
	opDelete = 'd'
)

const (
	suffix     = ".vec"
	smallLog   = 64 << 10 // a journal is not worth rewriting below it
	batchBytes = 1 << 20  // of a record of a rewrite
)

var kind = journal.Kind{'v', 'e', 'c', 1}

func configRecord(cfg vector.Config) []byte {
	b := binary.AppendUvarint([]byte{opConfig}, uint64(cfg.Dimension))
	return append(b, byte(cfg.Metric))
}

// put records an upsert and returns the size of each point's record.
func (l *log) put(points []vector.Point) ([]int, error) {
	sizes := make([]int, len(points))
	if l == nil {
		return sizes, nil
	}
	b := binary.AppendUvarint(append(l.buf[:0], opPut), uint64(len(points)))
	for i, p := range points {
		from := len(b)
		b = appendPoint(b, p.ID, p.Vector, p.Payload)
		sizes[i] = len(b) - from
	}
	if err := l.append(b); err != nil {
		return nil, err
	}
	for _, n := range sizes {
		l.live += int64(n)
	}
	return sizes, nil
}

func appendPoint(b []byte, id string, v []float32, payload map[string]any) []byte {
	return record.AppendAttrs(record.AppendVector(record.AppendString(b, id), v), payload)
}

// remove records a delete.
func (l *log) remove(ids []string) error {
	if l == nil {
		return nil
	}
	return l.append(record.AppendStrings(append(l.buf[:0], opDelete), ids))
}

func (l *log) append(b []byte) error {
	if l.buf = b[:0]; cap(b) > batchBytes {
		l.buf = nil
	}
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
func (l *log) rewriteIfWasteful(c *collection) {
	if l == nil || l.journal.Size() < max(smallLog, l.retry) || l.journal.Size() < 2*l.live {
		return
	}
	err := l.journal.Rewrite(func(add func([]byte) error) error { return c.state.Load().records(add) })
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

// records passes everything that s holds to add, as records.
func (s *snapshot) records(add func([]byte) error) error {
	if err := add(configRecord(s.cfg)); err != nil {
		return err
	}
	var points, b []byte
	n := 0
	flush := func() error {
		b = append(binary.AppendUvarint(append(b[:0], opPut), uint64(n)), points...)
		points, n = points[:0], 0
		return add(b)
	}
	for slot := range s.n {
		if s.isDead(slot) {
			continue
		}
		c, i := s.at(slot)
		points = appendPoint(points, c.ids[i], c.vector(i, s.cfg.Dimension), c.payloads[i])
		if n++; len(points) >= batchBytes {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if n == 0 {
		return nil
	}
	return flush()
}

func (l *log) close() error {
	if l == nil {
		return nil
	}
	return l.journal.Close()
}
