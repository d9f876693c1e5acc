package memoryvector

import (
	"encoding/binary"

	"github.com/lexigram/lexigram-go/contracts/vector"
	"github.com/lexigram/lexigram-go/lexigram-vector/internal/journal"
	"github.com/lexigram/lexigram-go/lexigram-vector/internal/record"
)

// The records of a journal: the first is the configuration, others are the
// points of an Upsert or the IDs of a Delete.
const (
	opConfig = 'c'
	opPut    = 'p'
	opDelete = 'd'
)

const suffix = ".vec"

var kind = journal.Kind{'v', 'e', 'c', 1}

func configRecord(cfg vector.Config) []byte {
	b := binary.AppendUvarint([]byte{opConfig}, uint64(cfg.Dimension))
	return append(b, byte(cfg.Metric))
}

// logPut records an upsert and returns the size of each point's record. The
// caller holds writes.
func (c *collection) logPut(points []vector.Point) ([]int, error) {
	sizes := make([]int, len(points))
	if c.log == nil {
		return sizes, nil
	}
	b := binary.AppendUvarint(append(c.scratch[:0], opPut), uint64(len(points)))
	head := len(b)
	for i, p := range points {
		from := len(b)
		b = appendPoint(b, p.ID, p.Vector, p.Payload)
		sizes[i] = len(b) - from
	}
	if c.scratch = b[:0]; cap(b) > journal.BatchBytes {
		c.scratch = nil
	}
	if err := c.log.Append(b); err != nil {
		return nil, err
	}
	c.log.Live(len(b) - head)
	return sizes, nil
}

func appendPoint(b []byte, id string, v []float32, payload map[string]any) []byte {
	return record.AppendAttrs(record.AppendVector(record.AppendString(b, id), v), payload)
}

func deleteRecord(ids []string) []byte { return record.AppendStrings([]byte{opDelete}, ids) }

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
		if n++; len(points) >= journal.BatchBytes {
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
