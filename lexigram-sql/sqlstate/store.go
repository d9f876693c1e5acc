package sqlstate

import (
	"context"
	"errors"
	"time"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/state"
	"github.com/lexigram/lexigram-go/lexigram-sql/internal/phrase"
)

// A Store is a [state.Store] over a table. Entries end by the clock of the database:
// from that instant on no method sees them, whether or not [Store.Sweep] has deleted
// their rows. It is safe for concurrent use, holds nothing that must be closed, and
// starts no goroutine; make one with [New]. Errors of the database are wrapped with
// [state.Err] and keep their sentinels.
type Store struct {
	db   sqldb.DB
	book phrase.Book
	sql  statements
}

var (
	_ state.Expirer = (*Store)(nil)
	_ state.Swapper = (*Store)(nil)
	_ state.Batcher = (*Store)(nil)
)

type statements struct{ get, set, create, swap, remove, delete, left, expire, sweep string }

// New returns the store in db, which has the table of [Migrations]. It does no I/O.
// A database that is nil or speaks neither dialect is an error wrapping [state.Err].
func New(db sqldb.DB) (*Store, error) {
	if db == nil {
		return nil, state.Err.Wrap(errors.New("the database is nil"), "sqlstate: new")
	}
	book, err := phrase.For(db.Dialect())
	if err != nil {
		return nil, state.Err.Wrap(err, "sqlstate: new")
	}
	return &Store{db: db, book: book, sql: newStatements(book)}, nil
}

// never is the end of what is permanent, and end when an entry of the ttl $n, in microseconds, ends.
const (
	never = 1<<63 - 1
	upon  = " ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = "
)

func end(param string) string {
	return "CASE WHEN CAST(" + param + " AS bigint) = 0 THEN 9223372036854775807 ELSE {now} + CAST(" + param + " AS bigint) END"
}

func newStatements(b phrase.Book) statements {
	insert := "INSERT INTO lexigram_state (key, value, expires_at) VALUES ($1, $2, " + end("$3") + ")" + upon + end("$3")
	return statements{
		get:    b.Fill("SELECT value FROM lexigram_state WHERE key = $1 AND expires_at > {now}"),
		set:    b.Fill(insert),
		create: b.Fill(insert + " WHERE lexigram_state.expires_at <= {now}"),
		swap:   b.Fill("UPDATE lexigram_state SET value = $2, expires_at = " + end("$3") + " WHERE key = $1 AND value = $4 AND expires_at > {now}"),
		remove: b.Fill("DELETE FROM lexigram_state WHERE key = $1 AND value = $2 AND expires_at > {now}"),
		delete: b.Fill("DELETE FROM lexigram_state WHERE key = $1 AND expires_at > {now}"),
		left:   b.Fill("SELECT expires_at, {now} FROM lexigram_state WHERE key = $1 AND expires_at > {now}"),
		expire: b.Fill("UPDATE lexigram_state SET expires_at = " + end("$2") + " WHERE key = $1 AND expires_at > {now}"),
		sweep: b.Fill(`DELETE FROM lexigram_state WHERE key IN
			(SELECT key FROM lexigram_state WHERE expires_at < 9223372036854775807 AND expires_at <= {moment} ORDER BY expires_at LIMIT $1 {skip})
			AND expires_at <= {now}`),
	}
}

// bytesOf returns value as a column that is not NULL takes it.
func bytesOf(value []byte) []byte {
	if value == nil {
		return []byte{}
	}
	return value
}

// Get returns the entry under key. Errors wrap [state.ErrNotFound], [state.ErrKey],
// or are those of the database.
func (s *Store) Get(ctx context.Context, key string) ([]byte, error) {
	if err := check(ctx, "get", key, state.Permanent); err != nil {
		return nil, err
	}
	var value []byte
	err := sqldb.QueryRow(sqldb.Detach(ctx), s.db, s.sql.get, []byte(key)).Scan(&value)
	if errors.Is(err, sqldb.ErrNoRows) {
		return nil, state.ErrNotFound
	} else if err != nil {
		return nil, state.Err.Wrap(err, "sqlstate: get %.40q", key)
	}
	return bytesOf(value), nil
}

// Set stores value under key. Errors wrap [state.ErrKey], [state.ErrTTL], or are those
// of the database.
func (s *Store) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if err := check(ctx, "set", key, ttl); err != nil {
		return err
	}
	_, err := s.exec(ctx, "set", key, s.sql.set, bytesOf(value), phrase.Micros(ttl))
	return err
}

// Delete removes the entry under key and reports whether there was one. Errors wrap
// [state.ErrKey], or are those of the database.
func (s *Store) Delete(ctx context.Context, key string) (bool, error) {
	if err := check(ctx, "delete", key, state.Permanent); err != nil {
		return false, err
	}
	n, err := s.exec(ctx, "delete", key, s.sql.delete)
	return n > 0, err
}

// TTL returns how long the entry under key lasts; see [state.Expirer]. Errors wrap
// [state.ErrNotFound], [state.ErrKey], or are those of the database.
func (s *Store) TTL(ctx context.Context, key string) (time.Duration, error) {
	if err := check(ctx, "ttl of", key, state.Permanent); err != nil {
		return 0, err
	}
	var expires, now int64
	err := sqldb.QueryRow(sqldb.Detach(ctx), s.db, s.sql.left, []byte(key)).Scan(&expires, &now)
	switch {
	case errors.Is(err, sqldb.ErrNoRows):
		return 0, state.ErrNotFound
	case err != nil:
		return 0, state.Err.Wrap(err, "sqlstate: ttl of %.40q", key)
	case expires == never:
		return state.Permanent, nil
	}
	left := min(max(expires-now, 1), int64(1<<63-1)/int64(time.Microsecond)) // it ended while the statement ran, or is the longest
	return time.Duration(left) * time.Microsecond, nil
}

// Expire makes the entry under key last for ttl from now. Errors wrap
// [state.ErrNotFound], [state.ErrKey], [state.ErrTTL], or are those of the database.
func (s *Store) Expire(ctx context.Context, key string, ttl time.Duration) error {
	if err := check(ctx, "expire", key, ttl); err != nil {
		return err
	}
	n, err := s.exec(ctx, "expire", key, s.sql.expire, phrase.Micros(ttl))
	if err == nil && n == 0 {
		return state.ErrNotFound
	}
	return err
}

// exec runs a statement about one key and returns how many rows it affected.
func (s *Store) exec(ctx context.Context, op, key, sql string, args ...any) (int64, error) {
	n, err := s.book.Exec(ctx, s.db, sql, append([]any{[]byte(key)}, args...)...)
	if err != nil {
		return 0, state.Err.Wrap(err, "sqlstate: %s %.40q", op, key)
	}
	return n, nil
}

// Sweep deletes the rows of entries that have ended, a few at a time, and returns how
// many. It is safe beside everything else, also from several processes.
func (s *Store) Sweep(ctx context.Context) (int64, error) {
	n, err := s.book.Sweep(ctx, s.db, s.sql.sweep)
	if err != nil {
		err = state.Err.Wrap(err, "sqlstate: sweep")
	}
	return n, err
}

// check refuses what no method may begin with.
func check(ctx context.Context, op, key string, ttl time.Duration) error {
	if err := state.CheckKey(key); err != nil {
		return err
	}
	if err := state.CheckTTL(ttl); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return state.Err.Wrap(context.Cause(ctx), "sqlstate: %s %.40q", op, key)
	}
	return nil
}
