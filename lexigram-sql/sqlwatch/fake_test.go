package sqlwatch_test

import (
	"context"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fake is a database of one table that holds n rows, and answers after a while.
type fake struct {
	rows  int
	takes time.Duration
	err   error
	slots chan struct{} // connections; nil are as many as wanted
}

func (f *fake) Dialect() sqldb.Dialect { return sqldb.Postgres }

func (f *fake) take(ctx context.Context) (back func(), err error) {
	if f.slots == nil || ctx.Value(inTx{}) != nil {
		return func() {}, nil
	}
	select {
	case f.slots <- struct{}{}:
		return func() { <-f.slots }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (f *fake) Query(ctx context.Context, _ string, _ ...any) (sqldb.Rows, error) {
	if f.err != nil {
		return nil, f.err
	}
	back, err := f.take(ctx)
	if err != nil {
		return nil, err
	}
	return &fakeRows{left: f.rows, takes: f.takes, back: back}, nil
}

func (f *fake) Exec(ctx context.Context, _ string, _ ...any) (int64, error) {
	back, err := f.take(ctx)
	if err != nil {
		return 0, err
	}
	defer back()
	if f.takes > 0 {
		time.Sleep(f.takes)
	}
	return int64(f.rows), f.err
}

type inTx struct{}

func (f *fake) InTx(ctx context.Context, fn func(ctx context.Context) error, _ ...sqldb.TxOption) error {
	back, err := f.take(ctx)
	if err != nil {
		return err
	}
	defer back()
	return fn(context.WithValue(ctx, inTx{}, true))
}

func (f *fake) PoolStats() sqldb.PoolStats {
	return sqldb.PoolStats{Max: cap(f.slots), Total: cap(f.slots), InUse: len(f.slots), Idle: cap(f.slots) - len(f.slots)}
}

func (f *fake) Close() error { return nil }

type fakeRows struct {
	left  int
	takes time.Duration
	back  func()
}

func (r *fakeRows) Next() bool {
	if r.left == 0 {
		_ = r.Close()
		return false
	}
	if r.takes > 0 {
		time.Sleep(r.takes)
	}
	r.left--
	return true
}

func (r *fakeRows) Scan(...any) error { return nil }

func (r *fakeRows) Columns() []string { return []string{"n"} }

func (r *fakeRows) Err() error { return nil }

func (r *fakeRows) Close() error {
	if r.back != nil {
		r.back()
	}
	r.back = nil
	return nil
}

// kept is a logger that keeps everything.
type kept struct{ entries []sqldb.QueryLogEntry }

func (k *kept) LogQuery(_ context.Context, e sqldb.QueryLogEntry) { k.entries = append(k.entries, e) }

func (k *kept) last() sqldb.QueryLogEntry { return k.entries[len(k.entries)-1] }
