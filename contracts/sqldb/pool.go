package sqldb

import (
	"context"
	"io"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
)

// A Pool is a [DB], or a part of one, that keeps connections. It is safe for concurrent use.
type Pool interface {
	// PoolStats does no I/O.
	PoolStats() PoolStats
	// Close waits for what is running, and closes the connections. It is idempotent.
	io.Closer
}

// A ConnectionPool is a [Pool] that can be looked after.
type ConnectionPool interface {
	Pool
	Pinner
	// Warm replaces idle connections that are dead and makes others until n
	// are ready, but at most as many as the pool may have; it returns how many
	// are. Fewer than that is an error.
	Warm(ctx context.Context, n int) (ready int, err error)
}

// PoolStats are counts of one pool at one time. Those in the second group are
// since it was opened; one that a backend does not know is 0.
type PoolStats struct {
	Max, Total, InUse, Idle int

	Acquired  int64         // connections lent
	Waited    int64         // of those, the ones that were not there at once
	WaitTime  time.Duration // of all of those
	Cancelled int64         // given up by the caller while waiting
	Created   int64
	Destroyed int64
}

// Utilization returns how much of the pool is in use, 0 to 1.
func (s PoolStats) Utilization() float64 {
	if s.Max == 0 {
		return 0
	}
	return float64(s.InUse) / float64(s.Max)
}

// Pools are the pools of an application by name.
type Pools map[string]Pool

// ErrNoPool reports a name that [Pools] does not hold.
var ErrNoPool = Err.Sub("LEX_ERR_SQL_048", errs.NotFound, "sql: no such pool")

// Pool returns the one with the name, or an error that is [ErrNoPool].
func (p Pools) Pool(name string) (Pool, error) {
	if pool, ok := p[name]; ok {
		return pool, nil
	}
	return nil, ErrNoPool.Wrap(nil, "sql: pool %q", name)
}

// PoolStats returns the counts of each.
func (p Pools) PoolStats() map[string]PoolStats {
	all := make(map[string]PoolStats, len(p))
	for name, pool := range p {
		all[name] = pool.PoolStats()
	}
	return all
}
