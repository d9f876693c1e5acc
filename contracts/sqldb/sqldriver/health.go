package sqldriver

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// A PoolCheck is the check of a database and its pool; for a backend's CheckHealth.
type PoolCheck struct {
	Name  string // of the backend, before its messages
	Limit string // the option that bounds the pool
	Stats func() sqldb.PoolStats
	// Ask sends a statement on a connection of the pool, and Beside finds out,
	// while none is free, whether the database answers at all.
	Ask, Beside func(ctx context.Context) error
}

// crowded is the share of the pool in use from which on it is degraded.
const crowded = 0.85

// Run asks the database. With more than 85 % of the pool in use it is Degraded,
// and so it is with all of it, for which Run does not wait.
func (c PoolCheck) Run(ctx context.Context) health.Result {
	start, ask, s := time.Now(), c.Ask, c.Stats()
	full := s.Max > 0 && s.InUse >= s.Max
	if full {
		ask = c.Beside
	}
	err := ask(ctx)
	if !full {
		s = c.Stats()
	}
	r := health.Result{Status: health.Healthy, Took: time.Since(start), Details: map[string]string{
		"connections": strconv.Itoa(s.Total) + " of " + strconv.Itoa(s.Max),
		"in use":      strconv.Itoa(s.InUse),
	}}
	switch {
	case err != nil:
		r.Status, r.Message = health.Unhealthy, err.Error()
	case full:
		r.Status = health.Degraded
		r.Message = fmt.Sprintf("%s: all %d connections are in use: raise %s, or see who holds them; so far %d waits took %v, and %d were given up",
			c.Name, s.Max, c.Limit, s.Waited, s.WaitTime.Round(time.Millisecond), s.Cancelled)
	case s.Utilization() > crowded:
		r.Status = health.Degraded
		r.Message = fmt.Sprintf("%s: %d of %d connections are in use: raise %s, or see who holds them", c.Name, s.InUse, s.Max, c.Limit)
	}
	return r
}
