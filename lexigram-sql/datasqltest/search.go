package datasqltest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/filter"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/search"
	"github.com/lexigram/lexigram-go/contracts/search/searchtest"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/migrate"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlsearch"
)

// RunSearch checks package sqlsearch on the empty databases that open returns.
// open registers its own cleanup on t.
func RunSearch(t *testing.T, open func(t *testing.T) sqldb.DB) {
	t.Helper()
	t.Run("engine", func(t *testing.T) {
		searchtest.Run(t, func(t *testing.T) search.Engine { return searchEngine(t, open(t), sqlsearch.Options{}) })
	})
	for name, check := range map[string]func(*testing.T, sqldb.DB, *sqlsearch.Engine){
		"transactions":       searchInTransactions,
		"refusals":           refusedDocuments,
		"weights":            weighsFields,
		"texts of strangers": textsOfStrangers,
		"many words":         manyWords,
		"long words":         longWords,
		"large filters":      largeFilters,
		"random filters":     randomFilters,
		"sort":               sortsMany,
		"highlights":         highlightsWords,
		"health":             searchHealth,
		"index made by many": madeByMany,
	} {
		t.Run(name, func(t *testing.T) {
			db := open(t)
			check(t, db, searchEngine(t, db, sqlsearch.Options{Weights: map[string]float64{"title": 5, "note": 0.1}}))
		})
	}
}

