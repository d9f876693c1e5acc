package mappingtest

import (
	"reflect"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/mapping"
)

// A model is the smallest mapper that keeps every rule. With the name of a rule
// in breaks, it breaks that rule.
type model struct {
	breaks string
	mu     sync.Mutex
	funcs  map[mapping.Pair]any
	last   any
}

func (m *model) Add(p mapping.Pair, f any) error {
	if m.breaks == "concurrent use" { // looks, and then adds
		if _, err := m.Find(p); err == nil {
			return mapping.ErrDuplicate
		}
		time.Sleep(1)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	p = m.key(p)
	if _, ok := m.funcs[p]; ok && m.breaks != "duplicate" && m.breaks != "concurrent use" {
		return mapping.ErrDuplicate
	}
	if m.funcs == nil {
		m.funcs = map[mapping.Pair]any{}
	}
	m.funcs[p], m.last = f, f
	return nil
}

func (m *model) Find(p mapping.Pair) (any, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f, ok := m.funcs[m.key(p)]
	switch {
	case m.breaks == "find" && ok:
		return m.last, nil
	case !ok && m.breaks == "not found":
		return nil, nil
	case !ok:
		return nil, mapping.ErrNotFound
	}
	return f, nil
}

func (m *model) key(p mapping.Pair) mapping.Pair {
	if m.breaks == "the very pair" && p.From != nil && p.From.Kind() == reflect.Pointer {
		p.From = p.From.Elem() // meant well
	}
	return p
}

func TestGood(t *testing.T) {
	Run(t, func(*testing.T) mapping.Mapper { return &model{} })
}

// TestBroken gives each rule a mapper that breaks it.
func TestBroken(t *testing.T) {
	for _, r := range rules {
		synctest.Test(t, func(t *testing.T) {
			if err := r.check(&model{breaks: r.name}); err == nil {
				t.Errorf("rule %q: the mapper that breaks it passed", r.name)
			}
		})
	}
}
