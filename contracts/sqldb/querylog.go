package sqldb

import (
	"context"
	"time"
)

// A QueryLogEntry is one statement that has ended. What else is known about
// it, such as the request or the trace, is in the context it comes with.
type QueryLogEntry struct {
	SQL     string // as it ran: whoever shows it takes literals out
	Args    []any  // nil if they were not kept
	Dialect Dialect
	At      time.Time     // when it began
	Took    time.Duration // until its rows were closed
	Rows    int64         // read, or affected
	Err     error         // nil if it succeeded
	Tx      uint64        // which transaction it was in; 0 is none
	PC      uintptr       // where in the program, as of runtime.Callers; 0 if that was not asked for
}

// A QueryLogger is told of statements. It is safe for concurrent use.
type QueryLogger interface {
	// LogQuery neither fails nor blocks, and does not keep or change
	// e.Args: what it keeps of them it copies. That ctx has ended does not matter to it.
	LogQuery(ctx context.Context, e QueryLogEntry)
}

// A QueryInspector tells of the entries that a [QueryLogger] has kept, which
// need not be all. The caller owns what it returns.
type QueryInspector interface {
	// Recent returns the newest n, oldest first.
	Recent(n int) []QueryLogEntry
	// Slow returns at most n that took longer than bound, slowest first.
	Slow(bound time.Duration, n int) []QueryLogEntry
	// Stats counts those that ended in the last window, the ones not kept
	// included, as far back as it can: see Since.
	Stats(window time.Duration) QueryStats
}

// QueryStats are counts of statements that ended in some time.
type QueryStats struct {
	Since time.Time // what ended before is not counted
	Total int64
	Fails int64         // of Total
	Slow  int64         // of Total, by the logger's own bound
	Took  time.Duration // of all of them together
}

// Mean returns how long a statement took on average; 0 if there was none.
func (s QueryStats) Mean() time.Duration {
	if s.Total == 0 {
		return 0
	}
	return s.Took / time.Duration(s.Total)
}

// SuccessRate returns which share succeeded, 0 to 1; 1 if there was none.
func (s QueryStats) SuccessRate() float64 {
	if s.Total == 0 {
		return 1
	}
	return float64(s.Total-s.Fails) / float64(s.Total)
}
