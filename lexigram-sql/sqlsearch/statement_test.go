package sqlsearch

import (
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/filter"
	"github.com/lexigram/lexigram-go/contracts/search"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// shaped is a query of every kind of condition, with everything that a caller
// may choose freely in it.
func shaped(words, text, field string, n float64) search.Query {
	return search.Query{Text: words, Limit: 10, Sort: []search.Order{{Attribute: field}}, Where: filter.And{
		filter.Cmp{Field: field, Op: filter.Eq, Value: text},
		filter.Cmp{Field: field, Op: filter.Lt, Value: text},
		filter.Cmp{Field: field, Op: filter.Gt, Value: n},
		filter.Exists{Field: field},
		filter.Has{Field: field, Value: text},
		filter.Or{filter.Substring{Field: field, Value: text}, filter.Not{Filter: filter.In{Field: field, Values: []any{text, n}}}},
	}}
}

// FuzzStatement wants the text of a statement to be the same whatever the
// caller's words, values and names are: all of them are arguments.
func FuzzStatement(f *testing.F) {
	for _, s := range []string{"lamp", `"'; DROP TABLE x; --`, "$1", `a\b`, "ünï", "a:* | b", `"a" NEAR "b"`, "]", "1_x"} {
		f.Add(s, s, "field", 1.5)
	}
	f.Fuzz(func(t *testing.T, words, text, field string, n float64) {
		q, err := search.CheckQuery(shaped(words, text, field, n))
		if err != nil || len(termsOf(q)) == 0 {
			t.Skip()
		}
		plain, err := search.CheckQuery(shaped("word", "value", "name", 2.5))
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range []sqldb.Dialect{sqldb.SQLite, sqldb.Postgres} {
			e, err := New(fake{dialect: d}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			got, err := e.build(t.Context(), 7, q, termsOf(q))
			if err != nil {
				t.Fatal(err)
			}
			want, err := e.build(t.Context(), 7, plain, termsOf(plain))
			if err != nil {
				t.Fatal(err)
			}
			if got.text != want.text || len(got.args) != len(want.args) {
				t.Errorf("%s: a text of its own:\n%s", d, got.text)
			}
			checkMatch(t, d, got.args)
		}
	})
}

// checkMatch wants the query of FTS5 or the tsquery, which are languages, to be
// quoted lexemes with operators of ours between them.
func checkMatch(t *testing.T, d sqldb.Dialect, args []any) {
	quote, operators := `"`, " AND *"
	if d == sqldb.Postgres {
		quote, operators = "'", " &|:*"
	}
	seen := false
	for _, arg := range args {
		s, ok := arg.(string)
		if !ok || !strings.HasPrefix(s, quote+"7_") {
			continue
		}
		seen = true
		for i, part := range strings.Split(s, quote) {
			switch {
			case i%2 == 0 && strings.Trim(part, operators) != "":
				t.Errorf("%s: %q outside of quotes in %s", d, part, s)
			case i%2 == 1 && (!strings.HasPrefix(part, "7_") || strings.ContainsAny(part, `'"\:*&|!()<> `)):
				t.Errorf("%s: the lexeme %q in %s", d, part, s)
			}
		}
	}
	if !seen {
		t.Errorf("%s: no words in %q", d, args)
	}
}

func TestTermsOf(t *testing.T) {
	for _, c := range []struct {
		text string
		any  bool
		want []term
	}{
		{"", false, nil},
		{"Lamp WIN", false, []term{{"lamp", false}, {"win", true}}},
		{"lamp win lamp", false, []term{{"lamp", false}, {"win", false}}},
		{"lamp win lamp", true, []term{{"lamp", true}, {"win", false}}},
		{strings.Repeat("ü", 200), false, []term{{strings.Repeat("ü", 127), true}}},
	} {
		got := termsOf(search.Query{Text: c.text, Any: c.any})
		if len(got) != len(c.want) {
			t.Errorf("%.20q: %v, want %v", c.text, got, c.want)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%.20q: %v, want %v", c.text, got, c.want)
			}
		}
	}
}

func TestTSVector(t *testing.T) {
	w := newWeights(Options{Weights: map[string]float64{"title": 2}})
	of := func(text map[string]string) (string, error) {
		return tsvector(w, 7, entry{doc: search.Document{ID: "a", Text: text}})
	}
	if got, err := of(map[string]string{"title": "It's", "body": "it it"}); err != nil || !strings.Contains(got, "'7_it':1B,2B,3A ") || !strings.Contains(got, "'7_s':4A ") {
		t.Errorf("%s, %v", got, err)
	}
	got, err := of(map[string]string{"body": strings.Repeat("many ", 300) + strings.Repeat("x y ", 10_000)})
	if err != nil || strings.Count(got, ",") != 3*(maxPositions-1) || strings.Contains(got, "16384") {
		t.Errorf("%d positions, %v", strings.Count(got, ",")+3, err)
	}
}
