package sqlsearch

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/search"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// A statement finds one page.
type statement struct {
	text string
	args []any
}

// build returns the statement for q, whose words are terms. It reads, in order:
// how many documents match; and of each document of the page its ID, its
// score, and its texts if there are terms. A page without one is a row of NULLs.
//
//	WITH m AS (every match), f AS (the first kind of each attribute sorted by), p AS (the page)
func (e *Engine) build(ctx context.Context, index int64, q search.Query, terms []term) (statement, error) {
	var a arguments
	f, err := e.found(ctx, &a, index, q, terms)
	if err != nil {
		return statement{}, err
	}
	if q.Where != nil {
		condition, err := where(e.dialect, &a, q.Where)
		if err != nil {
			return statement{}, err
		}
		f.where += " AND " + condition
	}
	o, err := e.ordering(&a, q.Sort)
	if err != nil {
		return statement{}, err
	}
	text := fmt.Sprintf(`WITH m AS MATERIALIZED (SELECT d.id AS doc, %s AS score%s FROM %s WHERE %s),
		f AS MATERIALIZED (SELECT %s),
		p AS MATERIALIZED (SELECT m.*, f.* FROM m CROSS JOIN f ORDER BY %[6]s LIMIT %[7]s OFFSET %[8]s)
		SELECT n.total, p.doc, p.score, %[9]s FROM (SELECT count(*) AS total FROM m) n LEFT JOIN p ON 1 = 1
		LEFT JOIN lexigram_search_documents d ON d.index_number = %[10]s AND d.id = p.doc ORDER BY %[6]s`,
		f.score, o.columns, f.from, f.where, o.first, o.by, a.bind(q.Limit), a.bind(q.Offset), f.texts, a.bind(index))
	args, err := a.all()
	return statement{text, args}, err
}

// found returns what finds the documents with terms, all if there are none.
func (e *Engine) found(ctx context.Context, a *arguments, index int64, q search.Query, terms []term) (found, error) {
	if len(terms) == 0 {
		return found{from: "lexigram_search_documents d", where: "d.index_number = " + a.bind(index), score: "CAST(0 AS double precision)", texts: "NULL"}, nil
	}
	return e.dialect.match(ctx, e.db, a, matching{index, terms, q.Any, e.weights})
}

// An ordering is what search.Query.Sort adds to a statement.
type ordering struct {
	columns string // of m: kinds and keys
	first   string // of f: the kind that comes first
	by      string
}

const maxSort = 32

// ordering sorts by score and ID if there are no orders. The kind of the match with the least ID
// that has one comes first, the others last either way.
func (e *Engine) ordering(a *arguments, orders []search.Order) (ordering, error) {
	if len(orders) == 0 {
		return ordering{"", "1 AS one", "score DESC, doc"}, nil
	}
	var o ordering
	seen := map[string]bool{}
	var first, by []string
	for _, order := range orders {
		if seen[order.Attribute] {
			continue // what is equal by it stays so
		}
		n := len(seen)
		seen[order.Attribute] = true
		if n == maxSort {
			return o, search.ErrQuery.Wrap(nil, "sqlsearch: sort by more than %d attributes", maxSort)
		}
		direction := ""
		if order.Desc {
			direction = " DESC"
		}
		o.columns += fmt.Sprintf(", %s AS kind_%d", e.dialect.kind(a, order.Attribute), n)
		first = append(first, fmt.Sprintf("(SELECT kind_%d FROM m WHERE kind_%[1]d IS NOT NULL ORDER BY doc LIMIT 1) AS first_%[1]d", n))
		by = append(by, fmt.Sprintf("CASE WHEN kind_%d = first_%[1]d THEN 0 ELSE 1 END", n))
		for i, key := range e.dialect.sortKeys(a, order.Attribute) {
			o.columns += fmt.Sprintf(", %s AS key_%d_%d", key, n, i)
			by = append(by, fmt.Sprintf("CASE WHEN kind_%d = first_%[1]d THEN key_%[1]d_%d END%s", n, i, direction))
		}
	}
	o.first, o.by = strings.Join(first, ", "), strings.Join(append(by, "doc"), ", ")
	return o, nil
}

func (e *Engine) search(ctx context.Context, index int64, q search.Query) (search.Page, error) {
	terms := termsOf(q)
	s, err := e.build(ctx, index, q, terms)
	if err != nil {
		return search.Page{}, err
	}
	h := newHighlighter(terms)
	var page search.Page
	var total int64
	var id []byte
	var score sql.Null[float64]
	var texts *string
	scan := func(rows sqldb.Rows) (hit search.Hit, err error) {
		if err := rows.Scan(&total, &id, &score, &texts); err != nil || id == nil {
			return hit, err
		}
		hit.ID, hit.Score = string(id), score.V
		if texts != nil {
			hit.Highlights, err = h.highlights(*texts)
		}
		return hit, err
	}
	for hit, err := range sqldb.Select(ctx, e.db, scan, s.text, s.args...) {
		if err != nil {
			return search.Page{}, err
		}
		if hit.ID != "" {
			page.Hits = append(page.Hits, hit)
		}
	}
	page.Total = int(total)
	return page, nil
}

// highlights returns an excerpt of each of texts, a JSON object, that has a match, or nil.
func (h *highlighter) highlights(texts string) (map[string]string, error) {
	var all, out map[string]string
	if err := json.Unmarshal([]byte(texts), &all); err != nil {
		return nil, search.Err.Wrap(err, "sqlsearch: texts of a document")
	}
	for field, text := range all {
		if s, ok := h.excerpt(text); ok {
			if out == nil {
				out = make(map[string]string, len(all))
			}
			out[field] = s
		}
	}
	return out, nil
}
