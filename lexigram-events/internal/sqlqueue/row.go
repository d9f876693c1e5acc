package sqlqueue

import (
	"context"
	"maps"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/observe"
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

// Headers returns those of ev, and the trace of ctx if it has none: who takes the
// event from the table does so in another context.
func Headers(ctx context.Context, o observe.Observer, ev *events.Event) map[string]string {
	if _, ok := o.Sink.(observe.Propagator); !ok || ev.Headers[events.HeaderTrace] != "" {
		return ev.Headers
	}
	h := maps.Clone(ev.Headers)
	if h == nil {
		h = map[string]string{}
	}
	o.Inject(ctx, h)
	return h
}
