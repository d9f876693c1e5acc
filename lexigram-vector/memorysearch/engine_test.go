package memorysearch

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/search"
)

func must[T any](t testing.TB) func(v T, err error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func body(id, text string) search.Document {
	return search.Document{ID: id, Text: map[string]string{"body": text}}
}

// find returns the IDs that q finds in index c.
func find(t testing.TB, e *Engine, q search.Query) []string {
	t.Helper()
	ids := []string{}
	for _, h := range must[search.Page](t)(e.Search(t.Context(), "c", q)).Hits {
		ids = append(ids, h.ID)
	}
	return ids
}

func filled(t testing.TB, cfg Config, docs ...search.Document) *Engine {
	t.Helper()
	e := open(t, cfg)
	if err := e.Index(t.Context(), "c", docs...); err != nil {
		t.Fatal(err)
	}
	return e
}

func TestMatches(t *testing.T) {
	e := filled(t, Config{},
		body("go", "Use sync.WaitGroup to wait for HTTPServers, and parse_query_string for sha256 caches"),
		body("other", "nothing of that kind"))
	for text, want := range map[string]bool{
		"WaitGroup": true, "waitgroup": true, "wait group": true, "group wait": true, "sync waitgroup": true, "sync.WaitGroup": true,
		"http server": true, "httpservers": true, "parse_query_string": true, "query parse": true, "sha256": true, "sha 256 caches": true,
		"cached": true, "caching wait": true, "cache use": true, "serving": false, "groups wait": true, "aitgroup": false, "rver": false, "wai group": false, "group wai": true,
	} {
		if got := slices.Contains(find(t, e, search.Query{Text: text}), "go"); got != want {
			t.Errorf("%q finds it: %v, want %v", text, got, want)
		}
	}
}

func TestBetterMatchesRankHigher(t *testing.T) {
	e := filled(t, Config{}, body("stem", "one caches here"), body("exact", "one cache here"), body("prefix", "one cachet here"), body("other", "something else"))
	if got := find(t, e, search.Query{Text: "cache"}); !slices.Equal(got, []string{"exact", "stem", "prefix"}) {
		t.Errorf("%q", got)
	}
}

func TestWeights(t *testing.T) {
	docs := []search.Document{
		{ID: "a", Text: map[string]string{"title": "other thing", "body": "lamp stands"}},
		{ID: "b", Text: map[string]string{"title": "lamp stands", "body": "other thing"}},
	}
	if got := find(t, filled(t, Config{}, docs...), search.Query{Text: "lamp"}); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("without weights: %q", got)
	}
	if got := find(t, filled(t, Config{Weights: map[string]float64{"title": 3}}, docs...), search.Query{Text: "lamp"}); !slices.Equal(got, []string{"b", "a"}) {
		t.Errorf("title weighs 3: %q", got)
	}
	for _, bad := range []map[string]float64{{"title": 0}, {"title": -1}, {"no field": 1}} {
		if _, err := Open(Config{Weights: bad}); !errors.Is(err, errs.ErrValidation) || !errors.Is(err, search.Err) {
			t.Errorf("Open with weights %v = %v", bad, err)
		}
	}
}

