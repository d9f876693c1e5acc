package sqlaudit

import (
	"context"
	"errors"
	"time"

	"github.com/lexigram/lexigram-go/contracts/audit"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/internal/phrase"
)

// A Store is an [audit.Store] over a table. Its methods join the transaction of their
// context, if there is one. It is safe for concurrent use, holds nothing that must be
// closed, and starts no goroutine; make one with [New]. Errors of the database are
// wrapped with [audit.Err] and keep their sentinels.
type Store struct {
	db     sqldb.DB
	expire string
}

var (
	_ audit.Counter = (*Store)(nil)
	_ audit.Expirer = (*Store)(nil)
)

// New returns the store in db, which has the table of [Migrations]. It does no I/O.
// A database that is nil or speaks neither dialect is an error wrapping [audit.Err].
func New(db sqldb.DB) (*Store, error) {
	if db == nil {
		return nil, audit.Err.Wrap(errors.New("the database is nil"), "sqlaudit: new")
	}
	book, err := phrase.For(db.Dialect())
	if err != nil {
		return nil, audit.Err.Wrap(err, "sqlaudit: new")
	}
	return &Store{db: db, expire: book.Fill(`DELETE FROM lexigram_audit WHERE id IN
		(SELECT id FROM lexigram_audit WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2 {skip})`)}, nil
}

// Append adds e, in the transaction of ctx if there is one; see [audit.Appender]. Errors
// wrap [audit.ErrInvalid], [audit.ErrDuplicate], which leaves a transaction as it was,
// or are those of the database.
func (s *Store) Append(ctx context.Context, e audit.Entry) error {
	if err := audit.CheckEntry(e); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return audit.Err.Wrap(context.Cause(ctx), "sqlaudit: append %q", e.ID)
	}
	args, err := arguments(e)
	if err != nil {
		return audit.Err.Wrap(err, "sqlaudit: append %q", e.ID)
	}
	n, err := s.db.Exec(ctx, insert, args...)
	switch {
	case err != nil:
		return audit.Err.Wrap(err, "sqlaudit: append %q", e.ID)
	case n == 0:
		return audit.ErrDuplicate.Wrap(nil, "sqlaudit: append %q", e.ID)
	}
	return nil
}

// Count returns how many entries q selects, its Limit aside; see [audit.Counter].
// Errors wrap [audit.ErrInvalid], or are those of the database.
func (s *Store) Count(ctx context.Context, q audit.Query) (n int64, err error) {
	c, err := begin(ctx, "count", q)
	if err != nil || c.nothing {
		return 0, err
	}
	if err := sqldb.QueryRow(ctx, s.db, "SELECT count(*) FROM lexigram_audit"+c.where(), c.args...).Scan(&n); err != nil {
		return 0, audit.Err.Wrap(err, "sqlaudit: count")
	}
	return n, nil
}

// perDelete is how many rows one statement of DeleteExpired deletes: it holds their locks, and SQLite's writer, for so long.
const perDelete = 500

// DeleteExpired deletes the entries that may be deleted at now, a few at a time, and
// returns how many; see [audit.Expirer]. After an error some are deleted and some not. It
// is safe beside everything else, also from several processes.
func (s *Store) DeleteExpired(ctx context.Context, now time.Time) (int64, error) {
	if ctx.Err() != nil {
		return 0, audit.Err.Wrap(context.Cause(ctx), "sqlaudit: delete expired")
	}
	for total := int64(0); ; {
		n, err := s.db.Exec(ctx, s.expire, now.UnixMicro(), perDelete)
		total += n
		if err != nil {
			return total, audit.Err.Wrap(err, "sqlaudit: delete expired")
		}
		if n < perDelete {
			return total, nil
		}
	}
}
