package memoryvector

import (
	"context"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/health"
)

var _ health.Checker = (*Store)(nil)

// Stats says how large a store is.
type Stats struct {
	Collections int
	Points      int
	// MemoryBytes is about what points take: vectors, IDs, payloads and the
	// room that is kept for the next ones.
	MemoryBytes int64
	// DiskBytes is the size of the journals.
	DiskBytes int64
	// CutBytes is what calls that were interrupted had left in the journals
	// when they were opened.
	CutBytes int64
}

// Stats counts. It reads every payload, so it is not for hot paths.
func (s *Store) Stats() Stats {
	s.mu.RLock()
	defer s.mu.RUnlock()
	st := Stats{Collections: len(s.collections)}
	for _, c := range s.collections {
		snap := c.state.Load()
		if snap == nil {
			continue
		}
		st.Points += snap.live()
		st.MemoryBytes += snap.memory()
		st.DiskBytes += c.log.Size()
		st.CutBytes += c.log.Cut()
	}
	return st
}

const (
	headerBytes = 16 // of a string, and of an interface value
	mapBytes    = 48 // of a map, without its entries
	placeBytes  = 48 // of an entry of places, with the load of a map
)

// memory estimates what s takes.
func (s *snapshot) memory() int64 {
	n := int64(len(s.dead) * 8)
	for ci, c := range s.chunks {
		n += int64(len(c.vectors)*4 + len(c.ids)*(headerBytes+8))
		for i := range min(len(c.ids), s.n-ci<<s.shift) {
			n += int64(2*len(c.ids[i])) + placeBytes + mapBytes
			for _, v := range c.payloads[i] {
				n += 2*headerBytes + valueBytes(v)
			}
		}
	}
	return n
}

// valueBytes is what a payload value takes beside the interface that holds it;
// names of fields are shared.
func valueBytes(v any) int64 {
	switch v := v.(type) {
	case string:
		return int64(headerBytes + len(v))
	case []string:
		n := int64(24)
		for _, s := range v {
			n += int64(headerBytes + len(s))
		}
		return n
	}
	return 8
}

// CheckHealth reports whether the store takes writes: [health.Degraded] if a
// journal could not be rewritten and so grows, [health.Unhealthy] if the store
// is closed, its directory is gone, or a journal takes no more records.
func (s *Store) CheckHealth(ctx context.Context) health.Result {
	if err := s.usable(ctx, "check", ""); err != nil {
		return health.Result{Status: health.Unhealthy, Message: err.Error()}
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.dir != nil {
		if err := s.dir.Check(); err != nil {
			return health.Result{Status: health.Unhealthy, Message: err.Error()}
		}
	}
	worst := health.Result{Status: health.Healthy, Message: fmt.Sprintf("%d collections", len(s.collections))}
	for name, c := range s.collections {
		if status, err := c.log.Health(); health.Worst(worst.Status, status) != worst.Status {
			worst = health.Result{Status: status, Message: fmt.Sprintf("collection %q: %v", name, err)}
		}
	}
	return worst
}
