package sqlidempotency

import (
	"context"
	"errors"
	"time"

	"github.com/lexigram/lexigram-go/contracts/idempotency"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/internal/phrase"
)

// A Store is an [idempotency.Store] over a table. Records end by the clock of the
// database. It is safe for concurrent use, holds nothing that must be closed, and
// starts no goroutine; make one with [New]. Errors of the database are wrapped with
// [idempotency.Err] and keep their sentinels.
type Store struct {
	db   sqldb.DB
	book phrase.Book
	sql  statements
}

var _ idempotency.Reader = (*Store)(nil)

type statements struct{ read, insert, reclaim, renew, complete, release, sweep string }

// New returns the store in db, which has the table of [Migrations]. It does no I/O.
// A database that is nil or speaks neither dialect is an error wrapping [idempotency.Err].
func New(db sqldb.DB) (*Store, error) {
	if db == nil {
		return nil, idempotency.Err.Wrap(errors.New("the database is nil"), "sqlidempotency: new")
	}
	book, err := phrase.For(db.Dialect())
	if err != nil {
		return nil, idempotency.Err.Wrap(err, "sqlidempotency: new")
	}
	return &Store{db: db, book: book, sql: newStatements(book)}, nil
}

// What Acquire and Release write passes over a row that another transaction has
// locked: a Complete that is not committed, perhaps for long, and perhaps of the
// transaction that the caller is in.
func newStatements(b phrase.Book) statements {
	const own = "SELECT key FROM lexigram_idempotency WHERE key = $1 AND token = $2 AND status = 0 AND expires_at > {now} {skip}"
	return statements{
		read: b.Fill("SELECT token, fingerprint, status, result, created_at, expires_at, {now} FROM lexigram_idempotency WHERE key = $1"),
		insert: b.Fill(`INSERT INTO lexigram_idempotency (key, token, fingerprint, status, result, created_at, expires_at)
			VALUES ($1, $2, $3, 0, $4, {now}, {now} + CAST($5 AS bigint)) ON CONFLICT DO NOTHING RETURNING created_at, expires_at`),
		reclaim: b.Fill(`UPDATE lexigram_idempotency SET token = $2, fingerprint = $3, status = 0, result = $4, created_at = {now}, expires_at = {now} + CAST($5 AS bigint)
			WHERE key IN (SELECT key FROM lexigram_idempotency WHERE key = $1 AND expires_at <= {now} {skip}) RETURNING created_at, expires_at`),
		renew:    b.Fill("UPDATE lexigram_idempotency SET expires_at = {now} + CAST($3 AS bigint) WHERE key IN (" + own + ") RETURNING created_at, expires_at"),
		complete: b.Fill("UPDATE lexigram_idempotency SET status = 1, result = $3, expires_at = {now} + CAST($4 AS bigint) WHERE key = $1 AND token = $2 AND status = 0 AND expires_at > {now}"),
		release:  b.Fill("DELETE FROM lexigram_idempotency WHERE key IN (" + own + ")"),
		sweep: b.Fill(`DELETE FROM lexigram_idempotency WHERE key IN
			(SELECT key FROM lexigram_idempotency WHERE expires_at <= {moment} ORDER BY expires_at LIMIT $1 {skip}) AND expires_at <= {now}`),
	}
}

// A row is a record, and what only the store knows of it. found is false if there is none.
type row struct {
	idempotency.Record
	token string
	now   time.Time // of the database
	found bool
}

func (r row) live() bool { return r.found && r.now.Before(r.ExpiresAt) }

