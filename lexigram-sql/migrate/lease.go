package migrate

import (
	"context"
	"errors"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/lock"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// How long a lease lasts unless it is kept: what others wait for after a crash.
const (
	leaseTime = 30 * time.Second
	longLease = 5 * time.Minute // SQLite keeps none while a statement runs
)

// leases are those of one table of records, in a table beside it that the first
// of them makes. Time is the database's.
type leases struct{ m *Migrator }

var _ lock.Store = leases{}

func (m *Migrator) leaseTable() string { return m.table + "_lease" }

// now is an expression: microseconds since 1970.
func (m *Migrator) now() string {
	if m.db.Dialect() == sqldb.Postgres {
		return "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)"
	}
	return "CAST((julianday('now') - 2440587.5) * 86400000000 AS integer)"
}

// leased reports whether another process has a lease.
func (m *Migrator) leased(ctx context.Context) (bool, error) {
	exists, err := m.exists(ctx, m.leaseTable())
	if err != nil || !exists {
		return false, err
	}
	var n int64
	err = sqldb.QueryRow(ctx, m.db, "SELECT count(*) FROM "+m.leaseTable()+" WHERE ends > "+m.now()).Scan(&n)
	if err != nil {
		return false, Err.Wrap(err, "migrate: read %s", m.leaseTable())
	}
	return n > 0, nil
}

// Acquire implements [lock.Store]. Whoever is in a transaction with the lock is an owner, too.
func (l leases) Acquire(ctx context.Context, name, owner string, ttl time.Duration) (fence uint64, err error) {
	if err := errs.Join(lock.CheckName(name), lock.CheckName(owner), lock.CheckTTL(ttl)); err != nil {
		return 0, err
	}
	table, now := l.m.leaseTable(), l.m.now()
	err = l.m.db.InTx(sqldb.Detach(ctx), func(ctx context.Context) error {
		if l.m.db.Dialect() == sqldb.Postgres {
			if err := l.m.try(ctx, "SELECT pg_try_advisory_xact_lock($1)"); err != nil {
				return err
			}
		}
		_, err := l.m.db.Exec(ctx, "CREATE TABLE IF NOT EXISTS "+table+
			" (name text NOT NULL PRIMARY KEY, owner text NOT NULL, fence bigint NOT NULL, ends bigint NOT NULL)")
		if err != nil {
			return err
		}
		var f int64
		err = sqldb.QueryRow(ctx, l.m.db, `INSERT INTO `+table+` AS held (name, owner, fence, ends) VALUES ($1, $2, `+now+`, `+now+` + $3)
			ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, ends = excluded.ends, fence = CASE
				WHEN held.owner = excluded.owner AND held.ends > `+now+` THEN held.fence
				WHEN held.fence >= excluded.fence THEN held.fence + 1 ELSE excluded.fence END
			WHERE held.owner = excluded.owner OR held.ends <= `+now+` RETURNING fence`,
			name, owner, ttl.Microseconds()).Scan(&f)
		fence = uint64(f)
		return err
	})
	switch {
	case errors.Is(err, errHeld), errors.Is(err, sqldb.ErrNoRows), errors.Is(err, sqldb.ErrSerialization):
		return 0, lock.ErrHeld.Wrap(err, "migrate: lease")
	case err != nil:
		return 0, lock.Err.Wrap(err, "migrate: lease in %s", table)
	}
	return fence, nil
}

// Extend implements [lock.Store].
func (l leases) Extend(ctx context.Context, name, owner string, ttl time.Duration) error {
	now := l.m.now()
	n, err := l.m.db.Exec(ctx, "UPDATE "+l.m.leaseTable()+" SET ends = "+now+" + $3 WHERE name = $1 AND owner = $2 AND ends > "+now,
		name, owner, ttl.Microseconds())
	if err != nil {
		return lock.Err.Wrap(err, "migrate: keep the lease")
	}
	if n == 0 {
		return lock.ErrLost.Wrap(nil, "migrate: keep the lease")
	}
	return nil
}

// Release implements [lock.Store].
func (l leases) Release(ctx context.Context, name, owner string) error {
	_, err := l.m.db.Exec(ctx, "UPDATE "+l.m.leaseTable()+" SET ends = 0 WHERE name = $1 AND owner = $2", name, owner)
	if err != nil {
		return lock.Err.Wrap(err, "migrate: release the lease")
	}
	return nil
}
