package sqlaudit

import (
	"context"
	"iter"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lexigram/lexigram-go/contracts/audit"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// perPage is how many entries one statement reads; an entry has 256 KiB at most.
const perPage = 100

// Query yields the entries that q selects, newest first; see [audit.Reader]. It reads
// page by page, each from where the last one ended: no statement is open while the
// loop's body runs, and memory is that of a page. Errors wrap [audit.ErrInvalid], or are
// those of the database.
func (s *Store) Query(ctx context.Context, q audit.Query) iter.Seq2[audit.Entry, error] {
	return func(yield func(audit.Entry, error) bool) {
		for left, q := q.Limit, q; ; {
			size := perPage
			if q.Limit > 0 {
				size = min(size, left)
			}
			page, err := s.page(ctx, q, size)
			if err != nil {
				yield(audit.Entry{}, err)
				return
			}
			for _, e := range page {
				if !yield(e, nil) {
					return
				}
			}
			if left -= len(page); len(page) < perPage || q.Limit > 0 && left == 0 {
				return
			}
			q.Before = page[len(page)-1].Position()
		}
	}
}

// page returns the first entries of q.
func (s *Store) page(ctx context.Context, q audit.Query, size int) ([]audit.Entry, error) {
	c, err := begin(ctx, "query", q)
	if err != nil || c.nothing {
		return nil, err
	}
	c.args = append(c.args, size)
	sql := "SELECT " + columns + " FROM lexigram_audit" + c.where() + " ORDER BY occurred_at DESC, id DESC LIMIT $" + strconv.Itoa(len(c.args))
	page := make([]audit.Entry, 0, size)
	for e, err := range sqldb.Select(ctx, s.db, scan, sql, c.args...) {
		if err != nil {
			return nil, audit.Err.Wrap(err, "sqlaudit: query")
		}
		page = append(page, e)
	}
	return page, nil
}

// conditions are what follows WHERE, with its arguments.
type conditions struct {
	terms   []string
	args    []any
	nothing bool // no entry can satisfy them
}

// begin refuses what no reading may begin with, and returns the conditions of q.
func begin(ctx context.Context, op string, q audit.Query) (c conditions, err error) {
	if err := audit.CheckQuery(q); err != nil {
		return c, err
	}
	if ctx.Err() != nil {
		return c, audit.Err.Wrap(context.Cause(ctx), "sqlaudit: %s", op)
	}
	c.equal("actor", q.Actor)
	c.equal("action", q.Action)
	c.equal("resource_type", q.ResourceType)
	c.equal("resource_id", q.ResourceID)
	c.equal("source", q.Source)
	c.equal("outcome", string(q.Outcome))
	c.equal("severity", string(q.Severity))
	c.equal("tenant", string(q.Tenant))
	c.equal("correlation_id", q.CorrelationID)
	if !q.Since.IsZero() {
		since, exact := micros(q.Since)
		if !exact {
			since++
		}
		c.add("occurred_at >= ", since)
	}
	if !q.Until.IsZero() {
		until, _ := micros(q.Until)
		c.add("occurred_at <= ", until)
	}
	if q.Before != (audit.Position{}) {
		c.before(q.Before)
	}
	return c, nil
}

// micros returns the microsecond that t is in, and whether it is its beginning. All
// times of entries are.
func micros(t time.Time) (n int64, exact bool) { return t.UnixMicro(), t.Nanosecond()%1000 == 0 }

func (c *conditions) add(term string, value any) {
	c.args = append(c.args, value)
	c.terms = append(c.terms, term+"$"+strconv.Itoa(len(c.args)))
}

// equal demands text of a column, unless it is "". What no database takes as text, no
// entry has.
func (c *conditions) equal(column, text string) {
	if text == "" {
		return
	}
	c.nothing = c.nothing || !isText(text)
	c.add(column+" = ", text)
	if column == "tenant" || column == "resource_type" || column == "correlation_id" {
		c.terms = append(c.terms, column+" <> ''") // so that the index serves it whatever the parameter is
	}
}

// before demands an older place.
func (c *conditions) before(p audit.Position) {
	at, exact := micros(p.Time)
	switch {
	case !exact: // everything of its microsecond is older
		c.add("occurred_at <= ", at)
	case isText(p.ID):
		c.args = append(c.args, at, p.ID)
		c.terms = append(c.terms, "(occurred_at, id) < ($"+strconv.Itoa(len(c.args)-1)+", $"+strconv.Itoa(len(c.args))+")")
	default:
		c.nothing = true
	}
}

func isText(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

func (c *conditions) where() string {
	if len(c.terms) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(c.terms, " AND ")
}
