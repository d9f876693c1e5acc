package sqlsearch

import (
	"context"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// sqlite finds words with FTS5, one row of it for each document, one column
// for each weight. Attributes are JSON text.
type sqlite struct{}

var _ dialect = sqlite{}

func (sqlite) put(ctx context.Context, db sqldb.DB, w *weights, index int64, entries []entry) error {
	for _, e := range entries {
		var number int64
		err := sqldb.QueryRow(ctx, db, `
			INSERT INTO lexigram_search_documents (index_number, id, attributes) VALUES ($1, $2, $3)
			ON CONFLICT (index_number, id) DO UPDATE SET attributes = excluded.attributes
			RETURNING number`, index, e.id, e.attributes).Scan(&number)
		if err == nil {
			_, err = db.Exec(ctx, "INSERT OR REPLACE INTO lexigram_search_texts (number, texts) VALUES ($1, $2)", number, e.texts)
		}
		if err != nil {
			return err
		}
		var columns [maxWeights]strings.Builder
		for field, text := range fields(e.doc) {
			b := &columns[w.of(field)]
			for word := range words(text) {
				b.WriteString(lexeme(index, word))
				b.WriteByte(' ')
			}
		}
		_, err = db.Exec(ctx, "INSERT OR REPLACE INTO lexigram_search_words (rowid, a, b, c, d) VALUES ($1, $2, $3, $4, $5)",
			number, columns[0].String(), columns[1].String(), columns[2].String(), columns[3].String())
		if err != nil {
			return err
		}
	}
	return nil
}

func (sqlite) remove(ctx context.Context, db sqldb.DB, index int64, ids []any) error {
	var a arguments
	which := "index_number = " + a.bind(index) + " AND id IN (" + placeholders(&a, ids) + ")"
	these := " IN (SELECT number FROM lexigram_search_documents WHERE " + which + ")"
	for _, sql := range []string{
		"DELETE FROM lexigram_search_words WHERE rowid" + these,
		"DELETE FROM lexigram_search_texts WHERE number" + these,
		"DELETE FROM lexigram_search_documents WHERE " + which,
	} {
		if _, err := db.Exec(ctx, sql, a.list...); err != nil {
			return err
		}
	}
	return nil
}

// match ranks by the BM25 of FTS5. Each word is a string of its query language,
// which nothing in a lexeme can end.
func (sqlite) match(_ context.Context, _ sqldb.DB, a *arguments, m matching) (found, error) {
	parts := make([]string, len(m.terms))
	for i, t := range m.terms {
		parts[i] = `"` + lexeme(m.index, t.word) + `"`
		if t.prefix {
			parts[i] += "*"
		}
	}
	with := " AND "
	if m.any {
		with = " OR "
	}
	query := a.bind(strings.Join(parts, with))
	values := make([]any, maxWeights)
	for i, v := range m.weights.values {
		values[i] = v
	}
	return found{
		from:  "lexigram_search_words CROSS JOIN lexigram_search_documents d ON d.number = lexigram_search_words.rowid",
		where: "lexigram_search_words MATCH " + query,
		texts: "(SELECT t.texts FROM lexigram_search_texts t WHERE t.number = d.number)",
		score: "-bm25(lexigram_search_words, " + placeholders(a, values) + ")",
	}, nil
}

// literal returns an expression of a value in the array of a.
func (sqlite) literal(a *arguments, v any) string {
	return element(a.value(v))
}

func (sqlite) path(a *arguments, path string) string { return element(a.name(path)) }

func element(array, place string) string { return "json_extract(" + array + ", '$[" + place + "]')" }

// An attribute is an expression of its JSON type and one of its value.
type attribute struct{ typ, value string }

func (s sqlite) attribute(a *arguments, field string) attribute { return s.at(a, "$."+field) }

// time is where the microseconds of a time are, and nothing else.
func (s sqlite) time(a *arguments, field string) attribute { return s.at(a, "$."+field+".t") }

func (s sqlite) at(a *arguments, path string) attribute {
	p := s.path(a, path)
	return attribute{"json_type(d.attributes, " + p + ")", "json_extract(d.attributes, " + p + ")"}
}

// is returns the condition that a field has the kind, and its value.
func (s sqlite) is(a *arguments, field string, k kind) (condition, value string) {
	if k == instant {
		at := s.time(a, field)
		return at.typ + " = 'integer'", at.value
	}
	at := s.attribute(a, field)
	switch k {
	case text:
		return at.typ + " = 'text'", at.value
	case boolean:
		return at.typ + " IN ('true', 'false')", at.value
	}
	return at.typ + " IN ('integer', 'real')", at.value
}

// plain returns v as the JSON functions of SQLite give it back.
func plain(v any) any {
	switch v := encoded(v).(type) {
	case map[string]int64:
		return v["t"]
	default:
		return v
	}
}

func (s sqlite) compare(a *arguments, field, sign string, v any) string {
	is, value := s.is(a, field, kindOf(v))
	return "((" + is + " AND " + value + " " + sign + " " + s.literal(a, plain(v)) + ") IS TRUE)"
}

func (s sqlite) in(a *arguments, field string, values []any) string {
	byKind := map[kind][]any{}
	for _, v := range values {
		byKind[kindOf(v)] = append(byKind[kindOf(v)], plain(v))
	}
	var parts []string
	for _, k := range []kind{number, text, boolean, instant} {
		if len(byKind[k]) == 0 {
			continue
		}
		is, value := s.is(a, field, k)
		array, place := a.value(byKind[k])
		parts = append(parts, "(("+is+" AND "+value+" IN (SELECT value FROM json_each("+array+", '$["+place+"]'))) IS TRUE)")
	}
	return joined(parts, " OR ", never)
}

func (s sqlite) exists(a *arguments, field string) string {
	return "(" + s.attribute(a, field).typ + " IS NOT NULL)"
}

func (s sqlite) has(a *arguments, field, v string) string {
	at, path := s.attribute(a, field), s.path(a, "$."+field)
	return "((" + at.typ + " = 'array' AND " + s.literal(a, v) + " IN (SELECT value FROM json_each(d.attributes, " + path + "))) IS TRUE)"
}

func (s sqlite) substring(a *arguments, field, v string) string {
	is, value := s.is(a, field, text)
	return "((" + is + " AND instr(" + value + ", " + s.literal(a, v) + ") > 0) IS TRUE)"
}

func (s sqlite) kind(a *arguments, attribute string) string {
	return "CASE " + s.attribute(a, attribute).typ + ` WHEN 'integer' THEN 'number' WHEN 'real' THEN 'number' WHEN 'text' THEN 'text'
		WHEN 'true' THEN 'bool' WHEN 'false' THEN 'bool' WHEN 'object' THEN 'time' END`
}

func (s sqlite) sortKeys(a *arguments, attribute string) []string {
	return []string{"COALESCE(" + s.time(a, attribute).value + ", " + s.attribute(a, attribute).value + ")"}
}
