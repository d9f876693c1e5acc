package sqlqueue

import (
	"encoding/json"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
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
	text, err := json.Marshal(headers)
	if err != nil {
		return nil, err
	}
	return append(args, ev.Headers[events.HeaderTenant], ev.Source, ev.ID, ev.Type, ev.Key, ev.Time.UnixMicro(), ev.Schema, ev.Format,
		string(text), ev.Data, now.UnixMicro()), nil
}

// scanRow reads rowColumns, and more into the rest.
func scanRow(rows sqldb.Rows, rest ...any) (r row, err error) {
	var at int64
	var headers string
	dest := append([]any{
		&r.seq, &r.ev.Source, &r.ev.ID, &r.ev.Type, &r.ev.Key, &at, &r.ev.Schema,
		&r.ev.Format, &headers, &r.ev.Data, &r.attempts,
	}, rest...)
	if err := rows.Scan(dest...); err != nil {
		return r, err
	}
	r.ev.Time = time.UnixMicro(at).UTC()
	return r, json.Unmarshal([]byte(headers), &r.ev.Headers)
}
