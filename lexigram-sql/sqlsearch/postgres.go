package sqlsearch

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/search"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// postgres finds words in a tsvector with a GIN index. Attributes are jsonb.
type postgres struct{}

var _ dialect = postgres{}

// How many documents, and bytes of them, one statement carries.
const (
	rowsPerStatement  = 100
	bytesPerStatement = 1 << 20
)

func (p postgres) put(ctx context.Context, db sqldb.DB, w *weights, index int64, entries []entry) error {
	for len(entries) > 0 {
		var a arguments
		var rows []string
		size := 0
		number := a.bind(index)
		for len(entries) > 0 && len(rows) < rowsPerStatement && size < bytesPerStatement {
			e := entries[0]
			entries = entries[1:]
			vector, err := tsvector(w, index, e)
			if err != nil {
				return err
			}
			size += len(e.texts) + len(e.attributes) + len(vector)
			rows = append(rows, fmt.Sprintf("(%s, %s, %s, CAST(CAST(%s AS text) AS jsonb), CAST(CAST(%s AS text) AS tsvector))",
				number, a.bind(e.id), a.bind(e.texts), a.bind(e.attributes), a.bind(vector)))
		}
		_, err := db.Exec(ctx, "INSERT INTO lexigram_search_documents (index_number, id, texts, attributes, words) VALUES "+strings.Join(rows, ", ")+`
			ON CONFLICT (index_number, id) DO UPDATE SET texts = excluded.texts, attributes = excluded.attributes, words = excluded.words`, a.list...)
		if err != nil {
			return err
		}
	}
	return nil
}

// Limits of a tsvector.
const (
	maxPosition  = 1<<14 - 1
	maxPositions = 255 // of one word
	maxVector    = 1<<20 - 1
)

// tsvector returns the words of e with their places and weights in the
// notation of the type, or an error wrapping [search.ErrQuery] if there are
// more than it can hold.
func tsvector(w *weights, index int64, e entry) (string, error) {
	positions := map[string][]string{}
	at, size := 0, 0
	for field, text := range fields(e.doc) {
		label := string(rune('A' + w.of(field)))
		for word := range words(text) {
			at = min(at+1, maxPosition)
			l := lexeme(index, word)
			was, ok := positions[l]
			if !ok {
				size += len(l) + 4 // with what aligns and counts the positions
			}
			if len(was) < maxPositions {
				positions[l] = append(was, strconv.Itoa(at)+label)
				size += 2
			}
		}
	}
	if size > maxVector {
		return "", search.ErrQuery.Wrap(nil, "sqlsearch: document %q has %d bytes of different words, of which PostgreSQL holds %d: cut it into several", e.doc.ID, size, maxVector)
	}
	var b strings.Builder
	for l, p := range positions {
		b.WriteString("'" + l + "':" + strings.Join(p, ",") + " ")
	}
	return b.String(), nil
}

func (postgres) remove(ctx context.Context, db sqldb.DB, index int64, ids []any) error {
	var a arguments
	_, err := db.Exec(ctx, "DELETE FROM lexigram_search_documents WHERE index_number = "+a.bind(index)+" AND id IN ("+placeholders(&a, ids)+")", a.list...)
	return err
}

// query returns the notation of a tsquery.
func tsquery(index int64, t term) string {
	s := "'" + lexeme(index, t.word) + "'"
	if t.prefix {
		s += ":*"
	}
	return s
}

func (p postgres) match(ctx context.Context, db sqldb.DB, a *arguments, m matching) (found, error) {
	queries := make([]string, len(m.terms))
	for i, t := range m.terms {
		queries[i] = tsquery(m.index, t)
	}
	with := " & "
	groups := []rarity{{1, queries}}
	if m.any {
		with = " | "
		var err error
		if groups, err = p.rarities(ctx, db, queries); err != nil {
			return found{}, err
		}
	}
	values := bindWeights(a, m.weights)
	scores := make([]string, len(groups))
	for i, g := range groups {
		// ts_rank divides by the number of words, and by the logarithm of the document's length.
		scores[i] = "CAST(" + a.bind(g.weight*float64(len(g.queries))) + " AS double precision) * ts_rank(" + values + ", d.words, " + bindQuery(a, strings.Join(g.queries, " | ")) + ", 1)"
	}
	return found{
		from:  "lexigram_search_documents d",
		where: "d.words @@ " + bindQuery(a, strings.Join(queries, with)),
		score: strings.Join(scores, " + "),
		texts: "d.texts",
	}, nil
}

