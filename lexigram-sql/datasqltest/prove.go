package datasqltest

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/page"
	"github.com/lexigram/lexigram-go/contracts/repo"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/rowscan"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlrepo"
)

// rowsToProve is how many rows [RunProof] makes: 20,000, or what
// LEXIGRAM_PROVE_ROWS says.
func rowsToProve(t *testing.T) int {
	text := os.Getenv("LEXIGRAM_PROVE_ROWS")
	if text == "" {
		return 20_000
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1000 {
		t.Fatalf("LEXIGRAM_PROVE_ROWS is %q: make it a number of at least 1000", text)
	}
	return n
}

// An article is a row of the proof, of about 150 bytes.
type article struct {
	ID    int64
	Title string
	Score float64
	Body  string
}

// A proof is a large table, and what is printed about it.
type proof struct {
	db       sqldb.DB
	tape     *tape
	name     string
	n        int
	articles *sqlrepo.Repository[article, int64]
}

// RunProof fills a table with many rows and shows that pages by cursor seek in
// an index however far down they are, and that walking all pages and streaming all
// rows takes constant memory. It prints sizes and times, and fails for a plan
// that sorts or scans, a row that is missing, and memory that grows.
func RunProof(t *testing.T, open func(t *testing.T) sqldb.DB) {
	t.Helper()
	db := open(t)
	p := &proof{db: db, tape: &tape{DB: db, dialect: db.Dialect()}, n: rowsToProve(t)}
	p.name = table(t, db, idColumn(db.Dialect())+", title text NOT NULL, score double precision NOT NULL, body text NOT NULL")
	p.articles = newRepo[article, int64](t, p.tape, sqlrepo.Options{Table: p.name, Generated: true, Sort: []string{"score"}, Cursors: signer{}})
	p.fill(t)
	p.index(t)
	p.pages(t)
	p.stream(t)
	p.offset(t)
}

// took prints what f took.
func took(t *testing.T, what string, f func()) {
	t.Helper()
	start := time.Now()
	f()
	t.Logf("%-44s %v", what, time.Since(start).Round(10*time.Microsecond))
}

func (p *proof) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	if _, err := p.db.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

func (p *proof) fill(t *testing.T) {
	series := "WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < $1)"
	if p.db.Dialect() == sqldb.Postgres {
		series = "WITH series AS (SELECT n FROM generate_series(1, CAST($1 AS bigint)) AS s(n))"
	}
	body := strings.Repeat("0123456789", 10)
	took(t, fmt.Sprintf("%s: %d rows", p.db.Dialect(), p.n), func() {
		p.exec(t, "INSERT INTO "+p.name+" (title, score, body) "+series+" SELECT 'article ' || n, n * 7919 % 1000, $2 FROM series", p.n, body)
	})
}

// size returns the bytes of the table and its indexes.
func (p *proof) size(t *testing.T) int64 {
	t.Helper()
	sql := "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size() WHERE $1 = $1"
	if p.db.Dialect() == sqldb.Postgres {
		sql = "SELECT pg_total_relation_size(CAST($1 AS regclass))"
	}
	n, err := rowscan.One[int64](t.Context(), p.db, sql, p.name)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (p *proof) index(t *testing.T) {
	before := p.size(t)
	took(t, "index of (score, id)", func() {
		p.exec(t, "CREATE INDEX "+p.name+"_score ON "+p.name+" (score, id)")
	})
	p.exec(t, "ANALYZE "+p.name)
	t.Logf("%-44s %.1f MB, and %.1f MB with the index", "size", float64(before)/1e6, float64(p.size(t))/1e6)
}

var byScore = repo.Query{Sort: []repo.Sort{{Field: "score"}}}

// pages walks through all of them.
func (p *proof) pages(t *testing.T) {
	ctx := t.Context()
	heap := newHeap()
	var last article
	var times []time.Duration
	n, cursor := 0, ""
	start := time.Now()
	for {
		begin := time.Now()
		pg, err := p.articles.Page(ctx, byScore, cursor, page.MaxLimit)
		if err != nil {
			t.Fatal(err)
		}
		times = append(times, time.Since(begin))
		for _, a := range pg.Items {
			if a.Score < last.Score || a.Score == last.Score && a.ID <= last.ID {
				t.Fatalf("%d after %d", a.ID, last.ID)
			}
			last = a
		}
		n += len(pg.Items)
		if len(times)%50 == 0 {
			heap.sample()
		}
		if pg.Next == "" {
			break
		}
		cursor = pg.Next
		if len(times) == 1 {
			p.plan(t, cursor)
		}
	}
	heap.sample()
	t.Logf("%-44s %v", fmt.Sprintf("%d pages of %d by cursor", len(times), page.MaxLimit), time.Since(start).Round(time.Millisecond))
	t.Logf("%-44s %v, %v, %v", "the first, the middle and the last", times[0], times[len(times)/2], times[len(times)-1])
	heap.check(t, "pages")
	if n != p.n {
		t.Errorf("%d rows in pages, want %d", n, p.n)
	}
}

// plan checks that the statement of a page seeks.
func (p *proof) plan(t *testing.T, cursor string) {
	t.Helper()
	if _, err := p.articles.Page(t.Context(), byScore, cursor, 20); err != nil {
		t.Fatal(err)
	}
	explain, good, bad := "EXPLAIN QUERY PLAN ", "SEARCH", []string{"SCAN", "B-TREE"}
	if p.db.Dialect() == sqldb.Postgres {
		explain, good, bad = "EXPLAIN ", "Index Cond", []string{"Seq Scan", "Sort"}
	}
	lines := sqldb.Select(t.Context(), p.db, func(r sqldb.Rows) (string, error) {
		var detail string
		var skip any
		dest := []any{&detail}
		for len(dest) < len(r.Columns()) {
			dest = append([]any{&skip}, dest...)
		}
		err := r.Scan(dest...)
		return detail, err
	}, explain+p.tape.sql, p.tape.args...)
	plan := ""
	for line, err := range lines {
		if err != nil {
			t.Fatal(err)
		}
		plan += line + "\n"
	}
	ok := strings.Contains(plan, good)
	for _, b := range bad {
		ok = ok && !strings.Contains(plan, b)
	}
	if !ok {
		t.Errorf("the plan of a page:\n%s%s", plan, p.tape.sql)
	}
}

func (p *proof) stream(t *testing.T) {
	heap := newHeap()
	n := 0
	took(t, "all rows in one stream", func() {
		for _, err := range p.articles.Find(t.Context(), byScore) {
			if err != nil {
				t.Fatal(err)
			}
			if n++; n%50_000 == 0 {
				heap.sample()
			}
		}
	})
	heap.check(t, "the stream")
	if n != p.n {
		t.Errorf("%d rows in the stream, want %d", n, p.n)
	}
}

// offset is what a page by cursor spares.
func (p *proof) offset(t *testing.T) {
	q := byScore
	q.Offset, q.Limit = p.n-page.MaxLimit, page.MaxLimit
	took(t, fmt.Sprintf("the last page by OFFSET %d", q.Offset), func() {
		n := 0
		for _, err := range p.articles.Find(context.WithoutCancel(t.Context()), q) {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		if n != page.MaxLimit {
			t.Errorf("%d rows by OFFSET", n)
		}
	})
}

// A heap is how much memory is in use at most, beyond what was at first.
type heap struct{ first, most uint64 }

func newHeap() *heap {
	h := &heap{}
	h.first = h.now()
	return h
}

func (*heap) now() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func (h *heap) sample() { h.most = max(h.most, h.now()) }

// check fails if memory grew with the rows: all of them are at least 3 MB, and 150 in the long form.
func (h *heap) check(t *testing.T, what string) {
	t.Helper()
	grown := max(0, int64(h.most)-int64(h.first))
	t.Logf("%-44s %.1f MB", "memory of "+what, float64(grown)/1e6)
	if grown > 2<<20 {
		t.Errorf("%s: memory grew by %d bytes", what, grown)
	}
}
