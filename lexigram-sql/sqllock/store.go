package sqllock

import (
	"context"
	"errors"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/lock"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/internal/phrase"
)

// DefaultKeep is the Keep of [Options] that name none.
const DefaultKeep = 24 * time.Hour

// Options say how a [Store] works. The zero value is ready to use.
type Options struct {
	// Keep is how long Sweep leaves the row of a lease that has ended, which has
	// the last fence of its name. Without the row the next fence is by the
	// database's clock alone, which must then not be set back by more than this.
	// 0 means [DefaultKeep]; at least a minute.
	Keep time.Duration `config:"keep"`
}

// Validate returns an [errs.ValidationError] that names what is out of range.
func (o Options) Validate() error {
	var v errs.ValidationError
	if o.Keep != 0 && o.Keep < time.Minute {
		v.Add("keep", "must be at least 1m; leave it out for 24h", "RANGE")
	}
	return v.Err()
}

// A Store is a [lock.Store] over a table. Leases end by the clock of the database,
// and survive the process; a clock that is set forward ends them early, and then the
// fence alone tells two owners apart. It is safe for concurrent use and need not be closed: it
// starts a goroutine only for [Store.Wait]. Make one with [New]. Errors of the database are
// wrapped with [lock.Err] and keep their sentinels.
type Store struct {
	db   sqldb.DB
	keep time.Duration
	book phrase.Book
	sql  statements

	waiting waiting
}

var (
	_ lock.Inspector = (*Store)(nil)
	_ lock.Waiter    = (*Store)(nil)
)

type statements struct{ acquire, extend, release, inspect, left, sweep string }

// New returns the store in db, which has the table of [Migrations]. It does no I/O.
// An error wraps [lock.Err], and is an errs.ValidationError if opts are not valid.
func New(db sqldb.DB, opts Options) (*Store, error) {
	if db == nil {
		return nil, lock.Err.Wrap(errors.New("the database is nil"), "sqllock: new")
	}
	if err := opts.Validate(); err != nil {
		return nil, lock.Err.Wrap(err, "sqllock: options")
	}
	book, err := phrase.For(db.Dialect())
	if err != nil {
		return nil, lock.Err.Wrap(err, "sqllock: new")
	}
	if opts.Keep == 0 {
		opts.Keep = DefaultKeep
	}
	return &Store{db: db, keep: opts.Keep, book: book, sql: newStatements(book)}, nil
}

// Each reads the clock where it compares, under the lock of the row: what it
// has waited for does not count.
func newStatements(b phrase.Book) statements {
	return statements{
		// A name that another holds is not written to: the condition before ON
		// CONFLICT sees it; the one behind decides.
		acquire: b.Fill(`INSERT INTO lexigram_locks AS l (name, owner, fence, acquired_at, expires_at)
			SELECT CAST($1 AS {bytes}), CAST($2 AS {bytes}), {now}, {now}, {now} + CAST($3 AS bigint)
			WHERE NOT EXISTS (SELECT 1 FROM lexigram_locks h WHERE h.name = $1 AND h.owner <> $2 AND h.expires_at > {now})
			ON CONFLICT (name) DO UPDATE SET
				owner = excluded.owner,
				fence = CASE WHEN l.owner = excluded.owner AND l.expires_at > {now} THEN l.fence WHEN l.fence >= {now} THEN l.fence + 1 ELSE {now} END,
				acquired_at = CASE WHEN l.owner = excluded.owner AND l.expires_at > {now} THEN l.acquired_at ELSE {now} END,
				expires_at = {now} + CAST($3 AS bigint)
			WHERE l.owner = excluded.owner OR l.expires_at <= {now}
			RETURNING fence`),
		extend:  b.Fill("UPDATE lexigram_locks SET expires_at = {now} + CAST($3 AS bigint) WHERE name = $1 AND owner = $2 AND expires_at > {now}"),
		release: b.Fill("UPDATE lexigram_locks SET expires_at = {now} WHERE name = $1 AND owner = $2 AND expires_at > {now}"),
		inspect: b.Fill("SELECT owner, fence, acquired_at, expires_at FROM lexigram_locks WHERE name = $1 AND expires_at > {now}"),
		left:    b.Fill("SELECT expires_at - {now} FROM lexigram_locks WHERE name = $1 AND expires_at > {now}"),
		sweep: b.Fill(`DELETE FROM lexigram_locks WHERE name IN
			(SELECT name FROM lexigram_locks WHERE expires_at <= {moment} - CAST($1 AS bigint) ORDER BY expires_at LIMIT $2 {skip})
			AND expires_at <= {now} - CAST($1 AS bigint)`),
	}
}

