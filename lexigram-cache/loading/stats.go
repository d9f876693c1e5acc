package loading

import (
	"log/slog"
	"sync/atomic"
)

// Stats are the figures of a [Cache] since it was made.
type Stats struct {
	LocalHits int64 `json:"local_hits"` // values and absences found in this process
	StoreHits int64 `json:"store_hits"` // values found in the store
	Absent    int64 `json:"absent"`     // absences found in the store
	Miss      int64 `json:"miss"`       // loads that began because nothing was there
	Refresh   int64 `json:"refresh"`    // loads that began while a value was used
	Coalesced int64 `json:"coalesced"`  // callers who waited for the load of another
	Waited    int64 `json:"waited"`     // loads that were left to another process
	Stale     int64 `json:"stale"`      // values used past their ttl because a load failed
	Raced     int64 `json:"raced"`      // loaded values that were not kept: the entry was forgotten meanwhile
	Corrupt   int64 `json:"corrupt"`    // entries that could not be decoded
	Failed    int64 `json:"failed"`     // operations of the store or the codec
	Blind     int64 `json:"blind"`      // times that the store's changes could not be seen
}

type stats struct {
	storeHits, absent, miss, refresh, coalesced, waited, stale, raced, corrupt, failed, blind atomic.Int64
	local                                                                                     [16]hits
}

// hits are counted apart, so that processors do not wait for each other.
type hits struct {
	n atomic.Int64
	_ [56]byte
}

func (s *stats) localHit(key string) {
	if len(key) > 0 {
		s.local[key[len(key)-1]%16].n.Add(1)
	}
}

func (s *stats) localHits() (sum int64) {
	for i := range s.local {
		sum += s.local[i].n.Load()
	}
	return sum
}

func (s *stats) count(result string) {
	switch result {
	case "absent":
		s.absent.Add(1)
	case "miss":
		s.miss.Add(1)
	case "refresh":
		s.refresh.Add(1)
	case "coalesced":
		s.coalesced.Add(1)
	case "waited":
		s.waited.Add(1)
	case "stale":
		s.stale.Add(1)
	case "raced":
		s.raced.Add(1)
	case "corrupt":
		s.corrupt.Add(1)
	case "failed":
		s.failed.Add(1)
	case "blind":
		s.blind.Add(1)
	}
}

// Stats returns the figures of now. Those of the store are its own ([cache.Meter]).
func (c *Cache[T]) Stats() Stats {
	s := &c.stats
	return Stats{
		LocalHits: s.localHits(), StoreHits: s.storeHits.Load(), Absent: s.absent.Load(), Miss: s.miss.Load(), Refresh: s.refresh.Load(),
		Coalesced: s.coalesced.Load(), Waited: s.waited.Load(), Stale: s.stale.Load(), Raced: s.raced.Load(),
		Corrupt: s.corrupt.Load(), Failed: s.failed.Load(), Blind: s.blind.Load(),
	}
}

// gauge has hits be sampled: to count each would cost more than the hit.
func (c *Cache[T]) gauge() {
	name := slog.String("cache", c.opts.Name)
	c.unset = []func(){
		c.opts.Observer.Gauge("cache.loading.local_hits", func() float64 { return float64(c.stats.localHits()) }, name),
		c.opts.Observer.Gauge("cache.loading.store_hits", func() float64 { return float64(c.stats.storeHits.Load()) }, name),
	}
}
