package outbox

import "github.com/lexigram/lexigram-go/contracts/sqldb"

// order is how a dialect takes events in an order in which nothing that
// commits later comes before what was taken.
type order struct {
	by      string // the columns
	settled string // a condition: everything before is there
	claim   string // a statement that claims at the instant $1, for the token $2, until $3, at most $4
	among   string // a condition on seq: it is one of $3, a list with commas
}

// orderOf returns that of d. SQLite has one writer, so seq is the order of
// commits. Postgres gives seq before the commit: an event whose seq is less may
// still come. What was published by a transaction below all that are in
// progress has nothing before it that may come. A number that no transaction
// here had, because the table was restored from another server, is as good.
func orderOf(d sqldb.Dialect) order {
	if d != sqldb.Postgres {
		return order{by: "seq", claim: claimOnSQLite, among: "IN (SELECT value FROM json_each('[' || $3 || ']'))"}
	}
	return order{by: byCommit, settled: settled, claim: claimOnPostgres, among: "= ANY (CAST(string_to_array($3, ',') AS bigint[]))"}
}

const (
	byCommit = "xid, seq"
	// As a CASE it filters what the index yields in order; as an OR it would
	// have all that waits read, and sorted, for every claim.
	settled = " AND CASE WHEN xid < pg_snapshot_xmin(pg_current_snapshot()) THEN true ELSE xid >= pg_snapshot_xmax(pg_current_snapshot()) END"
)

// due is what may be claimed at the instant $1: nothing of a key of which
// anything is claimed or waits. Because rows are taken in order, whatever of
// the key is earlier is taken with it. The keys that are held are few, so they
// are listed once instead of looked up for every row.
const (
	due  = `FROM lexigram_outbox WHERE status = 0 AND hold_until <= $1 AND (event_key = '' OR event_key NOT IN (` + held + `))`
	held = `SELECT h.event_key FROM lexigram_outbox h WHERE h.status = 0 AND h.hold_until > 0 AND h.hold_until > $1`
)

// A claim is one statement, so that nothing is held by a relay that is halted
// or cut off. It must see every claim before it, or it would take a later event
// of a key of which an earlier one is being claimed. On SQLite it is the only
// writer. On Postgres it takes the turn, a row, unless another claim has it, and
// only if the row is still what the statement's snapshot shows: then no claim
// was committed since. Without the turn it takes nothing, and does not wait.
const (
	claimOnSQLite   = take + due + ` ORDER BY seq LIMIT $4) RETURNING ` + rowColumns + `, seq`
	claimOnPostgres = `WITH free AS MATERIALIZED (SELECT id FROM lexigram_outbox_claim
		WHERE id = 1 AND claims = (SELECT claims FROM lexigram_outbox_claim WHERE id = 1) FOR UPDATE SKIP LOCKED),
	turn AS MATERIALIZED (UPDATE lexigram_outbox_claim SET claims = claims + 1 WHERE id IN (SELECT id FROM free) RETURNING id)
	` + take + due + settled + ` AND EXISTS (SELECT 1 FROM turn) ORDER BY ` + byCommit + ` LIMIT $4) RETURNING ` + rowColumns + `, CAST(CAST(xid AS text) AS bigint)`

	take = `UPDATE lexigram_outbox SET owner = $2, hold_until = $3 WHERE status = 0 AND hold_until <= $1 AND seq IN (SELECT seq `
)
