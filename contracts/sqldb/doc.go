// Package sqldb is the contract between code that speaks SQL and the database
// that runs it. It is neutral over pgx and database/sql.
//
// # Statements
//
// A text is one statement, which a semicolon may end; several are an error, before any effect.
// Placeholders are $1, $2, … and may repeat and come in any order; a statement
// has at most 999 of them ([MaxParams]). Write CAST($1 AS text), never $1::text.
// Arguments are nil, bool, any integer or float, string, []byte, time.Time,
// pointers to those, and driver.Valuer; another one is [ErrArgument], and so are
// an integer beyond int64, a time outside the years 1 to 9999, and a string that
// is not UTF-8 without NUL: bytes are []byte. It is told before anything is sent
// and does not fail the transaction. Destinations are pointers to the same
// and sql.Scanner. nil, a nil pointer and a nil []byte are NULL; NULL scans into
// a pointer to a pointer, a *[]byte or a Scanner as nil, and into anything else it
// fails, as does a number that does not fit. A time.Time is an instant in microseconds: it is stored in
// UTC, compares and sorts as an instant, and scans back from any expression,
// max(t) included. Slices are not arguments: pass JSON.
//
// # Ambient transactions
//
// Inside [Transactor.InTx] every statement run with the ctx given to fn, on the
// same database, joins the transaction. So an outbox and a repository written
// against this contract, in modules that do not know each other, commit
// together. What must be seen by others at once (a lock, a lease, a claim, a
// heartbeat, a rate limit) must not join: its code calls [Detach] first. The
// function of InTx uses the ctx that it was given, and nothing else: what forgets
// to is [ErrTxOutside].
package sqldb
