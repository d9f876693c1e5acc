package sqldriver_test

import (
	"context"
	"sync"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqldriver"
)

// fake is a driver that keeps a log and does what its fields say.
type fake struct {
	mu  sync.Mutex
	log []string

	dialect   sqldb.Dialect
	statement func(ctx context.Context, sql string) error // nil succeeds
	begin     func(o sqldriver.BeginOptions) error
	commit    func(ctx context.Context) error
	rollback  func(ctx context.Context) error
	rows      []string // of every query
	rowsErr   error    // at the end of the rows
	args      []any    // of the last statement
}

func (f *fake) note(s string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.log = append(f.log, s)
}

// took returns the log and clears it.
func (f *fake) took() (s string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, l := range f.log {
		if i > 0 {
			s += " | "
		}
		s += l
	}
	f.log = nil
	return s
}

func (f *fake) Dialect() sqldb.Dialect { return f.dialect }

func (f *fake) Exec(ctx context.Context, sql string, args []any) (int64, error) {
	f.note(sql)
	f.args = args
	if f.statement == nil {
		return 1, nil
	}
	return 1, f.statement(ctx, sql)
}

func (f *fake) Query(ctx context.Context, sql string, args []any) (sqldb.Rows, error) {
	if _, err := f.Exec(ctx, sql, args); err != nil {
		return nil, err
	}
	return &fakeRows{f: f}, nil
}

func (f *fake) Begin(_ context.Context, o sqldriver.BeginOptions) (sqldriver.Tx, error) {
	f.note("BEGIN")
	if f.begin != nil {
		if err := f.begin(o); err != nil {
			return nil, err
		}
	}
	return fakeTx{f}, nil
}

type fakeTx struct{ *fake }

func (t fakeTx) Commit(ctx context.Context) error {
	t.note("COMMIT")
	if t.commit == nil {
		return nil
	}
	return t.commit(ctx)
}

func (t fakeTx) Rollback(ctx context.Context) error {
	t.note("ROLLBACK")
	if t.rollback == nil {
		return nil
	}
	return t.rollback(ctx)
}

type fakeRows struct {
	f      *fake
	at     int
	closed bool
}

func (r *fakeRows) Next() bool {
	if r.closed {
		return false
	}
	r.at++
	return r.at <= len(r.f.rows)
}

func (r *fakeRows) Scan(dest ...any) error {
	*dest[0].(*string) = r.f.rows[r.at-1]
	return nil
}

func (r *fakeRows) Columns() []string { return []string{"c"} }

func (r *fakeRows) Err() error {
	if r.at > len(r.f.rows) || r.closed {
		return r.f.rowsErr
	}
	return nil
}

func (r *fakeRows) Close() error {
	if !r.closed {
		r.closed = true
		r.f.note("close rows")
	}
	return r.Err()
}
