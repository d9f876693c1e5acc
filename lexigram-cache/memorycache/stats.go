package memorycache

import (
	"context"

	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/contracts/observe"
)

var _ cache.Meter = (*Store)(nil)

// Stats returns the figures of this store since it was opened. Bytes are
// negative if [Options] bound entries and not bytes. Errors wrap
// [cache.ErrClosed] or the cause of a ctx that has ended.
func (s *Store) Stats(ctx context.Context) (cache.Stats, error) {
	if err := s.checkOpen(ctx, "stats"); err != nil {
		return cache.Stats{}, err
	}
	s.entries.CleanUp() // what was written last is not weighed yet
	return s.figures(), nil
}

func (s *Store) figures() cache.Stats {
	now := s.entries.Stats()
	st := cache.Stats{
		Entries: int64(s.entries.EstimatedSize()), Bytes: -1,
		Hits: int64(now.Hits), Misses: int64(now.Misses), Evictions: int64(now.Evictions),
	}
	if s.maxBytes > 0 {
		st.Bytes = int64(s.entries.WeightedSize())
	}
	return st
}

// gauge has the figures be sampled.
func (s *Store) gauge(o observe.Observer) {
	for name, of := range map[string]func(cache.Stats) int64{
		"cache.entries":   func(f cache.Stats) int64 { return f.Entries },
		"cache.bytes":     func(f cache.Stats) int64 { return f.Bytes },
		"cache.hits":      func(f cache.Stats) int64 { return f.Hits },
		"cache.misses":    func(f cache.Stats) int64 { return f.Misses },
		"cache.evictions": func(f cache.Stats) int64 { return f.Evictions },
	} {
		if name == "cache.bytes" && s.maxBytes == 0 {
			continue
		}
		s.unset = append(s.unset, o.Gauge(name, func() float64 { return float64(of(s.figures())) }))
	}
}
