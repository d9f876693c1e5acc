package datasqltest

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/filter"
	"github.com/lexigram/lexigram-go/contracts/repo"
	"github.com/lexigram/lexigram-go/contracts/repo/repotest"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlrepo"
)

// longLists: an In of more values than a statement has placeholders.
func longLists(t *testing.T, db sqldb.DB) {
	ctx := t.Context()
	r := newRepo[repotest.Item, int64](t, db, itemOptions(items(t, db)))
	for i := range 4 {
		rank := int64(1<<53 + i)
		it := repotest.Item{Code: fmt.Sprint("code ", i), Name: []string{"a", `"]`, "é", `\`}[i], Rank: &rank, Score: float64(i) / 3, At: began}
		if err := r.Save(ctx, &it); err != nil {
			t.Fatal(err)
		}
	}
	for field, values := range map[string][]any{"rank": {1<<53 + 1, 1<<53 + 3}, "name": {`"]`, `\`}, "score": {1.0 / 3, 1.0}} {
		for i := range 900 {
			switch field {
			case "name":
				values = append(values, fmt.Sprint("no ", i))
			default:
				values = append(values, -i-1)
			}
		}
		in := filter.In{Field: field, Values: values}
		for f, want := range map[string]filter.Filter{"[2 4]": in, "[1 3]": filter.Not{Filter: in}} {
			var ids []int64
			for it, err := range r.Find(ctx, repo.Query{Where: want}) {
				if err != nil {
					t.Fatal(err)
				}
				ids = append(ids, it.ID)
			}
			if fmt.Sprint(ids) != f {
				t.Errorf("%s: %v, want %s", field, ids, f)
			}
		}
	}
	many := filter.Or{}
	for i := range 999 {
		many = append(many, filter.Cmp{Field: "rank", Op: filter.Eq, Value: i})
	}
	if _, err := r.Count(ctx, repo.Query{Where: many}); err != nil {
		t.Errorf("999 values: %v", err)
	}
	for _, err := range r.Find(ctx, repo.Query{Where: many, Limit: 1}) {
		if !errors.Is(err, filter.ErrUnsupported) {
			t.Errorf("999 values, and a limit: %v, want ErrUnsupported", err)
		}
	}
	times := filter.In{Field: "at"}
	for i := range 1000 {
		times.Values = append(times.Values, began.Add(time.Duration(i)*time.Hour))
	}
	if _, err := r.Count(ctx, repo.Query{Where: times}); !errors.Is(err, filter.ErrUnsupported) {
		t.Errorf("1,000 times: %v, want ErrUnsupported", err)
	}
}

// hostileText is bound wherever it goes.
func hostileText(t *testing.T, db sqldb.DB) {
	ctx := t.Context()
	name := items(t, db)
	r := newRepo[repotest.Item, int64](t, db, itemOptions(name))
	for i, s := range []string{`'; DROP TABLE ` + name + `; --`, `" OR 1=1 --`, `$1`, `%`, `_`, `\`, `:a`} {
		it := repotest.Item{Code: s, Name: s, At: began}
		if err := r.Save(ctx, &it); err != nil {
			t.Fatal(err)
		}
		for _, f := range []filter.Filter{
			filter.Cmp{Field: "name", Op: filter.Eq, Value: s},
			filter.In{Field: "name", Values: []any{s}},
			filter.And{filter.Substring{Field: "name", Value: s}, filter.Cmp{Field: "id", Op: filter.Eq, Value: it.ID}},
		} {
			if n, err := r.Count(ctx, repo.Query{Where: f}); err != nil || n != 1 {
				t.Errorf("%d: %+v: %d, %v", i, f, n, err)
			}
		}
	}
}

func textKeys(t *testing.T, db sqldb.DB) {
	ctx := t.Context()
	type doc struct {
		ID      string
		Title   string
		Version int64
	}
	typ := "text"
	o := sqlrepo.Options{Version: "version", Sort: []string{"title"}, Cursors: signer{}}
	if db.Dialect() == sqldb.Postgres {
		typ, o.UUIDs = "uuid", []string{"id"}
	}
	o.Table = table(t, db, "id "+typ+" PRIMARY KEY, title text NOT NULL, version bigint NOT NULL")
	r := newRepo[doc, string](t, db, o)
	var all []*doc
	for i := range 5 {
		all = append(all, &doc{ID: fmt.Sprintf("00000000-0000-4000-8000-%012x", 9-i), Title: fmt.Sprint(i / 2)})
	}
	if err := r.SaveMany(ctx, all); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for d, err := range repo.Stream(ctx, r, repo.Query{Sort: []repo.Sort{{Field: "title"}}}, 2) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, d.ID[35:])
	}
	if fmt.Sprint(ids) != "[8 9 6 7 5]" {
		t.Error(ids)
	}
	in := repo.Query{Where: filter.In{Field: "id", Values: []any{all[0].ID, all[4].ID}}}
	if n, err := r.Count(ctx, in); err != nil || n != 2 {
		t.Error(n, err)
	}
	if n, err := r.DeleteMany(ctx, []string{all[0].ID, all[1].ID}); err != nil || n != 2 {
		t.Error(n, err)
	}
}

func refusedOptions(t *testing.T, db sqldb.DB) {
	for want, o := range map[string]sqlrepo.Options{
		"Table is":             {},
		`users; DROP`:          {Table: "users; DROP TABLE users"},
		`a.b.c`:                {Table: "a.b.c"},
		"Key is \"nothing\"":   {Table: "t", Key: "nothing"},
		"not a int64":          {Table: "t", Key: "code"},
		"Version is \"name\"":  {Table: "t", Version: "name"},
		"Deleted is \"at\"":    {Table: "t", Deleted: "at"},
		"Filter has \"x\"":     {Table: "t", Filter: []string{"x"}},
		"Sort has \"x\"":       {Table: "t", Sort: []string{"x"}},
		"UUIDs has \"rank\"":   {Table: "t", UUIDs: []string{"rank"}},
		"Created is \"score\"": {Table: "t", Created: "score"},
		`x\"y`:                 {Table: `x"y`},
	} {
		_, err := sqlrepo.New[repotest.Item, int64](db, o)
		if !errors.Is(err, sqldb.ErrArgument) || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %s", o, err, want)
		}
	}
	if _, err := sqlrepo.New[repotest.Item, int64](nil, sqlrepo.Options{Table: "t"}); !errors.Is(err, sqldb.ErrArgument) {
		t.Error(err)
	}
	type bad struct {
		ID int64 `db:"id\" = 1 --"`
	}
	if _, err := sqlrepo.New[bad, int64](db, sqlrepo.Options{Table: "t"}); !errors.Is(err, sqldb.ErrArgument) {
		t.Error(err)
	}
}

func nullPages(t *testing.T, db sqldb.DB) {
	ctx := t.Context()
	r := settings(t, db, sqlrepo.Options{})
	for i := range 6 {
		s := setting{Name: fmt.Sprint(i)}
		if v := fmt.Sprint(i / 2); i > 1 {
			s.Value = &v
		}
		if err := r.Save(ctx, &s); err != nil {
			t.Fatal(err)
		}
	}
	for want, sort := range map[string]repo.Sort{"[0 1 2 3 4 5]": {Field: "value"}, "[4 5 2 3 0 1]": {Field: "value", Desc: true}} {
		var names []string
		for s, err := range repo.Stream(ctx, r, repo.Query{Sort: []repo.Sort{sort}}, 1) {
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, s.Name)
		}
		if fmt.Sprint(names) != want {
			t.Errorf("%+v: %v, want %s", sort, names, want)
		}
	}
}

// A level is a word in Go and a number in the table.
type level string

func (l *level) Value() (driver.Value, error) { return int64(len(*l)), nil }

func (l *level) Scan(src any) error {
	n, ok := src.(int64)
	if !ok {
		return fmt.Errorf("a level from a %T", src)
	}
	*l = level(strings.Repeat("*", int(n)))
	return nil
}

// ownForms: what a driver.Valuer is in the table is not what it is in Go, so no
// comparison is made of it.
func ownForms(t *testing.T, db sqldb.DB) {
	ctx := t.Context()
	type room struct {
		ID    int64
		Stars level
	}
	o := sqlrepo.Options{Table: table(t, db, idColumn(db.Dialect())+", stars bigint NOT NULL"), Generated: true}
	r := newRepo[room, int64](t, db, o)
	made := room{Stars: "***"}
	if err := r.Save(ctx, &made); err != nil {
		t.Fatal(err)
	}
	got, err := r.Get(ctx, made.ID)
	if err != nil || got != made {
		t.Errorf("%+v, %v, want %+v", got, err, made)
	}
	for f, want := range map[filter.Filter]int64{
		filter.Cmp{Field: "stars", Op: filter.Eq, Value: "***"}: 0, filter.Cmp{Field: "stars", Op: filter.Eq, Value: 3}: 0, filter.Exists{Field: "stars"}: 1,
	} {
		if n, err := r.Count(ctx, repo.Query{Where: f}); err != nil || n != want {
			t.Errorf("%+v: %d, %v, want %d", f, n, err, want)
		}
	}
	o.Sort = []string{"stars"}
	if _, err := sqlrepo.New[room, int64](db, o); !errors.Is(err, sqldb.ErrArgument) {
		t.Errorf("an order of them: %v", err)
	}
}