func TestReopen(t *testing.T) {
	cfg := Config{Dir: t.TempDir(), NoSync: true}
	docs := corpus(300, 300)
	e := filled(t, cfg, docs...)
	if err := errors.Join(e.Delete(t.Context(), "c", "3", "4"), e.Index(t.Context(), "c", docs[:3]...), e.Index(t.Context(), "empty")); err != nil {
		t.Fatal(err)
	}
	q := search.Query{Text: "ba ke lu", Any: true, Limit: 1_000}
	want := must[search.Page](t)(e.Search(t.Context(), "c", q))
	if _, err := Open(cfg); !errors.Is(err, search.Err) {
		t.Fatalf("second Open of the directory = %v", err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	e = open(t, cfg)
	if got := must[search.Page](t)(e.Search(t.Context(), "c", q)); !reflect.DeepEqual(got, want) || got.Total == 0 {
		t.Fatalf("%d hits after Open, want %d alike", got.Total, want.Total)
	}
	if _, err := e.Search(t.Context(), "empty", q); err != nil {
		t.Fatalf("the empty index: %v", err)
	}
}

// TestChurn replaces and deletes again and again: neither memory nor disk may
// grow with it, and nothing may be found that is gone.
func TestChurn(t *testing.T) {
	docs := corpus(300, 300)
	e := filled(t, Config{Dir: t.TempDir(), NoSync: true}, docs...)
	before := e.Stats()
	for round := range 20 {
		for i := 0; i < len(docs); i += 50 {
			if err := e.Index(t.Context(), "c", docs[i:i+50]...); err != nil {
				t.Fatal(err)
			}
		}
		for i := round; i < len(docs); i += 7 {
			if err := e.Delete(t.Context(), "c", docs[i].ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := e.Index(t.Context(), "c", docs...); err != nil {
		t.Fatal(err)
	}
	after := e.Stats()
	if after.Documents != 300 || after.MemoryBytes > 3*before.MemoryBytes || after.DiskBytes > 3*before.DiskBytes {
		t.Fatalf("before %+v, after %+v", before, after)
	}
	fresh := filled(t, Config{}, docs...)
	for _, text := range []string{"ba", "ba ke", "luba", "k"} {
		q := search.Query{Text: text, Limit: 1_000, Sort: []search.Order{{Attribute: "n"}}}
		if got, want := find(t, e, q), find(t, fresh, q); !slices.Equal(got, want) {
			t.Errorf("%q: %d hits, %d in a fresh index", text, len(got), len(want))
		}
	}
	t.Logf("before %+v, after %+v", before, after)
}

// TestTorn cuts the journal at every byte of the last call: all of it is there or nothing.
func TestTorn(t *testing.T) {
	for name, last := range map[string]func(e *Engine) error{
		"index":  func(e *Engine) error { return e.Index(t.Context(), "c", body("a", "new lamp"), body("c", "lamp")) },
		"delete": func(e *Engine) error { return e.Delete(t.Context(), "c", "a", "b") },
	} {
		t.Run(name, func(t *testing.T) {
			cfg := Config{Dir: t.TempDir()}
			file := filepath.Join(cfg.Dir, "c"+suffix)
			e := filled(t, cfg, body("a", "old lamp"), body("b", "lamp"))
			before := must[[]byte](t)(os.ReadFile(file))
			if err := errors.Join(last(e), e.Close()); err != nil {
				t.Fatal(err)
			}
			after := must[[]byte](t)(os.ReadFile(file))
			state := func(b []byte) string {
				if err := os.WriteFile(file, b, 0o600); err != nil {
					t.Fatal(err)
				}
				e := open(t, cfg)
				defer e.Close()
				return fmt.Sprint(find(t, e, search.Query{Text: "lamp"}), find(t, e, search.Query{Text: "old"}), find(t, e, search.Query{}))
			}
			whole, old := state(after), state(before)
			if whole == old {
				t.Fatalf("the last call changed nothing: %s", old)
			}
			for n := len(before) + 1; n < len(after); n++ {
				if got := state(after[:n]); got != old {
					t.Fatalf("%d of %d bytes: %s, want %s", n, len(after), got, old)
				}
			}
		})
	}
}

func TestClosed(t *testing.T) {
	e := filled(t, Config{Dir: t.TempDir()}, body("a", "lamp"))
	if r := e.CheckHealth(t.Context()); r.Status != health.Healthy {
		t.Errorf("health = %+v", r)
	}
	if err := errors.Join(e.Close(), e.Close()); err != nil {
		t.Fatal(err)
	}
	_, err := e.Search(t.Context(), "c", search.Query{})
	for op, err := range map[string]error{"Search": err, "Index": e.Index(t.Context(), "c"), "Delete": e.Delete(t.Context(), "c")} {
		if !errors.Is(err, search.ErrClosed) || !errors.Is(err, fs.ErrClosed) {
			t.Errorf("%s after Close = %v, want ErrClosed", op, err)
		}
	}
	if r := e.CheckHealth(t.Context()); r.Status != health.Unhealthy {
		t.Errorf("health after Close = %+v", r)
	}
}

func TestBrokenJournal(t *testing.T) {
	e := filled(t, Config{Dir: t.TempDir()}, body("a", "lamp"))
	if err := e.indexes["c"].log.Close(); err != nil {
		t.Fatal(err)
	}
	if err := e.Index(t.Context(), "c", body("b", "lamp")); !errors.Is(err, search.Err) {
		t.Fatalf("Index = %v", err)
	}
	if got := find(t, e, search.Query{Text: "lamp"}); !slices.Equal(got, []string{"a"}) {
		t.Errorf("%q, want what was stored", got)
	}
	if r := e.CheckHealth(t.Context()); r.Status != health.Unhealthy {
		t.Errorf("health = %+v", r)
	}
	_ = e.Close() // the journal is closed already
}

// corpus returns n documents of about size bytes; words follow Zipf's law.
func corpus(n, size int) []search.Document {
	rng := rand.New(rand.NewPCG(1, 2))
	zipf := rand.NewZipf(rng, 1.1, 8, 60_000)
	docs := make([]search.Document, n)
	for i := range docs {
		var b strings.Builder
		for b.Len() < size {
			fmt.Fprintf(&b, "%s ", pseudo(zipf.Uint64()))
		}
		docs[i] = search.Document{ID: fmt.Sprint(i), Text: map[string]string{"title": pseudo(zipf.Uint64()), "body": b.String()}, Attributes: map[string]any{"n": i}}
	}
	return docs
}

// pseudo spells n in syllables.
func pseudo(n uint64) string {
	const c, v = "bdfgklmnprst", "aeiou"
	var b strings.Builder
	for ok := true; ok; ok = n > 0 {
		b.WriteByte(c[n%12])
		n /= 12
		b.WriteByte(v[n%5])
		n /= 5
	}
	return b.String()
}

func BenchmarkOpen(b *testing.B) {
	cfg := Config{Dir: b.TempDir(), NoSync: true}
	e := filled(b, cfg, corpus(20_000, 1_000)...)
	b.Logf("%+v", e.Stats())
	if err := e.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		e, err := Open(cfg)
		if err != nil {
			b.Fatal(err)
		}
		if err := e.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSearch(b *testing.B) {
	e := filled(b, Config{}, corpus(20_000, 1_000)...)
	for _, q := range []search.Query{{Text: "ba ke lu"}, {Text: "ba ke lu", Any: true}, {Text: "b"}, {Text: "bake lule ba ga fo ge lo la ma po", Any: true}} {
		b.Run(fmt.Sprint(q.Text, " ", q.Any), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := e.Search(b.Context(), "c", q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
