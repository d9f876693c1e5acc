package datasqltest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/filter"
	"github.com/lexigram/lexigram-go/contracts/search"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlsearch"
)

// largeFilters are as large as package filter allows.
func largeFilters(t *testing.T, _ sqldb.DB, e *sqlsearch.Engine) {
	for i := range 3 {
		indexed(t, e, search.Document{ID: fmt.Sprint(i), Attributes: map[string]any{"n": i, "s": strings.Repeat("x", i)}})
	}
	wide, deep := filter.Or{}, filter.Filter(filter.Cmp{Field: "n", Op: filter.Eq, Value: 1})
	for i := range filter.MaxConditions - 1 {
		wide = append(wide, filter.Cmp{Field: "n", Op: filter.Gt, Value: i + 1})
	}
	for range filter.MaxDepth - 1 {
		deep = filter.Not{Filter: deep}
	}
	in := filter.In{Field: "s"}
	for i := range filter.MaxValues {
		in.Values = append(in.Values, strings.Repeat("x", i+1))
	}
	for name, c := range map[string]struct {
		f    filter.Filter
		want string
	}{
		"wide or": {wide, "2"}, "wide and": {filter.And(wide), ""}, "deep": {deep, "0 2"}, "in": {in, "1 2"},
		"comb": {comb(filter.MaxDepth), "1"},
	} {
		if got := found(t, t.Context(), e, search.Query{Where: c.f}); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// comb nests as deep as it can, with thirty conditions on each level.
func comb(depth int) filter.Filter {
	one := filter.Filter(filter.Cmp{Field: "n", Op: filter.Eq, Value: 1})
	if depth == 1 {
		return one
	}
	all := filter.And(slices.Repeat([]filter.Filter{one}, 29))
	return append(all, comb(depth-1))
}

// randomFilters compares what the database finds, and in which order, with what
// filter.Compile and filter.Compare say of documents and conditions drawn from
// the values that are hard.
func randomFilters(t *testing.T, _ sqldb.DB, e *sqlsearch.Engine) {
	seed := rand.Uint64()
	g := &drawn{rand.New(rand.NewPCG(seed, 0))}
	docs := make([]search.Document, 100)
	for i := range docs {
		attrs := map[string]any{}
		for _, f := range []string{"a", "b", "C"} {
			if g.IntN(4) > 0 {
				attrs[f] = g.attribute()
			}
		}
		var err error
		docs[i], err = search.CheckDocument(search.Document{ID: fmt.Sprintf("%03d", i), Text: map[string]string{"body": "lamp"}, Attributes: attrs})
		if err != nil {
			t.Fatal(err)
		}
	}
	indexed(t, e, docs...)
	for i := range 200 {
		q := search.Query{Where: g.filter(3), Limit: search.MaxLimit}
		if i%2 == 0 {
			q.Text = "lamp"
		}
		for range i % 3 {
			q.Sort = append(q.Sort, search.Order{Attribute: pick(g, "a", "b", "C", "absent"), Desc: g.IntN(2) == 0})
		}
		holds, err := filter.Compile(q.Where)
		if err != nil {
			t.Fatal(err)
		}
		want := slices.DeleteFunc(slices.Clone(docs), func(d search.Document) bool { return !holds(d.Attributes) })
		arrange(want, q.Sort)
		page, err := e.Search(t.Context(), "c", q)
		same := slices.EqualFunc(page.Hits, want, func(h search.Hit, d search.Document) bool { return h.ID == d.ID })
		if err != nil || !same || page.Total != len(want) {
			t.Fatalf("seed %d: %#v, by %v: %d of %d, %v; want %d, in order", seed, q.Where, q.Sort, len(page.Hits), page.Total, err, len(want))
		}
	}
}

// arrange sorts docs, which are in order of ID, as search.Order has it.
func arrange(docs []search.Document, orders []search.Order) {
	first := make([]any, len(orders)) // the value that says which kind comes first
	for i, o := range orders {
		for _, d := range slices.Backward(docs) {
			if v := d.Attributes[o.Attribute]; sortable(v, v) {
				first[i] = v
			}
		}
	}
	slices.SortStableFunc(docs, func(a, b search.Document) int {
		for i, o := range orders {
			v, w := a.Attributes[o.Attribute], b.Attributes[o.Attribute]
			switch fits, also := sortable(v, first[i]), sortable(w, first[i]); {
			case fits && !also:
				return -1
			case !fits && also:
				return 1
			case fits && also:
				c, _ := filter.Compare(v, w)
				if o.Desc {
					c = -c
				}
				if c != 0 {
					return c
				}
			}
		}
		return 0
	})
}

func sortable(a, b any) bool {
	_, ok := filter.Compare(a, b)
	return ok
}

// drawn draws values and filters.
type drawn struct{ *rand.Rand }

func pick[T any](g *drawn, from ...T) T { return from[g.IntN(len(from))] }

var drawnMoment = time.Date(2024, 2, 29, 23, 59, 59, 999_999_000, time.UTC)

func (g *drawn) number() any {
	near := pick(g, 0, 1, 0.1, 0.3, 1e-7, 123456.789, 1e15, 1<<53, 1<<62, 1<<63, -(1 << 63), 1e22, 1e23, 1.7e308, 5e-324, 2.2250738585072014e-308)
	switch g.IntN(6) {
	case 0:
		return pick(g, math.Nextafter(near, math.MaxFloat64), math.Nextafter(near, -math.MaxFloat64))
	case 1:
		return pick[int64](g, 0, 1, -1, 2, 1<<53, 1<<53+1, 1<<53-1, 1<<62, 1<<62+1, 1<<62-1, math.MaxInt64, math.MaxInt64-1, math.MinInt64, math.MinInt64+1)
	case 2:
		for {
			if f := math.Float64frombits(g.Uint64()); !math.IsNaN(f) && !math.IsInf(f, 0) {
				return f
			}
		}
	case 3:
		return int64(g.Uint64())
	case 4:
		return float64(g.IntN(5)) / 2
	}
	return near
}

func (g *drawn) text() string {
	s := pick(g, "", "a", "A", "ab", "é", "e\u0301", "\U0001F600", "\uFFFD", "%", "_", `\`, `"`, "'", "7", "1", "true", "null", "[]", `{"t":1}`, "\n", "\x01", "\u2028", "<", "$.a", "Z", "z", "ß", "red")
	if g.IntN(3) == 0 {
		s += g.text()
	}
	return s
}

func (g *drawn) scalar() any {
	switch g.IntN(4) {
	case 0:
		return g.text()
	case 1:
		return g.IntN(2) == 0
	case 2:
		return pick(g, drawnMoment, drawnMoment.Add(time.Microsecond), drawnMoment.Add(-999), drawnMoment.In(time.FixedZone("", 3600)),
			time.Date(1, 1, 1, 0, 0, 0, 1000, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC), time.Unix(0, 0), time.Unix(1, 0))
	}
	return g.number()
}

func (g *drawn) attribute() any {
	if g.IntN(5) == 0 {
		list := []string{}
		for range g.IntN(4) {
			list = append(list, g.text())
		}
		return list
	}
	return g.scalar()
}

func (g *drawn) filter(depth int) filter.Filter {
	field := pick(g, "a", "b", "C", "absent")
	if depth > 0 && g.IntN(2) == 0 {
		var fs []filter.Filter
		for range g.IntN(4) {
			fs = append(fs, g.filter(depth-1))
		}
		return pick[filter.Filter](g, filter.And(fs), filter.Or(fs), filter.Not{Filter: g.filter(depth - 1)})
	}
	switch g.IntN(7) {
	case 0:
		return filter.Exists{Field: field}
	case 1:
		return filter.Has{Field: field, Value: g.text()}
	case 2:
		return filter.Substring{Field: field, Value: g.text()}
	case 3:
		in := filter.In{Field: field}
		for range pick(g, 0, 1, 3, 40) {
			in.Values = append(in.Values, g.scalar())
		}
		return in
	}
	v := g.scalar()
	op := pick(g, filter.Eq, filter.Ne, filter.Lt, filter.Le, filter.Gt, filter.Ge)
	if _, ok := v.(bool); ok {
		op = pick(g, filter.Eq, filter.Ne)
	}
	return filter.Cmp{Field: field, Op: op, Value: v}
}
