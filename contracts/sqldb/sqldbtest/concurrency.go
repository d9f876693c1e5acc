package sqldbtest

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

func concurrencyRules() []Rule {
	return []Rule{
		{"concurrent use", "It is safe for concurrent use, except inside a transaction; a Transactor runs functions atomically", concurrentUse},
	}
}

// concurrentUse counts in a way that loses counts unless transactions are atomic.
func concurrentUse(ctx context.Context, e *env) error {
	name, err := e.numbers(ctx, 0)
	if err != nil {
		return err
	}
	const workers, each = 6, 10
	errs := make(chan error, 2*workers*each)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for range each {
				errs <- e.db.InTx(ctx, func(ctx context.Context) error {
					var n int64
					if err := sqldb.QueryRow(ctx, e.db, "SELECT n FROM "+name).Scan(&n); err != nil {
						return err
					}
					_, err := e.db.Exec(ctx, "UPDATE "+name+" SET n = $1", n+1)
					return err
				}, sqldb.WithIsolation(sqldb.Serializable), sqldb.MaxAttempts(1000))
				var n int64
				errs <- sqldb.QueryRow(ctx, e.db, "SELECT n FROM "+name).Scan(&n)
			}
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			return fmt.Errorf("under load: %w", err)
		}
	}
	return errors.Join(e.want(ctx, name, workers*each))
}
