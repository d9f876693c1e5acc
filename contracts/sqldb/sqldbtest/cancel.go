package sqldbtest

import (
	"context"
	"errors"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

func cancelRules() []Rule {
	return []Rule{
		{"cancelled before", "Cancelling ctx ends the statement", cancelledBefore},
		{"cancelled statement", "Cancelling ctx ends the statement", cancelledStatement},
		{"cancelled rows", "Cancelling ctx ends the statement and the rows", cancelledRows},
	}
}

func cancelledBefore(ctx context.Context, e *env) error {
	name, err := e.numbers(ctx)
	if err != nil {
		return err
	}
	ended, cancel := context.WithCancelCause(ctx)
	cancel(errOwn)
	if err := wantIs("Exec with a ctx that has ended", e.insert(ended, name, 1), errOwn); err != nil {
		return err
	}
	called := false
	err = e.db.InTx(ended, func(context.Context) error { called = true; return nil })
	if err := wantIs("InTx with a ctx that has ended", err, errOwn); err != nil || called {
		return errors.Join(err, fmt.Errorf("fn called: %v", called))
	}
	return e.want(ctx, name)
}

func cancelledStatement(ctx context.Context, e *env) error {
	var n int64
	short, cancel := context.WithTimeout(ctx, e.tick)
	defer cancel()
	err := sqldb.QueryRow(short, e.db, long).Scan(&n)
	if err := wantIs("a statement that takes longer than its ctx", err, context.DeadlineExceeded); err != nil {
		return err
	}
	// The connection is sound, or was replaced.
	return sqldb.QueryRow(ctx, e.db, "SELECT 1").Scan(&n)
}

func cancelledRows(ctx context.Context, e *env) error {
	ended, cancel := context.WithCancel(ctx)
	defer cancel()
	rows, err := e.db.Query(ended, "WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM s WHERE i < 100000) SELECT i FROM s")
	if err != nil {
		return err
	}
	n := 0
	for rows.Next() {
		if n++; n == 2 {
			cancel()
		}
	}
	err = rows.Err()
	if cerr := rows.Close(); err == nil {
		err = cerr
	}
	// What had arrived may be read; the end may not look like the end.
	if err == nil && n < 100000 || err != nil && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("rows whose ctx was cancelled ended after %d with %v", n, err)
	}
	if err == nil {
		return errors.New("100,000 rows came although ctx was cancelled at the second")
	}
	return nil
}
