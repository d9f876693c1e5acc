package memorysearch

import (
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/search"
	"github.com/lexigram/lexigram-go/lexigram-vector/internal/journal"
	"github.com/lexigram/lexigram-go/lexigram-vector/internal/record"
)

// load reads an index from its journal.
func load(dir *journal.Dir, name string, cfg Config) (*index, error) {
	x := newIndex(name, cfg.Weights)
	ld := loader{index: x}
	l, err := dir.OpenLog(name+suffix, kind, ld.replay)
	if err != nil {
		return nil, err
	}
	x.log = l // also if there was nothing to replay
	return x, nil
}

// A loader applies the records of a journal to an index.
type loader struct {
	*index
	reader record.Reader
}

func (l *loader) replay(log *journal.Log, payload []byte) error {
	l.log = log // for what is replaced
	r := &l.reader
	r.Reset(payload)
	switch op := r.Byte(); op {
	case opPut:
		return l.putAll(r)
	case opDelete:
		ids := r.Strings()
		if r.Err() == nil {
			l.remove(ids)
		}
		return r.Err()
	default:
		return fmt.Errorf("%w: operation %q", record.ErrMalformed, op)
	}
}

func (l *loader) putAll(r *record.Reader) error {
	docs := make([]search.Document, r.Count())
	sizes := make([]int, len(docs))
	for i := range docs {
		before := r.Len()
		docs[i].ID = r.String()
		texts := r.Count()
		docs[i].Text = make(map[string]string, texts)
		for range texts {
			name := r.Name()
			docs[i].Text[name] = r.String()
		}
		docs[i].Attributes = r.Attrs()
		sizes[i] = before - r.Len()
	}
	if r.Err() != nil {
		return r.Err()
	}
	for _, n := range sizes {
		l.log.Live(n)
	}
	l.put(docs, sizes)
	return nil
}
