package postgres

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// replicas are asked what the primary need not be. A goroutine looks how far
// they are: it notes where the primary is, and when, and how much of that each
// of them has. So a replica that cannot be reached, or gets nothing any more,
// is too old soon, whatever it says of itself.
type replicas struct {
	primary *pgxpool.Pool // of its own, one connection
	all     []*replica
	maxLag  time.Duration
	next    atomic.Uint32

	cancel context.CancelFunc
	done   sync.WaitGroup
}

type replica struct {
	pool  *pgxpool.Pool
	fresh atomic.Int64 // it has everything up to then; ns since 1970, 0 if nothing is known
}

// A position is where the primary was.
type position struct {
	at  time.Time // or later
	lsn string
}

func newReplicas(primary *pgxpool.Pool, pools []*pgxpool.Pool, maxLag time.Duration) *replicas {
	ctx, cancel := context.WithCancel(context.Background())
	r := &replicas{primary: primary, maxLag: maxLag, cancel: cancel}
	for _, p := range pools {
		r.all = append(r.all, &replica{pool: p})
	}
	r.done.Go(func() { r.watch(ctx) })
	return r
}

func (r *replicas) close() {
	r.cancel()
	r.done.Wait()
	for _, one := range r.all {
		one.pool.Close()
	}
	r.primary.Close()
}

// watch looks several times within maxLag.
func (r *replicas) watch(ctx context.Context) {
	every := min(max(r.maxLag/4, 10*time.Millisecond), time.Second)
	tick := time.NewTicker(every)
	defer tick.Stop()
	var seen []position
	for {
		seen = r.look(ctx, seen, every)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// look asks everybody once, and returns the positions that still matter.
func (r *replicas) look(ctx context.Context, seen []position, limit time.Duration) []position {
	ctx, cancel := context.WithTimeout(ctx, max(limit, 100*time.Millisecond))
	defer cancel()
	p := position{at: time.Now()}
	if err := r.primary.QueryRow(ctx, "SELECT CAST(pg_current_wal_lsn() AS text)").Scan(&p.lsn); err == nil {
		seen = append(seen, p)
	}
	for len(seen) > 0 && time.Since(seen[0].at) > r.maxLag {
		seen = seen[1:]
	}
	var asked sync.WaitGroup
	for _, one := range r.all {
		asked.Go(func() { one.look(ctx, seen) })
	}
	asked.Wait()
	return seen
}

// look finds the latest position that the replica has.
func (one *replica) look(ctx context.Context, seen []position) {
	for i := len(seen) - 1; i >= 0; i-- {
		var has bool
		err := one.pool.QueryRow(ctx, "SELECT pg_is_in_recovery() AND COALESCE(pg_last_wal_replay_lsn() >= CAST(CAST($1 AS text) AS pg_lsn), false)", seen[i].lsn).Scan(&has)
		if err != nil {
			return // what is known of it grows old
		}
		if has {
			one.fresh.Store(seen[i].at.UnixNano())
			return
		}
	}
}

// pick returns a replica that lags no more than allowed, or nil.
func (r *replicas) pick() *pgxpool.Pool {
	if r == nil {
		return nil
	}
	oldest := time.Now().Add(-r.maxLag).UnixNano()
	first := r.next.Add(1)
	for i := range r.all {
		one := r.all[(int(first%uint32(len(r.all)))+i)%len(r.all)]
		if one.fresh.Load() >= oldest {
			return one.pool
		}
	}
	return nil
}

// fromReplica answers from a replica, or reports that the primary is to be asked.
func (r *router) fromReplica(ctx context.Context, settings []sqldb.Setting, sql string, args []any) (_ sqldb.Rows, asked bool, _ error) {
	if r.replicas == nil || !sqldb.ReplicaAllowed(ctx) || r.judge.of(sql) != reads {
		return nil, false, nil
	}
	pool := r.replicas.pick()
	if pool == nil {
		return nil, false, nil
	}
	rows, err := again(ctx, "query", func() (sqldb.Rows, error) { return r.querySet(ctx, pool, settings, sql, args) })
	if err != nil && ctx.Err() == nil && replicaFailed(err) {
		return nil, false, nil
	}
	return rows, true, err
}

// replicaFailed reports whether the primary may answer where a replica did not.
func replicaFailed(err error) bool {
	if _, refused := errors.AsType[*pgconn.PgError](err); !refused {
		return true
	}
	return errors.Is(err, sqldb.ErrUnavailable) || errors.Is(err, sqldb.ErrSerialization) || errors.Is(err, sqldb.ErrReadOnly)
}