func searchEngine(t testing.TB, db sqldb.DB, cfg sqlsearch.Options) *sqlsearch.Engine {
	t.Helper()
	m, err := migrate.New(db, migrate.Options{}, sqlsearch.Migrations())
	if err == nil {
		_, err = m.Up(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	e, err := sqlsearch.New(db, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func body(id, text string) search.Document {
	return search.Document{ID: id, Text: map[string]string{"body": text}}
}

// found returns the IDs that q finds in index c.
func found(t testing.TB, ctx context.Context, e search.Engine, q search.Query) string {
	t.Helper()
	page, err := e.Search(ctx, "c", q)
	if err != nil {
		t.Fatalf("Search(%.60q): %v", q.Text, err)
	}
	ids := make([]string, len(page.Hits))
	for i, h := range page.Hits {
		ids[i] = h.ID
	}
	return strings.Join(ids, " ")
}

func indexed(t testing.TB, e search.Engine, docs ...search.Document) {
	t.Helper()
	if err := e.Index(t.Context(), "c", docs...); err != nil {
		t.Fatal(err)
	}
}

func searchInTransactions(t *testing.T, db sqldb.DB, e *sqlsearch.Engine) {
	indexed(t, e, body("old", "lamp"))
	lamp := search.Query{Text: "lamp"}
	err := db.InTx(t.Context(), func(ctx context.Context) error {
		if err := errors.Join(e.Index(ctx, "c", body("new", "lamp")), e.Delete(ctx, "c", "old"), e.Index(ctx, "fresh", body("a", "lamp"))); err != nil {
			return err
		}
		if got := found(t, ctx, e, lamp); got != "new" {
			t.Errorf("inside: %q", got)
		}
		if got := found(t, sqldb.Detach(ctx), e, lamp); got != "old" {
			t.Errorf("outside, before the commit: %q", got)
		}
		return errLeft
	})
	if !errors.Is(err, errLeft) {
		t.Fatal(err)
	}
	if got := found(t, t.Context(), e, lamp); got != "old" {
		t.Errorf("after the rollback: %q", got)
	}
	if _, err := e.Search(t.Context(), "fresh", lamp); !errors.Is(err, search.ErrNoIndex) {
		t.Errorf("an index of the rollback: %v", err)
	}
	err = db.InTx(t.Context(), func(ctx context.Context) error {
		return errors.Join(e.Index(ctx, "c", body("new", "lamp")), e.Delete(ctx, "c", "old"))
	})
	if got := found(t, t.Context(), e, lamp); got != "new" || err != nil {
		t.Errorf("after the commit: %q, %v", got, err)
	}
}

// refusedDocuments wants an error of the engine to leave the caller's transaction usable.
func refusedDocuments(t *testing.T, db sqldb.DB, e *sqlsearch.Engine) {
	var huge strings.Builder
	for i := range 120_000 {
		fmt.Fprintf(&huge, "word%d ", i)
	}
	err := db.InTx(t.Context(), func(ctx context.Context) error {
		err := e.Index(ctx, "c", body("a", "lamp"), body("huge", huge.String()))
		if db.Dialect() == sqldb.Postgres && !errors.Is(err, search.ErrQuery) || db.Dialect() == sqldb.SQLite && err != nil {
			t.Errorf("more words than a tsvector holds: %v", err)
		}
		if err := e.Delete(ctx, "absent", "a"); !errors.Is(err, search.ErrNoIndex) {
			t.Errorf("Delete without an index: %v", err)
		}
		return e.Index(ctx, "c", body("b", "lamp"))
	})
	if err != nil {
		t.Fatal(err)
	}
	want := "b"
	if db.Dialect() == sqldb.SQLite {
		want = "a b"
	}
	if got := found(t, t.Context(), e, search.Query{Text: "lamp"}); got != want {
		t.Errorf("found %q, want %q", got, want)
	}
}

func weighsFields(t *testing.T, _ sqldb.DB, e *sqlsearch.Engine) {
	text := func(id, field, other string) search.Document {
		return search.Document{ID: id, Text: map[string]string{field: "lamp here", other: "carpet there"}}
	}
	indexed(t, e, text("1", "note", "title"), text("2", "body", "title"), text("3", "title", "body"),
		body("4", "nothing here"), body("5", "nothing there"), body("6", "nothing"), body("7", "nothing"))
	for _, any := range []bool{false, true} {
		if got := found(t, t.Context(), e, search.Query{Text: "lamp", Any: any}); got != "3 2 1" {
			t.Errorf("Any: %v: %q, want what has it in its title first", any, got)
		}
	}
}

// Texts that mean something to a query language of PostgreSQL, SQLite or both.
var strange = []string{
	`"`, `""`, `'`, `''`, `\`, `\'`, `'\''`, `a"b`, `a'b`, `a\b`, `*`, `a*`, `^a`, `a^`, `:*`, `a:*`, `a:A`, `a:1`, `&`, `a &`, `| a`, `!a`, `!!a`, `a <-> b`, `<2>`,
	`NEAR(a b)`, `NEAR`, `AND`, `OR`, `NOT`, `a AND`, `OR b`, `NOT NOT`, `a:b`, `{a b}:c`, `-a:b`, `a + b`, `+`, `(`, `)`, `((((`, `1_a`, `_`, `__`, `1_`, `'a':1A`,
	"a\x00b", "\xff\xfe", "\u200b", "𝔘𝔫𝔦", "İ", "ﬁ", "ß", "ǅ", "e\u0301", "$1", "?", "?1", "%s", "; DROP TABLE lexigram_search_documents; --", "/* */", "--", "\r\n\t", "0x1F", "1e5", "-1", "0",
}

func textsOfStrangers(t *testing.T, _ sqldb.DB, e *sqlsearch.Engine) {
	indexed(t, e, body("a", "nothing of that kind"))
	for i, s := range strange {
		if strings.ContainsRune(s, 0) || strings.ToValidUTF8(s, "") != s {
			s = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", " "), " ")
		}
		indexed(t, e, body(fmt.Sprint("s", i), s))
	}
	for i, s := range strange {
		for j, other := range []string{"", " kind", " " + s} {
			for _, any := range []bool{false, true} {
				q := search.Query{Text: s + other, Any: any, Limit: search.MaxLimit}
				got := " " + found(t, t.Context(), e, q) + " "
				if j != 1 && !strings.Contains(got, fmt.Sprintf(" s%d ", i)) {
					t.Errorf("%q does not find itself: %s", q.Text, got)
				}
			}
		}
	}
}

func manyWords(t *testing.T, _ sqldb.DB, e *sqlsearch.Engine) {
	var text strings.Builder
	for i := 0; text.Len() < search.MaxText-10; i++ {
		text.WriteString(strings.ToLower(fmt.Sprintf("%c%c ", 'a'+i%26, 'a'+i/26%26)))
		if i >= 26*26 {
			fmt.Fprintf(&text, "%x ", i)
		}
	}
	indexed(t, e, body("a", text.String()), body("b", "zz lamp"), body("c", "lamp"))
	for any, want := range map[bool]string{false: "a", true: "a b"} {
		if got := found(t, t.Context(), e, search.Query{Text: text.String(), Any: any}); got != want {
			t.Errorf("Any: %v: %q, want %q", any, got, want)
		}
	}
}

func longWords(t *testing.T, _ sqldb.DB, e *sqlsearch.Engine) {
	long := strings.Repeat("ü", 4000)
	indexed(t, e, body("a", long), body("b", long[:200]), body("c", strings.Repeat("many ", 70_000)+"lamp"))
	if got := found(t, t.Context(), e, search.Query{Text: long}); got != "a" {
		t.Errorf("a long word finds %q", got)
	}
	if got := found(t, t.Context(), e, search.Query{Text: long[:100], Sort: []search.Order{{Attribute: "none"}}}); got != "a b" {
		t.Errorf("its beginning finds %q", got)
	}
	if got := found(t, t.Context(), e, search.Query{Text: "many lamp"}); got != "c" {
		t.Errorf("the end of a long text: %q", got)
	}
}

func sortsMany(t *testing.T, _ sqldb.DB, e *sqlsearch.Engine) {
	of := func(id string, v any) search.Document {
		return search.Document{ID: id, Attributes: map[string]any{"v": v, "same": true}}
	}
	indexed(t, e, of("a", []string{"x"}), of("b", true), of("c", false), of("d", 1), of("e", true), of("f", "x"))
	for desc, want := range map[bool]string{false: "c b e a d f", true: "b e c a d f"} {
		if got := found(t, t.Context(), e, search.Query{Sort: []search.Order{{Attribute: "same"}, {Attribute: "v", Desc: desc}, {Attribute: "v"}}}); got != want {
			t.Errorf("Desc: %v: %q, want %q", desc, got, want)
		}
	}
	var orders []search.Order
	for i := range 33 {
		orders = append(orders, search.Order{Attribute: fmt.Sprint("n", i)})
	}
	if got := found(t, t.Context(), e, search.Query{Sort: orders[:32]}); got != "a b c d e f" {
		t.Errorf("32 attributes: %q", got)
	}
	if _, err := e.Search(t.Context(), "c", search.Query{Sort: orders}); !errors.Is(err, search.ErrQuery) {
		t.Errorf("33 attributes: %v", err)
	}
}

func highlightsWords(t *testing.T, _ sqldb.DB, e *sqlsearch.Engine) {
	indexed(t, e, search.Document{ID: "a", Text: map[string]string{
		"title": "Lamps", "note": "none", "body": strings.Repeat("some lamp \x02 and nothing else ", 50) + "the\x03 lamp near windows" + strings.Repeat(" — and more", 50),
	}})
	page, err := e.Search(t.Context(), "c", search.Query{Text: "LAMP win"})
	if err != nil || len(page.Hits) != 1 || len(page.Hits[0].Highlights) != 1 {
		t.Fatalf("%+v, %v", page, err)
	}
	got := page.Hits[0].Highlights["body"]
	if !strings.Contains(got, "the \x02lamp\x03 near \x02windows\x03 — and") || len(got) > 200 || strings.Count(got, "\x02") != strings.Count(got, "\x03") {
		t.Errorf("%q", got)
	}
}

func madeByMany(t *testing.T, _ sqldb.DB, e *sqlsearch.Engine) {
	const writers = 8
	var wg sync.WaitGroup
	errs := make([]error, writers)
	for i := range writers {
		wg.Go(func() {
			if errs[i] = e.Index(t.Context(), "c", body(fmt.Sprint(i), "lamp"), body("same", "lamp")); errs[i] == nil {
				errs[i] = e.Delete(t.Context(), "c", fmt.Sprint(i), "same")
			}
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	indexed(t, e, body("a", "lamp"))
	if got := found(t, t.Context(), e, search.Query{Text: "lamp"}); got != "a" {
		t.Errorf("%q", got)
	}
}

func searchHealth(t *testing.T, db sqldb.DB, e *sqlsearch.Engine) {
	if r := e.CheckHealth(t.Context()); r.Status != health.Healthy {
		t.Errorf("%+v", r)
	}
	if _, err := db.Exec(t.Context(), "ALTER TABLE lexigram_search_indexes RENAME TO gone"); err != nil {
		t.Fatal(err)
	}
	if r := e.CheckHealth(t.Context()); r.Status != health.Unhealthy || r.Message == "" {
		t.Errorf("without its tables: %+v", r)
	}
	if err := e.Index(t.Context(), "c", body("a", "x")); !errors.Is(err, search.Err) || !errors.Is(err, sqldb.Err) || errors.Is(err, filter.Err) {
		t.Error(err)
	}
}
