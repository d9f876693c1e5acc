package sqlite

import (
	"context"
	"errors"
	"time"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	engine "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// retryBusy calls op again while another process has the lock that it needs,
// until limit has passed or ctx ends. SQLite's own busy timeout would not hear
// of the end of ctx.
func retryBusy(ctx context.Context, limit time.Duration, op func() error) error {
	err := op()
	if !isBusy(err) {
		return err
	}
	give := time.NewTimer(limit)
	defer give.Stop()
	for pause := time.Millisecond; ; pause = min(2*pause, 50*time.Millisecond) {
		again := time.NewTimer(pause)
		select {
		case <-again.C:
		case <-give.C:
			again.Stop()
			return err
		case <-ctx.Done():
			again.Stop()
			return sqldb.ErrSerialization.Wrap(context.Cause(ctx), "sqlite: wait for another process")
		}
		if err = op(); !isBusy(err) {
			return err
		}
	}
}

func isBusy(err error) bool {
	e, ok := errors.AsType[*engine.Error](err)
	return ok && e.Code()&0xff == lib.SQLITE_BUSY
}
