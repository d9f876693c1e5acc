package memoryvector

import (
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/lexigram/lexigram-go/contracts/vector"
	"github.com/lexigram/lexigram-go/lexigram-vector/internal/journal"
	"github.com/lexigram/lexigram-go/lexigram-vector/internal/record"
)

// load reads a collection from its journal.
func load(dir *journal.Dir, name string, closed *atomic.Bool) (*collection, error) {
	ld := loader{name: name, closed: closed}
	l, err := dir.OpenLog(name+suffix, kind, ld.replay)
	if err != nil {
		return nil, err
	}
	if ld.collection == nil {
		return nil, errors.Join(fmt.Errorf("file %q has no configuration", name+suffix), l.Close())
	}
	ld.collection.alone = false
	return ld.collection, nil
}

// A loader applies the records of a journal to a collection.
type loader struct {
	name   string
	closed *atomic.Bool
	reader record.Reader
	*collection

	points []vector.Point // scratch
	sizes  []int
	slab   []float32
}

func (l *loader) replay(log *journal.Log, payload []byte) error {
	r := &l.reader
	r.Reset(payload)
	op := r.Byte()
	switch {
	case op == opConfig && l.collection == nil:
		return l.configure(log, r)
	case l.collection == nil:
		return record.ErrMalformed
	case op == opPut:
		return l.putAll(r)
	case op == opDelete:
		ids := r.Strings()
		if r.Err() == nil {
			l.remove(ids)
		}
		return r.Err()
	}
	return fmt.Errorf("%w: operation %q", record.ErrMalformed, op)
}

func (l *loader) configure(log *journal.Log, r *record.Reader) error {
	cfg := vector.Config{Dimension: int(r.Uvarint()), Metric: vector.Metric(r.Byte())}
	if err := errors.Join(r.Err(), vector.CheckConfig(l.name, cfg)); err != nil {
		return err
	}
	l.collection = newCollection(l.name, cfg, l.closed)
	l.log, l.alone = log, true
	return nil
}

func (l *loader) putAll(r *record.Reader) error {
	n, dim := r.Count(), l.cfg.Dimension
	if n > r.Len()/(4*dim) {
		return record.ErrMalformed
	}
	if len(l.slab) < n*dim {
		l.slab = make([]float32, n*dim)
	}
	l.points, l.sizes = l.points[:0], l.sizes[:0]
	for i := range n {
		before := r.Len()
		p := vector.Point{ID: r.String(), Vector: l.slab[i*dim : (i+1)*dim]}
		r.Vector(p.Vector)
		p.Payload = r.Attrs()
		l.points = append(l.points, p)
		l.sizes = append(l.sizes, before-r.Len())
		l.log.Live(before - r.Len())
	}
	if r.Err() != nil {
		return r.Err()
	}
	l.put(l.points, l.sizes)
	return nil
}
