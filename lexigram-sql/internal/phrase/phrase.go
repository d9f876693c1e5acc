// Package phrase writes statements of stores for the dialect of their database.
package phrase

import (
	"context"
	"errors"
	"math/bits"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// A Book fills in what the dialects say differently. It is immutable.
type Book struct {
	dialect sqldb.Dialect
	words   *strings.Replacer
}

// For returns the book of d, or an error that is errors.ErrUnsupported.
//
//	{now}     the clock of the database when it is evaluated, in microseconds since 1970: a
//	          bigint. SQLite's has milliseconds, and stands still during a statement.
//	{moment}  the same once for the whole statement, so that an index serves comparisons
//	{bytes}   the type of bytes
//	{skip}    what locks the rows of a subquery and passes over those that others have locked;
//	          nothing where there is one writer
func For(d sqldb.Dialect) (Book, error) {
	var now, bytes, skip string
	switch d {
	case sqldb.Postgres:
		now, bytes, skip = "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS bigint)", "bytea", "FOR UPDATE SKIP LOCKED"
	case sqldb.SQLite:
		now, bytes = "CAST(round(unixepoch('subsec') * 1000) * 1000 AS bigint)", "blob"
	default:
		return Book{}, sqldb.Err.Wrap(errors.ErrUnsupported, "sql: dialect %q is neither sqlite nor postgres", d)
	}
	return Book{d, strings.NewReplacer("{now}", now, "{moment}", "(SELECT "+now+")", "{bytes}", bytes, "{skip}", skip)}, nil
}

// Fill returns sql in the dialect.
func (b Book) Fill(sql string) string { return b.words.Replace(sql) }

// again is how often Alone runs a statement.
const again = 10

// Alone runs one statement outside transactions, and again if it lost a race: where the
// server's default is more than READ COMMITTED, one that waited for another is refused,
// and did nothing. SQLite has waited already, as long as its configuration says.
func (b Book) Alone(ctx context.Context, statement func(ctx context.Context) error) error {
	ctx = sqldb.Detach(ctx)
	err := statement(ctx)
	for i := 1; i < again && b.dialect == sqldb.Postgres && errors.Is(err, sqldb.ErrSerialization); i++ {
		t := time.NewTimer(rand.N(time.Millisecond << i))
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return err
		}
		err = statement(ctx)
	}
	return err
}

// Exec runs one statement as [Book.Alone] does, and returns how many rows it affected.
func (b Book) Exec(ctx context.Context, db sqldb.Querier, sql string, args ...any) (n int64, err error) {
	err = b.Alone(ctx, func(ctx context.Context) (err error) {
		n, err = db.Exec(ctx, sql, args...)
		return err
	})
	return n, err
}

// perSweep is how many rows one statement of Sweep deletes: it holds their locks, and
// SQLite's writer, for so long.
const perSweep = 500

// Sweep runs a statement that deletes at most as many rows as its last argument says,
// until it deletes fewer, and returns how many those were. After an error some are deleted.
func (b Book) Sweep(ctx context.Context, db sqldb.Querier, sql string, args ...any) (total int64, err error) {
	for args = append(args, perSweep); ; {
		n, err := b.Exec(ctx, db, sql, args...)
		total += n
		if err != nil || n < perSweep {
			return total, err
		}
	}
}

// Placeholders returns n of them from $first, with commas.
func Placeholders(first, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(first + i))
	}
	return b.String()
}

// Keys returns keys, which are not empty and at most sqldb.MaxParams, as arguments of
// an IN. They are filled up to a power of two with the last one, so that a database
// prepares few statements.
func Keys(keys []string) []any {
	args := make([]any, min(1<<bits.Len(uint(len(keys)-1)), sqldb.MaxParams))
	for i := range args {
		args[i] = []byte(keys[min(i, len(keys)-1)])
	}
	return args
}
