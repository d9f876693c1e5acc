package sqlqueue

import (
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-events/internal/eventrow"
)

// A row is an event in the table.
type row struct {
	seq      int64
	first    int64 // what it is ordered by before seq
	ev       events.Event
	attempts int // that failed
	token    string
}

// AppendArgs appends what an insert has for Columns. headers are those of ev, or
// more.
func AppendArgs(args []any, ev *events.Event, headers map[string]string, now time.Time) ([]any, error) {
	args, err := eventrow.Append(args, ev, headers)
	return append(args, now.UnixMicro()), err
}

// scanRow reads rowColumns, and more into the rest.
func scanRow(rows sqldb.Rows, rest ...any) (r row, err error) {
	var sc eventrow.Scanner
	if err := rows.Scan(append(append(sc.Dest(&r.seq), &r.attempts), rest...)...); err != nil {
		return r, err
	}
	r.ev, err = sc.Event()
	return r, err
}