// Acquire gives owner a lease on name; see [lock.Store]. Errors wrap [lock.ErrHeld],
// [lock.ErrName], [lock.ErrTTL], or are those of the database.
func (s *Store) Acquire(ctx context.Context, name, owner string, ttl time.Duration) (uint64, error) {
	if err := check(ctx, "acquire", name, owner, ttl); err != nil {
		return 0, err
	}
	var fence int64
	err := s.book.Alone(ctx, func(ctx context.Context) error {
		return sqldb.QueryRow(ctx, s.db, s.sql.acquire, []byte(name), []byte(owner), phrase.Micros(ttl)).Scan(&fence)
	})
	if errors.Is(err, sqldb.ErrNoRows) {
		return 0, lock.ErrHeld.Wrap(nil, "sqllock: acquire %.40q", name)
	} else if err != nil {
		return 0, lock.Err.Wrap(err, "sqllock: acquire %.40q", name)
	}
	return uint64(fence), nil
}

// Extend makes owner's lease end ttl from now; see [lock.Store]. Errors wrap
// [lock.ErrLost], [lock.ErrName], [lock.ErrTTL], or are those of the database.
func (s *Store) Extend(ctx context.Context, name, owner string, ttl time.Duration) error {
	if err := check(ctx, "extend", name, owner, ttl); err != nil {
		return err
	}
	n, err := s.book.Exec(ctx, s.db, s.sql.extend, []byte(name), []byte(owner), phrase.Micros(ttl))
	switch {
	case err != nil:
		return lock.Err.Wrap(err, "sqllock: extend %.40q", name)
	case n == 0:
		return lock.ErrLost.Wrap(nil, "sqllock: extend %.40q", name)
	}
	return nil
}

// Release ends owner's lease, and wakes those who wait for it where the database is
// a [sqldb.Listener]; see [lock.Store]. Errors wrap [lock.ErrName], or are those of
// the database.
func (s *Store) Release(ctx context.Context, name, owner string) error {
	if err := check(ctx, "release", name, owner, time.Hour); err != nil {
		return err
	}
	n, err := s.book.Exec(ctx, s.db, s.sql.release, []byte(name), []byte(owner))
	if err != nil {
		return lock.Err.Wrap(err, "sqllock: release %.40q", name)
	}
	if n > 0 {
		s.wake(sqldb.Detach(ctx))
	}
	return nil
}

// Inspect returns the live lease on name; see [lock.Inspector]. Errors wrap
// [lock.ErrFree], [lock.ErrName], or are those of the database.
func (s *Store) Inspect(ctx context.Context, name string) (lock.Info, error) {
	if err := check(ctx, "inspect", name, name, time.Hour); err != nil {
		return lock.Info{}, err
	}
	var owner []byte
	var fence, acquired, expires int64
	err := sqldb.QueryRow(sqldb.Detach(ctx), s.db, s.sql.inspect, []byte(name)).Scan(&owner, &fence, &acquired, &expires)
	if errors.Is(err, sqldb.ErrNoRows) {
		return lock.Info{}, lock.ErrFree.Wrap(nil, "sqllock: inspect %.40q", name)
	} else if err != nil {
		return lock.Info{}, lock.Err.Wrap(err, "sqllock: inspect %.40q", name)
	}
	return lock.Info{
		Name: name, Holder: string(owner), Fence: uint64(fence),
		AcquiredAt: time.UnixMicro(acquired).UTC(), ExpiresAt: time.UnixMicro(expires).UTC(),
	}, nil
}

// Sweep deletes the rows of leases that ended [Options].Keep ago, a few at a time,
// and returns how many. It is safe beside everything else, also from several processes.
func (s *Store) Sweep(ctx context.Context) (int64, error) {
	n, err := s.book.Sweep(ctx, s.db, s.sql.sweep, phrase.Micros(s.keep))
	if err != nil {
		err = lock.Err.Wrap(err, "sqllock: sweep")
	}
	return n, err
}

// check refuses what no method may begin with.
func check(ctx context.Context, op, name, owner string, ttl time.Duration) error {
	if err := lock.CheckName(name); err != nil {
		return err
	}
	if err := lock.CheckName(owner); err != nil {
		return err
	}
	if err := lock.CheckTTL(ttl); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return lock.Err.Wrap(context.Cause(ctx), "sqllock: %s %.40q", op, name)
	}
	return nil
}
