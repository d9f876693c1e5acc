package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// A Handle runs pgx's own statements, with its types and errors, in the ambient
// transaction of a [DB] or on its pinned connection; without one, on any. It is
// what sqlc calls DBTX, batches and copies included: pass it to the New that
// sqlc generates. It is safe for concurrent use as its DB is: a transaction
// refuses a second statement with sqldb.ErrTxBusy, and in a batch too one that begins
// or ends transactions, or changes its connection outside Pinned, with errors.ErrUnsupported.
// Several statements in one text are refused, as by the DB. Rows and results of batches
// are closed, by their users, before the next statement.
type Handle struct{ db *DB }

// Handle returns the DB's handle.
func (db *DB) Handle() Handle { return Handle{db} }

// A native is a pool or a connection.
type native interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
	CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, rows pgx.CopyFromSource) (int64, error)
}

var (
	_ native = (*pgxpool.Pool)(nil)
	_ native = (*pgxpool.Conn)(nil)
	_ native = Handle{}
)

// errPanicked stands as the outcome of what did not return, such as a
// driver.Valuer: the transaction, which waits for it, must learn of its end.
var errPanicked = sqldb.Err.Wrap(errors.New("it panicked"), "postgres: statement")

// A hold is where a statement runs.
type hold struct {
	native
	release func(err error)
	left    func(c closer)
}

// closer is an io.Closer.
type closer func() error

func (c closer) Close() error { return c() }

// hold returns where statements run, unless one of them is not for a handle.
func (h Handle) hold(ctx context.Context, statements ...string) (hold, error) {
	for _, sql := range statements {
		if err := errs.Join(single(sql), h.db.Check(ctx, sql)); err != nil {
			return hold{}, err
		}
	}
	held, err := h.db.Hold(ctx)
	switch {
	case err != nil:
		return hold{}, err
	case held == nil:
		return hold{h.db.router.pool, func(error) {}, func(closer) {}}, nil
	}
	s := sessionOf(held.Conn)
	if err := s.foreign(ctx); err != nil {
		held.Release(err)
		return hold{}, err
	}
	return hold{s.conn, held.Release, func(c closer) { held.Left(c) }}, nil
}

// Exec is pgx's.
func (h Handle) Exec(ctx context.Context, sql string, args ...any) (tag pgconn.CommandTag, err error) {
	on, err := h.hold(ctx, sql)
	if err != nil {
		return pgconn.CommandTag{}, err
	}
	err = errPanicked
	defer func() { on.release(err) }()
	tag, err = on.Exec(ctx, sql, args...)
	return tag, err
}

// Query is pgx's.
func (h Handle) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	on, err := h.hold(ctx, sql)
	if err != nil {
		return nil, err
	}
	err = errPanicked
	defer func() {
		if err != nil {
			on.release(err)
		}
	}()
	raw, err := on.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	rows := &heldRows{Rows: raw, release: on.release}
	on.left(func() error { rows.Close(); return rows.Err() })
	return rows, nil
}

// QueryRow is pgx's.
func (h Handle) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	rows, err := h.Query(ctx, sql, args...)
	return heldRow{rows, err}
}

// CopyFrom is pgx's.
func (h Handle) CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, rows pgx.CopyFromSource) (n int64, err error) {
	on, err := h.hold(ctx)
	if err != nil {
		return 0, err
	}
	err = errPanicked
	defer func() { on.release(err) }()
	n, err = on.CopyFrom(ctx, table, columns, rows)
	return n, err
}

// SendBatch is pgx's.
func (h Handle) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	statements := make([]string, len(b.QueuedQueries))
	for i, q := range b.QueuedQueries {
		statements[i] = q.SQL
	}
	on, err := h.hold(ctx, statements...)
	if err != nil {
		return failedBatch{err}
	}
	r := &heldBatch{release: on.release}
	defer func() {
		if r.BatchResults == nil {
			on.release(errPanicked)
		}
	}()
	r.BatchResults = on.SendBatch(ctx, b)
	on.left(r.Close)
	return r
}

// heldRows release the connection when they are closed.
type heldRows struct {
	pgx.Rows
	release func(error)
	closed  bool
	scanErr error
}

// Scan closes the rows if it fails, as pgx does; that is no failure of a transaction.
func (r *heldRows) Scan(dest ...any) error {
	err := r.Rows.Scan(dest...)
	if err != nil {
		r.scanErr = err
		r.Close()
	}
	return err
}

func (r *heldRows) Next() bool {
	next := r.Rows.Next()
	if !next {
		r.Close()
	}
	return next
}

func (r *heldRows) Close() {
	r.Rows.Close()
	if !r.closed {
		r.closed = true
		err := r.Err()
		if r.scanErr != nil && errors.Is(err, r.scanErr) {
			err = nil
		}
		r.release(err)
	}
}

// A heldRow is the first of rows.
type heldRow struct {
	rows pgx.Rows
	err  error
}

func (r heldRow) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	defer r.rows.Close()
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return pgx.ErrNoRows
	}
	if err := r.rows.Scan(dest...); err != nil {
		return err
	}
	r.rows.Close()
	return r.rows.Err()
}

// A heldBatch releases the connection when it is closed.
type heldBatch struct {
	pgx.BatchResults
	release func(error)
	closed  bool
	err     error
}

func (b *heldBatch) Close() error {
	if !b.closed {
		b.closed = true
		b.err = b.BatchResults.Close()
		b.release(b.err)
	}
	return b.err
}

// A failedBatch was not sent.
type failedBatch struct{ err error }

func (b failedBatch) Exec() (pgconn.CommandTag, error) { return pgconn.CommandTag{}, b.err }
func (b failedBatch) Query() (pgx.Rows, error)         { return nil, b.err }
func (b failedBatch) QueryRow() pgx.Row                { return heldRow{err: b.err} }
func (b failedBatch) Close() error                     { return b.err }
func (b failedBatch) Tx() pgx.Tx                       { return nil }