func bindQuery(a *arguments, query string) string {
	return "CAST(CAST(" + a.bind(query) + " AS text) AS tsquery)"
}

// bindWeights returns D, C, B and A as fractions of the largest, which is what
// ts_rank takes. They are saturated as BM25 saturates a word that is there w
// times, which ts_rank does with words and not with weights.
func bindWeights(a *arguments, w *weights) string {
	const k = 1.2
	saturated := func(w float64) float64 { return (k + 1) / (1 + k/w) }
	largest := saturated(slices.Max(w.values[:]))
	parts := make([]string, maxWeights)
	for i, v := range w.values {
		parts[maxWeights-1-i] = strconv.FormatFloat(saturated(v)/largest, 'g', -1, 32)
	}
	return "CAST(CAST(" + a.bind("{"+strings.Join(parts, ",")+"}") + " AS text) AS real[])"
}

// attribute returns an expression of the field's jsonb, or NULL, and one of its text.
func (p postgres) attribute(a *arguments, field string) (value, asText string) {
	array, place := a.name(field)
	name := "(CAST(CAST(" + array + " AS text) AS jsonb) ->> " + place + ")"
	return "(d.attributes -> " + name + ")", "(d.attributes ->> " + name + ")"
}

// literal returns expressions of a value in the array of a.
func (p postgres) literal(a *arguments, v any) (value, asText string) {
	array, place := a.value(v)
	array = "(CAST(CAST(" + array + " AS text) AS jsonb) -> "
	return array + place + ")", strings.Replace(array, "->", "->>", 1) + place + ")"
}

// holds is the one condition that the index on attributes answers.
func (p postgres) holds(a *arguments, field string, v any) string {
	value, _ := p.literal(a, map[string]any{field: v})
	return "(d.attributes @> " + value + ")"
}

// is returns the condition that a field has the kind.
func (postgres) is(value string, k kind) string {
	name := [...]string{number: "number", text: "string", boolean: "boolean", instant: "object"}[k]
	return "((jsonb_typeof(" + value + ") = '" + name + "') IS TRUE)"
}

func (p postgres) compare(a *arguments, field, sign string, v any) string {
	if sign == "=" {
		return p.holds(a, field, encoded(v))
	}
	k := kindOf(v)
	value, asText := p.attribute(a, field)
	is := p.is(value, k)
	with, withText := p.literal(a, encoded(v))
	if k == text {
		value, with = asText+` COLLATE "C"`, withText
	}
	return "(" + is + " AND (" + value + " " + sign + " " + with + ") IS TRUE)"
}

// fewValues is up to how many values an In asks the index for each of them.
const fewValues = 16

func (p postgres) in(a *arguments, field string, values []any) string {
	list := make([]any, len(values))
	for i, v := range values {
		list[i] = encoded(v)
	}
	if len(list) <= fewValues {
		parts := make([]string, len(list))
		for i, v := range list {
			parts[i] = p.holds(a, field, v)
		}
		return joined(parts, " OR ", never)
	}
	value, _ := p.attribute(a, field)
	all, _ := p.literal(a, list)
	return "(" + all + " @> jsonb_build_array(" + value + "))"
}

func (p postgres) exists(a *arguments, field string) string {
	value, _ := p.attribute(a, field)
	return "(" + value + " IS NOT NULL)"
}

func (p postgres) has(a *arguments, field, v string) string { return p.holds(a, field, []string{v}) }

func (p postgres) substring(a *arguments, field, v string) string {
	value, asText := p.attribute(a, field)
	_, part := p.literal(a, v)
	return "(" + p.is(value, text) + " AND (strpos(" + asText + ` COLLATE "C", ` + part + ") > 0) IS TRUE)"
}

func (p postgres) kind(a *arguments, attribute string) string {
	value, _ := p.attribute(a, attribute)
	return "NULLIF(jsonb_typeof(" + value + "), 'array')"
}

func (p postgres) sortKeys(a *arguments, attribute string) []string {
	value, asText := p.attribute(a, attribute)
	return []string{
		"CASE jsonb_typeof(" + value + ") WHEN 'string' THEN NULL ELSE " + value + " END",
		"CASE jsonb_typeof(" + value + ") WHEN 'string' THEN " + asText + ` COLLATE "C" END`,
	}
}
