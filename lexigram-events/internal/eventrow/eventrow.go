// Package eventrow has what the tables of events have in common: their
// columns, and when what a transaction wrote is settled.
package eventrow

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
)

// Columns are those of an event; there are [Width] of them. The first is the
// tenant of the headers, which are kept whole in a column of their own.
const (
	Columns = "tenant, source, id, event_type, event_key, occurred_at, schema_version, media_type, headers, data"
	Width   = 10
)

// Settled is, on Postgres, the number below which every transaction has ended:
// nothing that commits later has one that is less.
const Settled = "pg_snapshot_xmin(pg_current_snapshot())"

// Append appends the values of Columns to args. The headers stand for those of ev.
func Append(args []any, ev *events.Event, headers map[string]string) ([]any, error) {
	text := "{}"
	if len(headers) > 0 {
		b, err := json.Marshal(headers)
		if err != nil {
			return args, err
		}
		text = string(b)
	}
	return append(args, ev.Headers[events.HeaderTenant], ev.Source, ev.ID, ev.Type, ev.Key, ev.Time.UnixMicro(), ev.Schema, ev.Format, text, ev.Data), nil
}

// A Scanner reads events; its zero value is ready. It belongs to one goroutine.
type Scanner struct {
	ev      events.Event
	at      int64
	headers string
}

// Dest returns dest and where to scan Columns to, the tenant apart.
func (s *Scanner) Dest(dest ...any) []any {
	return append(dest, &s.ev.Source, &s.ev.ID, &s.ev.Type, &s.ev.Key, &s.at, &s.ev.Schema, &s.ev.Format, &s.headers, &s.ev.Data)
}

// Event returns what was scanned. The event owns it.
func (s *Scanner) Event() (events.Event, error) {
	ev := s.ev
	s.ev.Data = nil // which the next scan must not write into
	ev.Time, ev.Headers = time.UnixMicro(s.at).UTC(), nil
	if s.headers == "{}" {
		return ev, nil
	}
	return ev, json.Unmarshal([]byte(s.headers), &ev.Headers)
}

// Placeholders writes n of them, from $first, with commas.
func Placeholders(b *strings.Builder, first, n int) {
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(first + i))
	}
}
