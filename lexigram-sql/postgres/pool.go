package postgres

import (
	"context"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// PoolStats implements [sqldb.Pool]. Connections destroyed are those that were
// too old or idle for too long. Replicas have pools of their own: see [DB.Pools].
func (db *DB) PoolStats() sqldb.PoolStats { return statsOf(db.router.pool) }

func statsOf(p *pgxpool.Pool) sqldb.PoolStats {
	s := p.Stat()
	return sqldb.PoolStats{
		Max: int(s.MaxConns()), Total: int(s.TotalConns()), InUse: int(s.AcquiredConns()), Idle: int(s.IdleConns()),
		Acquired: s.AcquireCount(), Waited: s.EmptyAcquireCount(), WaitTime: s.EmptyAcquireWaitTime(), Cancelled: s.CanceledAcquireCount(),
		Created: s.NewConnsCount(), Destroyed: s.MaxLifetimeDestroyCount() + s.MaxIdleDestroyCount(),
	}
}

// Pools returns the pool of each server: "primary", and "replica0" and so on
// in the order of Config.Replicas. To close one is to close that server's alone.
func (db *DB) Pools() sqldb.Pools {
	all := sqldb.Pools{"primary": onePool{db.router.pool}}
	if r := db.router.replicas; r != nil {
		for i, one := range r.all {
			all["replica"+strconv.Itoa(i)] = onePool{one.pool}
		}
	}
	return all
}

type onePool struct{ pool *pgxpool.Pool }

func (p onePool) PoolStats() sqldb.PoolStats { return statsOf(p.pool) }

func (p onePool) Close() error {
	p.pool.Close()
	return nil
}

// Warm implements [sqldb.ConnectionPool].
func (db *DB) Warm(ctx context.Context, n int) (int, error) {
	p := db.router.pool
	var got []*pgxpool.Conn
	defer func() {
		for _, c := range got {
			c.Release()
		}
	}()
	for _, c := range p.AcquireAllIdle(ctx) {
		if err := c.Ping(ctx); err != nil {
			c.Release() // closes it
			continue
		}
		got = append(got, c)
	}
	want := min(n, int(p.Config().MaxConns))
	others := max(int(p.Stat().AcquiredConns())-len(got), 0)
	for others+len(got) < want {
		c, err := p.Acquire(ctx)
		if err != nil {
			return others + len(got), wrap(ctx, err, "warm")
		}
		got = append(got, c)
	}
	if ready := others + len(got); want < n {
		return min(ready, want), sqldb.Err.Wrap(fmt.Errorf("%d connections are more than max_conns, %d", n, want), "postgres: warm")
	}
	return min(others+len(got), want), nil
}
