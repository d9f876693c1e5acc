package sqlqueue

import (
	"strconv"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-events/internal/eventrow"
)

// A Table is a queue of events: the rows of a table, or those of one group in
// it. The table has the columns of Columns, and seq, status, attempts,
// hold_until, owner, reason and settled_at; beside it stands <name>_claim with
// the columns id and claims and a row for each queue. It is immutable.
//
// status: 0 waits, 1 done, 2 dead. hold_until: a row that waits is claimed (it
// has an owner) or is due for another attempt (it has none) then.
type Table struct {
	DB   sqldb.DB
	name string
	mine string // a condition, "" or one that begins with AND
	by   string // the columns of the order

	first    string // a look
	due      string // whether there is any, settled or not
	claim    string // at the instant $1, for the token $2, until $3, at most $4
	done     string // at $1, of the token $2, those of $3, a list with commas
	dropped  string // a dead one that is not kept
	lag      string
	letters  string
	unclaim  string
	foreign  string // "" or: numbers of transactions of another server begin anew
	sweeping string
}

// Columns are those that an insert names, in the order of [AppendArgs].
const Columns = eventrow.Columns + ", created_at"

// NumColumns is how many those are.
const NumColumns = eventrow.Width + 1

const rowColumns = "seq, source, id, event_type, event_key, occurred_at, schema_version, media_type, headers, data, attempts"

// Whole returns the queue that is a table of its own, name, whose turn has the ID 1.
func Whole(db sqldb.DB, name string) *Table { return newTable(db, name, "", 1) }

// Part returns the queue of the rows of name whose column is id, which is also
// the ID of its turn.
func Part(db sqldb.DB, name, column string, id int64) *Table {
	return newTable(db, name, " AND "+column+" = "+strconv.FormatInt(id, 10), id)
}

func newTable(db sqldb.DB, name, mine string, turn int64) *Table {
	t := &Table{DB: db, name: name, mine: mine}
	sql := func(s string) string {
		return strings.NewReplacer("{T}", name, "{MINE}", mine, "{TURN}", strconv.FormatInt(turn, 10), "{BY}", t.by, "{ROW}", rowColumns).Replace(s)
	}
	// What may be claimed at the instant $1: nothing of a key of which anything
	// is claimed or waits for another attempt. Because rows are taken in order, whatever of the key is
	// earlier is taken with it. The keys that are held are few, so they are
	// listed once instead of looked up for every row.
	due := `FROM {T} WHERE status = 0{MINE} AND hold_until <= $1 AND (event_key = '' OR event_key NOT IN (
		SELECT h.event_key FROM {T} h WHERE h.status = 0{MINE} AND h.hold_until > 0 AND h.hold_until > $1))`
	take := `UPDATE {T} SET owner = $2, hold_until = $3 WHERE status = 0{MINE} AND hold_until <= $1 AND seq IN (SELECT seq `
	among, settled := "IN (SELECT value FROM json_each('[' || $3 || ']'))", ""
	if t.by = "seq"; db.Dialect() == sqldb.Postgres {
		t.by, settled = "xid, seq", settledOnPostgres
		among = "= ANY (CAST(string_to_array($3, ',') AS bigint[]))"
		t.due = sql("SELECT EXISTS (SELECT 1 " + due + ")")
		t.claim = sql(turnOnPostgres + take + due + settled + ` AND EXISTS (SELECT 1 FROM turn) ORDER BY {BY} LIMIT $4) RETURNING {ROW}, CAST(CAST(xid AS text) AS bigint)`)
		t.foreign = sql(foreignOnPostgres)
	} else {
		t.claim = sql(take + due + ` ORDER BY {BY} LIMIT $4) RETURNING {ROW}, seq`)
	}
	t.first = sql("SELECT seq " + due + settled + " ORDER BY {BY} LIMIT 1")
	t.done = sql("UPDATE {T} SET status = 1, settled_at = $1, owner = '', hold_until = 0, reason = '' WHERE owner = $2 AND owner <> '' AND seq " + among)
	t.dropped = sql("UPDATE {T} SET status = 1, attempts = attempts + 1, settled_at = $3, reason = $4, owner = '', hold_until = 0 WHERE status = 0 AND seq = $1 AND owner = $2")
	t.lag = sql("SELECT created_at FROM {T} WHERE status = 0{MINE} ORDER BY {BY} LIMIT 1")
	t.letters = sql("SELECT {ROW}, reason, settled_at FROM {T} WHERE status = 2{MINE} AND seq > $1 ORDER BY seq LIMIT $2")
	t.unclaim = sql("UPDATE {T} SET hold_until = 0, owner = '' WHERE status = 0{MINE} AND owner <> ''")
	t.sweeping = sql("DELETE FROM {T} WHERE seq IN (SELECT seq FROM {T} WHERE status = 1 AND settled_at < $1 ORDER BY settled_at LIMIT " + strconv.Itoa(sweep) + ")")
	return t
}

// How an order comes about in which nothing that commits later comes before
// what was taken. SQLite has one writer, so seq is the order of commits.
// Postgres gives seq before the commit: an event whose seq is less may still
// come. What was published by a transaction below all that are in progress has
// nothing before it that may come.
//
// The numbers of transactions are a server's own. After a dump was restored on
// a server that is younger, rows have numbers that no transaction there had;
// they would wait behind everything new until it has counted so far. So a queue
// that starts renumbers what waits if it finds any: all below every number of
// this server, in the order of seq.
const (
	// As a CASE it filters what the index yields in order; as an OR it would
	// have all that waits read, and sorted, for every claim.
	settledOnPostgres = " AND CASE WHEN xid < " + eventrow.Settled + " THEN true ELSE xid >= pg_snapshot_xmax(pg_current_snapshot()) END"

	foreignOnPostgres = `UPDATE {T} SET xid = CAST('0' AS xid8) WHERE status = 0 AND EXISTS (
		SELECT 1 FROM {T} f WHERE f.status = 0 AND f.xid >= pg_snapshot_xmax(pg_current_snapshot()))`
)

// A claim is one statement, so that nothing is held by a relay that is halted
// or cut off. It must see every claim before it, or it would take a later event
// of a key of which an earlier one is being claimed. On SQLite it is the only
// writer. On Postgres it takes the turn, a row, unless another claim has it, and
// only if the row is still what the statement's snapshot shows: then no claim
// was committed since. Without the turn it takes nothing, and does not wait.
const turnOnPostgres = `WITH free AS MATERIALIZED (SELECT id FROM {T}_claim
		WHERE id = {TURN} AND claims = (SELECT claims FROM {T}_claim WHERE id = {TURN}) FOR UPDATE SKIP LOCKED),
	turn AS MATERIALIZED (UPDATE {T}_claim SET claims = claims + 1 WHERE id IN (SELECT id FROM free) RETURNING id)
	`
