package sqleventstore

import (
	"strconv"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-events/internal/eventrow"
)

// A dialect is what differs between databases.
type dialect struct {
	place     string // columns of a position
	columns   string // those of them that an append sets
	values    string // what it sets them to
	epoch     string // a table of the one epoch that is appended in
	last      string // columns of the last event that values needs
	after     string // a condition: behind the position $1, $2, $3
	order     string
	settled   string // a condition
	ahead     string // whether the position $1, $2, $3 is one that was not given
	blob      string
	conflicts bool // two statements may append at the same version at a time
}

// history is what the numbers of transactions belong to.
const history = "(SELECT CAST(system_identifier AS TEXT) FROM pg_control_system()) || '/' || SUBSTR(pg_walfile_name(pg_current_wal_lsn()), 1, 8)"

// current is the epoch of this history. A replica cannot tell its history, and
// takes the latest epoch for it: if it is not, what is in it shows late.
const current = "CASE WHEN pg_is_in_recovery() THEN (SELECT MAX(epoch) FROM lexigram_event_epoch) ELSE (SELECT epoch FROM lexigram_event_epoch WHERE history = " + history + ") END"

func dialectOf(d sqldb.Dialect) dialect {
	if d != sqldb.Postgres {
		return dialect{
			place: "0, 0, seq",
			epoch: "(SELECT 1 AS epoch)", last: "version",
			after: "seq > $3 AND $1 = $2", order: "seq",
			ahead: "SELECT $3 > COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'lexigram_event'), 0) OR $1 <> 0 OR $2 <> 0",
			blob:  "BLOB",
		}
	}
	bigint := func(xid string) string { return "CAST(CAST(" + xid + " AS TEXT) AS BIGINT)" }
	return dialect{
		place:   "epoch, txn, seq",
		columns: "epoch, txn, ",
		values:  "h.epoch, GREATEST(" + bigint("pg_current_xact_id()") + ", CASE WHEN l.epoch = h.epoch THEN l.txn ELSE 0 END), ",
		epoch:   "(SELECT epoch FROM lexigram_event_epoch WHERE history = " + history + ")",
		last:    "version, epoch, txn",
		after:   "(epoch, txn, seq) > ($1, $2, $3)", order: "epoch, txn, seq",
		// What is of an earlier history is all there.
		// As a CASE it filters what the index yields in order; as an OR it might
		// have everything read, and sorted.
		settled: " AND CASE WHEN txn < " + bigint(eventrow.Settled) + " THEN TRUE ELSE epoch IS DISTINCT FROM (" + current + ") END",
		// A transaction that is in progress may have a number, and tell a position,
		// behind those that have ended, but not far behind.
		ahead: "SELECT $1 > COALESCE((SELECT MAX(epoch) FROM lexigram_event_epoch), 0) OR $1 = (" + current + ") AND $2 > " +
			bigint("pg_snapshot_xmax(pg_current_snapshot())") + " + 1000000 OR $3 < 0",
		blob:      "BYTEA",
		conflicts: true,
	}
}

// insert returns the statement that appends n events to the stream $1 if it is at
// the version $2, and returns the version and the place of each. With skip an
// event that collides with one that another appends at the same time is left out: then it does
// not fail, and a transaction that sees an old snapshot loses a race.
func (d dialect) insert(n int, skip bool) string {
	var b strings.Builder
	b.WriteString("INSERT INTO lexigram_event (stream, version, " + d.columns + eventrow.Columns +
		") SELECT CAST($1 AS TEXT), COALESCE(l.version, 0) + v.nr, " + d.values + eventrow.Columns + " FROM " + d.epoch +
		" AS h LEFT JOIN (SELECT " + d.last + " FROM lexigram_event WHERE stream = $1 ORDER BY version DESC LIMIT 1) AS l ON TRUE CROSS JOIN (")
	names := strings.Split(eventrow.Columns, ", ")
	for i := range n {
		if i > 0 {
			b.WriteString(" UNION ALL ")
		}
		b.WriteString("SELECT " + strconv.Itoa(i+1) + " AS nr")
		for j, name := range names {
			b.WriteString(", CAST($" + strconv.Itoa(3+i*len(names)+j) + " AS " + d.typeOf(name) + ") AS " + name)
		}
	}
	b.WriteString(") AS v WHERE CAST($2 AS BIGINT) = -1 OR COALESCE(l.version, 0) = $2 ORDER BY v.nr")
	if skip {
		b.WriteString(" ON CONFLICT (stream, version) DO NOTHING")
	}
	b.WriteString(" RETURNING version, " + d.place)
	return b.String()
}

func (d dialect) typeOf(column string) string {
	switch column {
	case "occurred_at", "schema_version":
		return "BIGINT"
	case "data":
		return d.blob
	}
	return "TEXT"
}

// few is how many events are appended with one statement outside a transaction:
// of many, its plan is what takes the time.
const few = 16

// rest returns the statement that appends n events at versions that nobody can take.
func (d dialect) rest(n int) string {
	var b strings.Builder
	b.WriteString("INSERT INTO lexigram_event (" + strings.Join(d.restColumns(), ", ") + ") VALUES ")
	width := len(d.restColumns())
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('(')
		eventrow.Placeholders(&b, 1+i*width, width)
		b.WriteByte(')')
	}
	b.WriteString(" RETURNING version, " + d.place)
	return b.String()
}

// restColumns are those of a row that an insert names.
func (d dialect) restColumns() []string {
	return strings.Split("stream, version, "+d.columns+eventrow.Columns, ", ")
}
