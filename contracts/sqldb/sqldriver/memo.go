package sqldriver

import "sync"

// A Memo remembers what is known of statements, a bounded number of them. The
// zero value is ready to use, and safe for concurrent use.
type Memo[T any] struct {
	mu   sync.RWMutex
	seen map[string]T
}

const (
	maxSeen = 512
	maxText = 16 << 10 // of a statement worth remembering
)

// Of returns what read returns of sql, or has returned. An error is not remembered.
func (m *Memo[T]) Of(sql string, read func(sql string) (T, error)) (T, error) {
	m.mu.RLock()
	v, ok := m.seen[sql]
	m.mu.RUnlock()
	if ok {
		return v, nil
	}
	v, err := read(sql)
	if err != nil || len(sql) > maxText {
		return v, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.seen == nil || len(m.seen) >= maxSeen {
		m.seen = map[string]T{}
	}
	m.seen[sql] = v
	return v, nil
}
