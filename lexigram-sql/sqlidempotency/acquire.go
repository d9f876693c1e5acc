package sqlidempotency

import (
	"context"
	"errors"
	"time"

	"github.com/lexigram/lexigram-go/contracts/idempotency"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/internal/phrase"
)

// tries is how often Acquire looks at a key that others lock or change between its
// reading and its writing, in an eighth of a second. After patient of them a claim
// that stands and cannot be written to is one that a transaction completes: others hold
// a row for a statement.
const (
	tries   = 8
	patient = 4
)

var errRaces = errors.New("the key changes all the time")

// Acquire claims c.Key; see [idempotency.Store]. Errors wrap [idempotency.ErrClaim],
// [idempotency.ErrTTL], or are those of the database, such as sqldb.ErrTxBusy inside a
// transaction of SQLite that writes. A claim that has ended while the transaction that
// completes it is open is returned as pending, and ends a moment from now; renewed, it
// keeps the end it had.
func (s *Store) Acquire(ctx context.Context, c idempotency.Claim, ttl time.Duration) (idempotency.Record, bool, error) {
	if err := check(ctx, "acquire", c, ttl); err != nil {
		return idempotency.Record{}, false, err
	}
	ctx = sqldb.Detach(ctx)
	var before row
	for i := range tries {
		if i > 0 && !sleep(ctx, time.Millisecond<<(i-1)) {
			return idempotency.Record{}, false, idempotency.Err.Wrap(context.Cause(ctx), "sqlidempotency: acquire %.40q", c.Key)
		}
		r, err := s.read(ctx, c.Key)
		var got row
		switch {
		case err != nil:
		case r.live() && r.token != c.Token, r.live() && r.Status == idempotency.Complete:
			return r.Record, r.token == c.Token, nil
		case r.live():
			got, err = s.write(ctx, s.sql.renew, c, ttl, []byte(c.Key), []byte(c.Token), phrase.Micros(ttl))
		case r.found:
			got, err = s.write(ctx, s.sql.reclaim, c, ttl, []byte(c.Key), []byte(c.Token), []byte(c.Fingerprint), []byte{}, phrase.Micros(ttl))
		default:
			got, err = s.write(ctx, s.sql.insert, c, ttl, []byte(c.Key), []byte(c.Token), []byte(c.Fingerprint), []byte{}, phrase.Micros(ttl))
		}
		switch {
		case err != nil:
			return idempotency.Record{}, false, idempotency.Err.Wrap(err, "sqlidempotency: acquire %.40q", c.Key)
		case got.found:
			return got.Record, true, nil
		case r.Status == idempotency.Pending && before.same(r) && (r.live() || i >= patient):
			return r.locked(), r.live() && r.token == c.Token, nil
		}
		before = r
	}
	return idempotency.Record{}, false, idempotency.Err.Wrap(errRaces, "sqlidempotency: acquire %.40q", c.Key)
}

// write runs a statement that makes the claim live, and returns it unless it was
// passed over.
func (s *Store) write(ctx context.Context, sql string, c idempotency.Claim, ttl time.Duration, args ...any) (row, error) {
	var created, expires int64
	err := s.book.Alone(ctx, func(ctx context.Context) error {
		return sqldb.QueryRow(ctx, s.db, sql, args...).Scan(&created, &expires)
	})
	if errors.Is(err, sqldb.ErrNoRows) {
		return row{}, nil
	} else if err != nil {
		return row{}, err
	}
	return row{found: true, Record: idempotency.Record{
		Key: c.Key, Fingerprint: c.Fingerprint,
		CreatedAt: time.UnixMicro(created).UTC(), ExpiresAt: time.UnixMicro(expires).UTC(),
	}}, nil
}

// same reports whether two readings found the same: what was passed over in between
// is locked.
func (r row) same(again row) bool {
	return r.found && r.live() == again.live() && r.token == again.token && r.Status == again.Status && r.ExpiresAt.Equal(again.ExpiresAt)
}

// locked returns the record of a row that an open transaction has locked.
func (r row) locked() idempotency.Record {
	if !r.live() {
		r.ExpiresAt = r.now.Add(time.Millisecond)
	}
	return r.Record
}

// sleep reports whether it slept for d, and false as soon as ctx ends.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
