package sqllock

import (
	"context"

	"github.com/lexigram/lexigram-go/contracts/lock"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// Guard lets the ambient transaction of db go on if fence is no smaller than any
// that it has let pass for the resource, and otherwise returns an error wrapping
// [lock.ErrLost]: the lease was lost, and whoever has it now has written. Call it
// first in the transaction and return its error. Until the transaction ends, others
// that guard the resource wait.
//
//	err = db.InTx(ctx, func(ctx context.Context) error {
//		if err := sqllock.Guard(ctx, db, "reports/daily", fence); err != nil {
//			return err
//		}
//		return write(ctx)
//	})
//
// resource is usually the name of the lease: what [lock.CheckName] refuses is its
// error. A fence of 1<<63 or more is lost. Outside a transaction Guard is
// sqldb.ErrTxOptions. The table of [FenceMigrations] has a row for each resource,
// which nothing deletes.
func Guard(ctx context.Context, db sqldb.DB, resource string, fence uint64) error {
	if err := lock.CheckName(resource); err != nil {
		return err
	}
	if fence > maxFence {
		return lock.ErrLost.Wrap(nil, "sqllock: guard %.40q: fence %d is none of a lease", resource, fence)
	}
	var passed int64
	err := db.InTx(ctx, func(ctx context.Context) (err error) {
		passed, err = db.Exec(ctx, `INSERT INTO lexigram_fences (resource, fence) VALUES ($1, $2)
			ON CONFLICT (resource) DO UPDATE SET fence = excluded.fence WHERE lexigram_fences.fence <= excluded.fence`,
			[]byte(resource), int64(fence))
		return err
	}, sqldb.WithPropagation(sqldb.Mandatory))
	if err != nil {
		return lock.Err.Wrap(err, "sqllock: guard %.40q", resource)
	}
	if passed == 0 {
		return lock.ErrLost.Wrap(nil, "sqllock: guard %.40q: a later fence than %d has passed", resource, fence)
	}
	return nil
}

const maxFence = 1<<63 - 1
