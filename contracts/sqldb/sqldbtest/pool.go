package sqldbtest

import (
	"context"
	"errors"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

func poolRules() []Rule {
	return []Rule{
		{"pool stats", "PoolStats are counts of one pool at one time", poolStats},
		{"pool warm", "Warm makes connections until n are ready, but at most as many as the pool may have; fewer than n is an error", poolWarm},
	}
}

func poolStats(ctx context.Context, e *env) error {
	p, ok := e.db.(sqldb.Pool)
	if !ok {
		return errSkip
	}
	sane := func(s sqldb.PoolStats) error {
		if s.Max < 1 || s.Total > s.Max || s.InUse+s.Idle > s.Total || s.Utilization() > 1 || s.InUse < 0 || s.Idle < 0 {
			return fmt.Errorf("%+v does not add up", s)
		}
		return nil
	}
	before := p.PoolStats()
	err := e.db.InTx(ctx, func(context.Context) error {
		in := p.PoolStats()
		if in.InUse < 1 || in.Acquired <= before.Acquired {
			return fmt.Errorf("in a transaction %+v, before it %+v", in, before)
		}
		return sane(in)
	})
	return errors.Join(err, sane(before), sane(p.PoolStats()))
}

func poolWarm(ctx context.Context, e *env) error {
	p, ok := e.db.(sqldb.ConnectionPool)
	if !ok {
		return errSkip
	}
	limit := p.PoolStats().Max
	n, err := p.Warm(ctx, limit)
	if err != nil || n != limit || p.PoolStats().Idle != limit {
		return fmt.Errorf("Warm(%d) = %d, %w, and then %+v", limit, n, err, p.PoolStats())
	}
	if n, err := p.Warm(ctx, limit+1); err == nil || n != limit {
		return fmt.Errorf("Warm(%d) = %d, %w, want %d and an error", limit+1, n, err, limit)
	}
	return nil
}
