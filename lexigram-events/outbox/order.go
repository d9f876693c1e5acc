package outbox

import "github.com/lexigram/lexigram-go/contracts/sqldb"

// order is how a dialect takes events in an order in which nothing that
// commits later comes before what was taken.
type order struct {
	by      string // the columns
	first   string // of by, as a bigint
	settled string // a condition: everything before is there
}

// orderOf returns that of d. SQLite has one writer, so seq is the order of
// commits. Postgres gives seq before the commit: an event whose seq is less may
// still come. What was published by a transaction below all that are in
// progress has nothing before it that may come. A number that no transaction
// here had, because the table was restored from another server, is as good.
func orderOf(d sqldb.Dialect) order {
	if d != sqldb.Postgres {
		return order{by: "seq", first: "seq", settled: ""}
	}
	return order{
		by:      "xid, seq",
		first:   "CAST(CAST(xid AS text) AS bigint)",
		settled: " AND (xid < pg_snapshot_xmin(pg_current_snapshot()) OR xid >= pg_snapshot_xmax(pg_current_snapshot()))",
	}
}
