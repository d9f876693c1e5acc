package datasqltest

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/search"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlsearch"
)

func TestSearch(t *testing.T) { RunSearch(t, open) }

func BenchmarkSearch(b *testing.B) {
	BenchSearch(b, func(b *testing.B) sqldb.DB { return openFile(b, filepath.Join(b.TempDir(), "test.db")) })
}

// FuzzSearch wants every text to be found by itself and by its words, and none to be an error.
func FuzzSearch(f *testing.F) {
	for _, s := range strange {
		f.Add(s, s)
	}
	db := openFile(f, filepath.Join(f.TempDir(), "test.db"))
	e := searchEngine(f, db, sqlsearch.Options{})
	f.Fuzz(func(t *testing.T, text, query string) {
		clean := strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", " "), " ")
		indexed(t, e, body("a", clean))
		for _, any := range []bool{false, true} {
			if q := (search.Query{Text: clean, Any: any}); len(q.Text) <= search.MaxText && found(t, t.Context(), e, q) != "a" {
				t.Errorf("%q does not find itself", clean)
			}
			q := search.Query{Text: query, Any: any}
			if len(query) > search.MaxText {
				t.Skip()
			}
			if got, want := found(t, t.Context(), e, q) == "a", matches(clean, q); got != want {
				t.Errorf("%q finds %q: %v, want %v", query, clean, got, want)
			}
		}
	})
}

// matches is the meaning of a query without stemming.
func matches(text string, q search.Query) bool {
	has := map[string]bool{}
	var all []string
	for w := range search.Words(text) {
		has[w] = true
		all = append(all, w)
	}
	var words []string
	for w := range search.Words(q.Text) {
		words = append(words, w)
	}
	some := len(words) == 0
	for i, w := range words {
		ok := has[w]
		if i == len(words)-1 {
			for _, x := range all {
				ok = ok || strings.HasPrefix(x, w)
			}
		}
		if some = some || ok; !ok && !q.Any {
			return false
		}
	}
	return some
}