// read returns the row of key, which may have expired.
func (s *Store) read(ctx context.Context, key string) (row, error) {
	var token, fingerprint, result []byte
	var status, created, expires, now int64
	err := sqldb.QueryRow(ctx, s.db, s.sql.read, []byte(key)).Scan(&token, &fingerprint, &status, &result, &created, &expires, &now)
	if errors.Is(err, sqldb.ErrNoRows) {
		return row{}, nil
	} else if err != nil {
		return row{}, err
	}
	return row{
		Record: idempotency.Record{
			Key: key, Fingerprint: string(fingerprint), Status: idempotency.Status(status), Result: result,
			CreatedAt: time.UnixMicro(created).UTC(), ExpiresAt: time.UnixMicro(expires).UTC(),
		},
		token: string(token), now: time.UnixMicro(now).UTC(), found: true,
	}, nil
}

// Get returns the live record of key; see [idempotency.Reader]. Errors wrap
// [idempotency.ErrNotFound], [idempotency.ErrClaim], or are those of the database. It
// joins the transaction of ctx, as Complete does.
func (s *Store) Get(ctx context.Context, key string) (idempotency.Record, error) {
	if err := check(ctx, "get", idempotency.Claim{Key: key, Token: "-"}, time.Hour); err != nil {
		return idempotency.Record{}, err
	}
	r, err := s.read(ctx, key)
	switch {
	case err != nil:
		return idempotency.Record{}, idempotency.Err.Wrap(err, "sqlidempotency: get %.40q", key)
	case !r.live():
		return idempotency.Record{}, idempotency.ErrNotFound.Wrap(nil, "sqlidempotency: get %.40q", key)
	}
	return r.Record, nil
}

// Complete keeps result as that of c, in the transaction of ctx if there is one; see
// [idempotency.Store]. Errors wrap [idempotency.ErrLost], [idempotency.ErrClaim],
// [idempotency.ErrTTL], or are those of the database. ErrLost leaves a transaction as
// it was: return it, so that the effect is not kept either.
func (s *Store) Complete(ctx context.Context, c idempotency.Claim, result []byte, ttl time.Duration) error {
	if err := check(ctx, "complete", c, ttl); err != nil {
		return err
	}
	if result == nil {
		result = []byte{}
	}
	n, err := s.db.Exec(ctx, s.sql.complete, []byte(c.Key), []byte(c.Token), result, phrase.Micros(ttl))
	if err == nil && n == 0 {
		var r row
		if r, err = s.read(ctx, c.Key); err == nil && (!r.live() || r.token != c.Token || r.Status != idempotency.Complete) {
			return idempotency.ErrLost.Wrap(nil, "sqlidempotency: complete %.40q", c.Key)
		}
	}
	if err != nil {
		return idempotency.Err.Wrap(err, "sqlidempotency: complete %.40q", c.Key)
	}
	return nil
}

// Release drops c if it is pending; see [idempotency.Store]. A c that an open
// transaction has completed stays: that transaction decides. Errors wrap
// [idempotency.ErrClaim], or are those of the database.
func (s *Store) Release(ctx context.Context, c idempotency.Claim) error {
	if err := check(ctx, "release", c, time.Hour); err != nil {
		return err
	}
	if _, err := s.book.Exec(ctx, s.db, s.sql.release, []byte(c.Key), []byte(c.Token)); err != nil {
		return idempotency.Err.Wrap(err, "sqlidempotency: release %.40q", c.Key)
	}
	return nil
}

// Sweep deletes the rows of records that have expired, a few at a time, and returns
// how many. It is safe beside everything else, also from several processes.
func (s *Store) Sweep(ctx context.Context) (int64, error) {
	n, err := s.book.Sweep(ctx, s.db, s.sql.sweep)
	if err != nil {
		err = idempotency.Err.Wrap(err, "sqlidempotency: sweep")
	}
	return n, err
}

// check refuses what no method may begin with.
func check(ctx context.Context, op string, c idempotency.Claim, ttl time.Duration) error {
	if err := idempotency.CheckClaim(c); err != nil {
		return err
	}
	if err := idempotency.CheckTTL(ttl); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return idempotency.Err.Wrap(context.Cause(ctx), "sqlidempotency: %s %.40q", op, c.Key)
	}
	return nil
}
