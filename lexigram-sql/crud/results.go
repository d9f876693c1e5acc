package crud

import (
	"iter"
	"time"
)

// A QueryResult is the rows of a query, all of them in memory.
type QueryResult struct {
	Columns []string
	Rows    []map[string]any // by column, of the type that the database gives; nil is NULL
	Elapsed time.Duration    // until the last row
}

// Len returns how many rows there are.
func (r QueryResult) Len() int { return len(r.Rows) }

// All yields the rows in order.
func (r QueryResult) All() iter.Seq2[int, map[string]any] {
	return func(yield func(int, map[string]any) bool) {
		for i, row := range r.Rows {
			if !yield(i, row) {
				return
			}
		}
	}
}

// An InsertResult is what became of one row.
type InsertResult struct {
	ID       any // the column that Insert was asked for; nil if for none
	Affected int64
	Elapsed  time.Duration
}

// An UpdateResult counts the rows that were changed; none is no error.
type UpdateResult struct {
	Affected int64
	Elapsed  time.Duration
}

// A DeleteResult counts the rows that are gone; none is no error.
type DeleteResult struct {
	Affected int64
	Elapsed  time.Duration
}
