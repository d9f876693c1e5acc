package datasqltest

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/filter"
	"github.com/lexigram/lexigram-go/contracts/repo"
	"github.com/lexigram/lexigram-go/contracts/repo/repotest"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqllex"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlrepo"
)

// A source makes conditions of bytes.
type source struct{ left []byte }

func (s *source) next(n int) int {
	if len(s.left) == 0 {
		return 0
	}
	b := int(s.left[0])
	s.left = s.left[1:]
	return b % n
}

func (s *source) text() string {
	n := min(s.next(12), len(s.left))
	out := string(s.left[:n])
	s.left = s.left[n:]
	return out
}

var hard = [...]float64{0, 0.5, -0.5, 2, 2.5, 1 << 53, 1<<53 + 2, 1 << 63, -(1 << 63), 1e300, -1e300}

func (s *source) value() any {
	switch s.next(8) {
	case 0:
		return int64(s.next(8) - 1)
	case 1:
		return int64(1)<<s.next(64) + int64(s.next(3)) - 1
	case 2:
		return hard[s.next(len(hard))]
	case 3:
		return s.next(2) == 0
	case 4:
		return began.Add(time.Duration(s.next(20)) * 500 * time.Millisecond)
	case 5:
		return fuzzNames[s.next(len(fuzzNames))]
	}
	return s.text()
}

func (s *source) field() string { return repotest.Filterable[s.next(len(repotest.Filterable))] }

func (s *source) condition(depth int) filter.Filter {
	kind := s.next(9)
	if depth > 5 {
		kind %= 5
	}
	switch kind {
	case 0:
		return filter.Exists{Field: s.field()}
	case 1:
		in := filter.In{Field: s.field()}
		for n := s.next(5) * s.next(30); n > 0; n-- {
			in.Values = append(in.Values, s.value())
		}
		return in
	case 2:
		return filter.Substring{Field: s.field(), Value: s.text()}
	case 3, 4:
		ops := [...]filter.Op{filter.Eq, filter.Ne, filter.Lt, filter.Le, filter.Gt, filter.Ge}
		return filter.Cmp{Field: s.field(), Op: ops[s.next(len(ops))], Value: s.value()}
	case 5, 6:
		return filter.Not{Filter: s.condition(depth + 1)}
	}
	all := make([]filter.Filter, s.next(4))
	for i := range all {
		all[i] = s.condition(depth + 1)
	}
	if kind == 7 {
		return filter.And(all)
	}
	return filter.Or(all)
}

var fuzzNames = [...]string{"", "a", "A", "é", "50%", "500", "a_b", `a\b`, "o'neil", `"q"`, "$1", "1", "true"}

// known is all that a condition may be made of.
var known = strings.Fields("SELECT COUNT FROM WHERE AND OR NOT IN IS NULL CAST AS bigint text double precision json COLLATE BINARY instr strpos value json_each json_array_elements_text")

// checkText fails unless every token is one that the compiler writes: whatever
// a stranger gave is bound.
func checkText(t *testing.T, d sqldb.Dialect, table, sql string, args []any) {
	t.Helper()
	bound := make([]bool, len(args))
	for lex := sqllex.New(sql, d); ; {
		tok, ok := lex.Next()
		if !ok {
			break
		}
		switch tok.Kind {
		case sqllex.Word:
			ok = slices.Contains(known, tok.Text)
		case sqllex.Number:
			ok = tok.Text == "0" || tok.Text == "1"
		case sqllex.Identifier:
			name := strings.Trim(tok.Text, `"`)
			ok = slices.Contains(repotest.Filterable, name) || name == table || name == "deleted_at" || name == "C"
		case sqllex.Placeholder:
			if ok = tok.Number() <= len(args); ok {
				bound[tok.Number()-1] = true
			}
		case sqllex.Symbol:
			ok = strings.Contains("()=<>,*", tok.Text)
		case sqllex.Literal, sqllex.Comment:
			ok = false
		}
		if !ok {
			t.Fatalf("%q in %s", tok.Text, sql)
		}
	}
	if slices.Contains(bound, false) {
		t.Fatalf("%d arguments for %s", len(args), sql)
	}
}

// A condition has the same entities in memory and in SQL, and nothing of it
// that a stranger may choose is in the text of the statement.
func FuzzConditions(f *testing.F) {
	db := openFile(f, f.TempDir()+"/fuzz.db")
	name := items(f, db)
	lite, pg := &tape{DB: db, dialect: sqldb.SQLite}, &tape{DB: db, dialect: sqldb.Postgres}
	onLite := newRepo[repotest.Item, int64](f, lite, itemOptions(name))
	onPostgres := newRepo[repotest.Item, int64](f, pg, itemOptions(name))
	all := fuzzItems(f, onLite)
	for _, seed := range []string{"", "\x03\x01\x00\x02", "\x05\x03\x02\x00'; DROP", "\x07\x03\x01\x03\x06\x05", "\x05\x08\x02\x00\x05\x03", "\x02\x02\x0b%' OR 1=1 --", "\x01\x03\x04\x1d\x02\x05"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, seed []byte) {
		src := source{left: seed}
		cond := src.condition(0)
		holds, err := filter.Compile(cond)
		_, err2 := onPostgres.Count(t.Context(), repo.Query{Where: cond})
		got, err3 := onLite.Count(t.Context(), repo.Query{Where: cond})
		if err != nil { // such as text that is not UTF-8
			if !errors.Is(err2, filter.Err) || !errors.Is(err3, filter.Err) {
				t.Fatalf("%+v: %v, but %v, %v", cond, err, err2, err3)
			}
			return
		}
		if errors.Is(err3, filter.ErrUnsupported) { // more than 999 values
			return
		}
		if err3 != nil || !errors.Is(err2, errTape) {
			t.Fatalf("%+v: %v, %v", cond, err3, err2)
		}
		want := int64(0)
		for _, it := range all {
			if holds(it.Attributes()) {
				want++
			}
		}
		if got != want {
			t.Fatalf("%+v: %d entities, want %d: %s %v", cond, got, want, lite.sql, lite.args)
		}
		checkText(t, sqldb.SQLite, name, lite.sql, lite.args)
		checkText(t, sqldb.Postgres, name, pg.sql, pg.args)
	})
}

func fuzzItems(f *testing.F, r *sqlrepo.Repository[repotest.Item, int64]) []repotest.Item {
	var all []repotest.Item
	for i := range 40 {
		it := repotest.Item{
			Code: "code" + string(rune('a'+i)), Name: fuzzNames[i%len(fuzzNames)], Score: hard[i%len(hard)], Active: i%2 == 0,
			At: began.Add(time.Duration(i%9) * 500 * time.Millisecond),
		}
		if rank := int64(i%6) - 1; i%4 != 3 {
			if i%5 == 0 {
				rank = []int64{math.MaxInt64, math.MinInt64, 1<<53 + 1, 1 << 53}[i/5%4]
			}
			it.Rank = &rank
		}
		if err := r.Save(f.Context(), &it); err != nil {
			f.Fatal(err)
		}
		all = append(all, it)
	}
	return all
}
