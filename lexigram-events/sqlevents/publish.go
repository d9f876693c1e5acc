package sqlevents

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-events/internal/sqlqueue"
)

// perInsert is how many events one statement inserts.
const perInsert = (sqldb.MaxParams - 1) / sqlqueue.NumColumns

// Publish implements [events.Publisher]: the events are taken when the ambient
// transaction of ctx commits, or when Publish returns if there is none, and
// are as durable as the database. Time is kept to the microsecond, in UTC. The
// tables grow as they must: a bus is never full. In a transaction that reads of
// one snapshot the groups are those of its beginning.
func (b *Bus) Publish(ctx context.Context, evs ...events.Event) error {
	for i := range evs {
		if err := events.Check(evs[i]); err != nil {
			return err
		}
	}
	if len(evs) == 0 {
		return nil
	}
	if b.isClosed() {
		return events.ErrClosed.Wrap(nil, "sqlevents: publish %q", evs[0].ID)
	}
	if ctx.Err() != nil {
		return events.Err.Wrap(context.Cause(ctx), "sqlevents: publish %q", evs[0].ID)
	}
	err := b.publish(ctx, evs)
	if err == nil {
		err = b.notify(ctx)
	}
	if err != nil {
		if cause := context.Cause(ctx); cause != nil && !errors.Is(err, cause) {
			err = errors.Join(cause, err)
		}
		return events.Err.Wrap(err, "sqlevents: publish %q", evs[0].ID)
	}
	b.opts.Observer.Count(ctx, "sqlevents.published", int64(len(evs)))
	return nil
}

func (b *Bus) publish(ctx context.Context, evs []events.Event) error {
	if len(evs) <= perInsert {
		return b.insert(ctx, evs)
	}
	return b.db.InTx(ctx, func(ctx context.Context) error {
		for part := range slices.Chunk(evs, perInsert) {
			if err := b.insert(ctx, part); err != nil {
				return err
			}
		}
		return nil
	})
}

// insert writes evs for the groups that there are. The statement writes nothing
// if those have changed: then it is made anew.
func (b *Bus) insert(ctx context.Context, evs []events.Event) error {
	set, err := b.known(ctx)
	if err != nil {
		return err
	}
	args := make([]any, 1, 1+len(evs)*sqlqueue.NumColumns)
	now := b.opts.Clock.Now()
	for i := range evs {
		if args, err = sqlqueue.AppendArgs(args, &evs[i], sqlqueue.Headers(ctx, b.opts.Observer, &evs[i]), now); err != nil {
			return err
		}
	}
	for {
		args[0] = set.version
		n, err := b.db.Exec(ctx, insertion(b.db.Dialect(), set, evs), args...)
		if err != nil || n > 0 {
			return err
		}
		used := set.version
		if set, err = b.renew(ctx); err != nil {
			return err
		}
		if set.version == used {
			return nil // they are all there
		}
	}
}

// insertion returns the statement: for each event a row of group 0, which is
// what the bus keeps, and one of each group that wants it, unless group 0 has the
// event; all that only if the groups are still those of version $1.
func insertion(d sqldb.Dialect, set *groupSet, evs []events.Event) string {
	var sql strings.Builder
	sql.WriteString("INSERT INTO " + table + " (group_id, " + sqlqueue.Columns + ", status, settled_at) SELECT ")
	const columns = 1 + sqlqueue.NumColumns + 2
	for i := range columns {
		if i > 0 {
			sql.WriteByte(',')
		}
		sql.WriteString("v.column" + strconv.Itoa(i+1))
	}
	sql.WriteString(" FROM (VALUES ")
	row := 0
	for i := range evs {
		write := func(group int64) {
			if row++; row > 1 {
				sql.WriteByte(',')
			}
			writeRow(&sql, d, row, group, 2+i*sqlqueue.NumColumns)
		}
		write(0)
		set.wanting(evs[i].Type, write)
	}
	sql.WriteString(`) AS v WHERE (SELECT version FROM lexigram_event_version WHERE id = 1) = CAST($1 AS BIGINT) AND NOT EXISTS (
		SELECT 1 FROM ` + table + ` q WHERE q.group_id = 0 AND q.tenant = v.column2 AND q.source = v.column3 AND q.id = v.column4)
		ORDER BY v.column` + strconv.Itoa(columns+1) + ` ON CONFLICT (group_id, tenant, source, id) DO NOTHING`)
	return sql.String()
}

// types of sqlqueue.Columns, for the first of the rows: those of the others follow.
var types = [sqlqueue.NumColumns]string{"TEXT", "TEXT", "TEXT", "TEXT", "TEXT", "BIGINT", "BIGINT", "TEXT", "TEXT", "BYTEA", "BIGINT"}

// writeRow writes the group, the columns from $first, status, settled_at and
// the number of the row, which keeps their order.
func writeRow(sql *strings.Builder, d sqldb.Dialect, row int, group int64, first int) {
	sql.WriteByte('(')
	sql.WriteString(strconv.FormatInt(group, 10))
	for i, typ := range types {
		param := "$" + strconv.Itoa(first+i)
		if row == 1 && d == sqldb.Postgres {
			param = "CAST(" + param + " AS " + typ + ")"
		}
		sql.WriteString("," + param)
	}
	if group == 0 { // what is kept is done from the beginning
		sql.WriteString(",1,$" + strconv.Itoa(first+sqlqueue.NumColumns-1))
	} else {
		sql.WriteString(",0,0")
	}
	sql.WriteString("," + strconv.Itoa(row) + ")")
}
