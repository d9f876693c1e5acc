package resilient

import (
	"context"
	"hash/maphash"
	"math"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/resilience"
)

// A Limiter is a [resilience.Limiter] in this process's memory. It is safe for
// concurrent use and starts no goroutines. A key takes memory until its whole
// capacity has come back and at most a sweep after that: sweeps come with new
// keys, each time that there are twice as many as the last one left.
type Limiter struct {
	capacity int
	interval float64 // nanoseconds until one event has come back
	slack    float64 // nanoseconds that rounding may add up to
	epoch    time.Time
	seed     maphash.Seed
	shards   [shards]shard
}

const (
	shards   = 32 // each with its own lock
	minSweep = 64 // keys in a shard that are no reason to sweep
)

var _ resilience.Limiter = (*Limiter)(nil)

// A shard holds the keys of one hash.
type shard struct {
	mu   sync.Mutex
	keys map[string]*debt
	most int      // keys to sweep at
	_    [40]byte // to fill a cache line
}

// A debt is what GCRA calls the theoretical arrival time, as how far it is ahead
// of the clock, so that it keeps its precision however long the process runs.
type debt struct {
	owed float64 // nanoseconds, at
	at   time.Duration
}

// now returns what is still owed.
func (d *debt) now(at time.Duration) float64 { return max(0, d.owed-float64(at-d.at)) }

// NewLimiter returns a limiter that knows no key. All that is wrong with rate is
// returned at once, as an error that matches [resilience.Err] and errs.ErrValidation.
func NewLimiter(rate resilience.Rate) (*Limiter, error) {
	if err := rate.Validate(); err != nil {
		return nil, resilience.Err.Wrap(err, "resilient: new limiter")
	}
	l := &Limiter{
		capacity: rate.Capacity(),
		interval: float64(rate.Per) / float64(rate.Events),
		epoch:    time.Now(),
		seed:     maphash.MakeSeed(),
	}
	l.slack = 1e-3 + float64(l.capacity)*l.interval*1e-12
	for i := range l.shards {
		l.shards[i].keys, l.shards[i].most = map[string]*debt{}, minSweep
	}
	return l, nil
}

// Allow takes n events from what key has left; see [resilience.Limiter].
func (l *Limiter) Allow(ctx context.Context, key string, n int) (resilience.Decision, error) {
	if err := resilience.CheckAllow(key, n, l.capacity); err != nil {
		return resilience.Decision{}, err
	}
	if ctx.Err() != nil {
		return resilience.Decision{}, resilience.Err.Wrap(context.Cause(ctx), "resilience: allow %.40q", key)
	}
	s := &l.shards[maphash.String(l.seed, key)%shards]
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Since(l.epoch)
	d := s.keys[key]
	owed := 0.0
	if d != nil {
		owed = d.now(now)
	}
	after := owed + float64(n)*l.interval
	over := after - float64(l.capacity)*l.interval
	if over > l.slack {
		return l.decision(false, owed, over), nil
	}
	if d == nil {
		d = s.add(key, now)
	}
	d.owed, d.at = after, now
	return l.decision(true, after, 0), nil
}

// decision tells what owed leaves; over is how much too much was asked for.
func (l *Limiter) decision(allowed bool, owed, over float64) resilience.Decision {
	return resilience.Decision{
		Allowed: allowed, Limit: l.capacity,
		Remaining:  max(0, int((float64(l.capacity)*l.interval-owed+l.slack)/l.interval)),
		RetryAfter: time.Duration(math.Ceil(over)), ResetAfter: time.Duration(math.Ceil(owed)),
	}
}

// add returns the debt of a key that has none, and forgets keys that owe nothing
// if there are many.
func (s *shard) add(key string, now time.Duration) *debt {
	if len(s.keys) >= s.most {
		for k, d := range s.keys {
			if d.now(now) == 0 {
				delete(s.keys, k)
			}
		}
		s.most = max(minSweep, 2*len(s.keys))
	}
	d := &debt{}
	s.keys[key] = d
	return d
}
