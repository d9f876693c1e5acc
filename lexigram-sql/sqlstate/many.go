package sqlstate

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/state"
	"github.com/lexigram/lexigram-go/lexigram-sql/internal/phrase"
)

// GetMany returns the live entries among keys, in one statement for 999 keys. Its
// errors are those of Get, but a missing entry is none.
func (s *Store) GetMany(ctx context.Context, keys []string) (map[string][]byte, error) {
	if err := checkMany(ctx, "get many", keys, state.Permanent); err != nil {
		return nil, err
	}
	found := make(map[string][]byte, len(keys))
	keys = slices.Compact(slices.Sorted(slices.Values(keys)))
	for part := range slices.Chunk(keys, sqldb.MaxParams) {
		args := phrase.Keys(part)
		sql := s.book.Fill("SELECT key, value FROM lexigram_state WHERE expires_at > {now} AND key IN (" + phrase.Placeholders(1, len(args)) + ")")
		for e, err := range sqldb.Select(sqldb.Detach(ctx), s.db, scan, sql, args...) {
			if err != nil {
				return nil, state.Err.Wrap(err, "sqlstate: get many")
			}
			found[string(e.key)] = bytesOf(e.value)
		}
	}
	return found, nil
}

type entry struct{ key, value []byte }

func scan(r sqldb.Rows) (e entry, err error) {
	err = r.Scan(&e.key, &e.value)
	return e, err
}

// perInsert leaves a parameter for the ttl.
const perInsert = (sqldb.MaxParams - 1) / 2

// SetMany stores each entry for ttl, in one statement for 499 entries. Its errors are
// those of Set; after an error of the database some may be stored and some not.
func (s *Store) SetMany(ctx context.Context, entries map[string][]byte, ttl time.Duration) error {
	keys := slices.Sorted(maps.Keys(entries)) // all callers lock rows in one order
	if err := checkMany(ctx, "set many", keys, ttl); err != nil {
		return err
	}
	for part := range slices.Chunk(keys, perInsert) {
		var sql strings.Builder
		sql.WriteString("INSERT INTO lexigram_state (key, value, expires_at) VALUES ")
		args := make([]any, 1, 1+2*len(part))
		args[0] = phrase.Micros(ttl)
		for i, key := range part {
			if i > 0 {
				sql.WriteByte(',')
			}
			sql.WriteString("(" + phrase.Placeholders(len(args)+1, 2) + "," + end("$1") + ")")
			args = append(args, []byte(key), bytesOf(entries[key]))
		}
		sql.WriteString(upon + end("$1"))
		if _, err := s.book.Exec(ctx, s.db, s.book.Fill(sql.String()), args...); err != nil {
			return state.Err.Wrap(err, "sqlstate: set %d entries", len(part))
		}
	}
	return nil
}

// checkMany refuses what no method may begin with.
func checkMany(ctx context.Context, op string, keys []string, ttl time.Duration) error {
	if err := state.CheckTTL(ttl); err != nil {
		return err
	}
	for _, key := range keys {
		if err := state.CheckKey(key); err != nil {
			return err
		}
	}
	if ctx.Err() != nil {
		return state.Err.Wrap(context.Cause(ctx), "sqlstate: %s", op)
	}
	return nil
}
