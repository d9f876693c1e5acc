// Package mapper keeps the functions that turn one type into another.
//
//	var m mapper.Registry
//	err := mapping.Register(&m, func(u User) (UserAnswer, error) { … })
//	answer, err := mapping.Map[UserAnswer](&m, user)
package mapper

import (
	"maps"
	"sync"
	"sync/atomic"

	"github.com/lexigram/lexigram-go/contracts/mapping"
)

// A Registry keeps functions by pair of types. The zero value is ready to use;
// it must not be copied. It is safe for concurrent use: Find takes no lock, Add copies what is there, so
// functions are best added while a program starts.
type Registry struct {
	mu    sync.Mutex // held by Add
	funcs atomic.Pointer[map[mapping.Pair]any]
}

var _ mapping.Mapper = (*Registry)(nil)

// Add keeps f for the pair; see [mapping.Mapper]. Use [mapping.Register].
func (r *Registry) Add(p mapping.Pair, f any) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	funcs := map[mapping.Pair]any{}
	if old := r.funcs.Load(); old != nil {
		funcs = maps.Clone(*old)
	}
	if _, ok := funcs[p]; ok {
		return mapping.ErrDuplicate.Wrap(nil, "mapper: add %v", p)
	}
	funcs[p] = f
	r.funcs.Store(&funcs)
	return nil
}

// Find returns what was added for the pair; see [mapping.Mapper]. Use [mapping.Map].
func (r *Registry) Find(p mapping.Pair) (any, error) {
	if funcs := r.funcs.Load(); funcs != nil {
		if f, ok := (*funcs)[p]; ok {
			return f, nil
		}
	}
	return nil, mapping.ErrNotFound.Wrap(nil, "mapper: %v", p)
}
