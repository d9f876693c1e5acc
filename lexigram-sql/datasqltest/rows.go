package datasqltest

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/rowscan"
)

// RunRows checks package rowscan on the databases that open returns, which may
// be the same one each time. open registers its own cleanup on t.
func RunRows(t *testing.T, open func(t *testing.T) sqldb.DB) {
	t.Helper()
	for name, check := range map[string]func(*testing.T, sqldb.DB, string){
		"collect":                     collects,
		"one":                         readsOne,
		"iter":                        iterates,
		"one column":                  oneColumn,
		"columns are strict":          strictColumns,
		"scan errors name the field":  namesField,
		"rows share nothing":          rowsShareNothing,
		"named parameters":            namedParameters,
		"statements that fail":        failingStatements,
		"leaving frees the statement": leaving,
	} {
		t.Run(name, func(t *testing.T) {
			db := open(t)
			people := table(t, db, "id bigint PRIMARY KEY, name text NOT NULL, age bigint, created_at timestamp with time zone NOT NULL, tags text NOT NULL")
			for i := range 5 {
				age := any(20 + i)
				if i == 4 {
					age = nil
				}
				tags, _ := json.Marshal(strings.Split("abcde"[:i+1], ""))
				if _, err := db.Exec(t.Context(), "INSERT INTO "+people+" (id, name, age, created_at, tags) VALUES ($1, $2, $3, $4, $5)",
					i+1, fmt.Sprint("name ", i+1), age, began.Add(time.Duration(i)*time.Second), string(tags)); err != nil {
					t.Fatal(err)
				}
			}
			check(t, db, people)
		})
	}
}

var errLeft = errors.New("the caller left")

var began = time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)

// words are JSON, and read into the memory that they have.
type words []string

func (w *words) Scan(src any) error {
	switch s := src.(type) {
	case string:
		return json.Unmarshal([]byte(s), w)
	case []byte:
		return json.Unmarshal(s, w)
	}
	return fmt.Errorf("words from a %T", src)
}

type stamps struct{ CreatedAt time.Time }

type person struct {
	ID       int64
	FullName string `db:"name"`
	Age      *int
	stamps
	Words   words          `db:"tags"`
	Comment string         `db:",optional"`
	Cached  map[string]int `db:"-"`
}

const everyone = "SELECT id, name, age, created_at, tags FROM "

func collects(t *testing.T, db sqldb.DB, people string) {
	all, err := rowscan.Collect[person](t.Context(), db, everyone+people+" ORDER BY id")
	if err != nil || len(all) != 5 {
		t.Fatalf("%d, %v", len(all), err)
	}
	p := all[1]
	if p.ID != 2 || p.FullName != "name 2" || p.Age == nil || *p.Age != 21 || !p.CreatedAt.Equal(began.Add(time.Second)) || len(p.Words) != 2 || all[4].Age != nil {
		t.Errorf("%+v", p)
	}
	none, err := rowscan.Collect[person](t.Context(), db, everyone+people+" WHERE id > $1", 9)
	if err != nil || none != nil {
		t.Errorf("%v, %v", none, err)
	}
	with, err := rowscan.Collect[person](t.Context(), db, "SELECT 'why' AS comment, tags, created_at, age, name, id FROM "+people+" WHERE id = $1", 1)
	if err != nil || len(with) != 1 || with[0].Comment != "why" || with[0].FullName != "name 1" {
		t.Errorf("in another order: %+v, %v", with, err)
	}
}

func readsOne(t *testing.T, db sqldb.DB, people string) {
	p, err := rowscan.One[person](t.Context(), db, everyone+people+" WHERE id = $1", 3)
	if err != nil || p.ID != 3 {
		t.Errorf("%+v, %v", p, err)
	}
	if p, err = rowscan.One[person](t.Context(), db, everyone+people+" WHERE id = $1", 9); !errors.Is(err, sqldb.ErrNoRows) || p.ID != 0 {
		t.Errorf("of none: %+v, %v", p, err)
	}
	if p, err = rowscan.One[person](t.Context(), db, everyone+people); !errors.Is(err, rowscan.ErrManyRows) || p.ID != 0 {
		t.Errorf("of many: %+v, %v", p, err)
	}
	made, err := rowscan.One[int64](t.Context(), db, "UPDATE "+people+" SET age = 99 WHERE id = $1 RETURNING age", 5)
	if err != nil || made != 99 {
		t.Errorf("RETURNING: %d, %v", made, err)
	}
}

func iterates(t *testing.T, db sqldb.DB, people string) {
	var ids []int64
	every := rowscan.Iter[person](t.Context(), db, everyone+people+" ORDER BY id")
	for range 2 {
		for p, err := range every {
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, p.ID)
		}
	}
	if fmt.Sprint(ids) != "[1 2 3 4 5 1 2 3 4 5]" {
		t.Error(ids)
	}
	n := 0
	for p, err := range rowscan.Iter[struct{ Age int }](t.Context(), db, "SELECT age FROM "+people+" ORDER BY id") {
		if n++; n == 5 && (err == nil || p.Age != 0) {
			t.Errorf("a NULL into an int: %v, %v", p, err)
		}
		if n < 5 && err != nil {
			t.Error(err)
		}
	}
	if n != 5 {
		t.Errorf("%d rows, want 4 and the error", n)
	}
}

func oneColumn(t *testing.T, db sqldb.DB, people string) {
	names, err := rowscan.Collect[string](t.Context(), db, "SELECT name FROM "+people+" WHERE id < $1 ORDER BY id", 3)
	if err != nil || fmt.Sprint(names) != "[name 1 name 2]" {
		t.Error(names, err)
	}
	last, err := rowscan.One[time.Time](t.Context(), db, "SELECT max(created_at) FROM "+people)
	if err != nil || !last.Equal(began.Add(4*time.Second)) {
		t.Error(last, err)
	}
	ages, err := rowscan.Collect[*int64](t.Context(), db, "SELECT age FROM "+people+" ORDER BY id DESC")
	if err != nil || len(ages) != 5 || ages[0] != nil || *ages[1] != 23 || *ages[4] != 20 {
		t.Error(ages, err)
	}
	null, err := rowscan.One[sql.Null[int64]](t.Context(), db, "SELECT age FROM "+people+" WHERE id = 5")
	if err != nil || null.Valid {
		t.Error(null, err)
	}
	tags, err := rowscan.One[words](t.Context(), db, "SELECT tags FROM "+people+" WHERE id = 3")
	if err != nil || fmt.Sprint(tags) != "[a b c]" {
		t.Error(tags, err)
	}
}

func strictColumns(t *testing.T, db sqldb.DB, people string) {
	for columns, want := range map[string]string{
		"id, name, age, created_at, tags, 1 AS more": `column "more" has no field`,
		"id, name, age, created_at":                  "Words has no column",
		"id, name, age, created_at, tags, id":        `two columns are "id"`,
	} {
		_, err := rowscan.Collect[person](t.Context(), db, "SELECT "+columns+" FROM "+people)
		if !errors.Is(err, rowscan.ErrColumn) || !errors.Is(err, sqldb.Err) || !strings.Contains(err.Error(), want) {
			t.Errorf("SELECT %s: %v, want ErrColumn: %s", columns, err, want)
		}
	}
	if _, err := rowscan.One[int64](t.Context(), db, "SELECT id, age FROM "+people); !errors.Is(err, rowscan.ErrColumn) {
		t.Errorf("two columns into one: %v", err)
	}
}

func namesField(t *testing.T, db sqldb.DB, people string) {
	type row struct {
		ID   int64
		Date int64 `db:"name"`
	}
	for _, in := range []string{"plain", "a transaction"} {
		_, err := rowscan.Collect[row](t.Context(), db, "SELECT id, name FROM "+people)
		if in != "plain" {
			err = db.InTx(t.Context(), func(ctx context.Context) error {
				_, err := rowscan.Collect[row](ctx, db, "SELECT id, name FROM "+people)
				return err
			})
		}
		f, ok := errors.AsType[*rowscan.FieldError](err)
		if !ok || f.Column != "name" || !strings.HasSuffix(f.Field, "row.Date") || !strings.Contains(err.Error(), "row.Date") || !errors.Is(err, sqldb.Err) {
			t.Errorf("%s: %v, want a FieldError of Date", in, err)
		}
	}
	_, err := rowscan.One[int64](t.Context(), db, "SELECT age FROM "+people+" WHERE id = 5")
	if f, ok := errors.AsType[*rowscan.FieldError](err); !ok || f.Field != "int64" || f.Column != "age" {
		t.Errorf("NULL into an int64: %v", err)
	}
}

func rowsShareNothing(t *testing.T, db sqldb.DB, people string) {
	all, err := rowscan.Collect[person](t.Context(), db, everyone+people+" ORDER BY id DESC")
	if err != nil || fmt.Sprint(all[0].Words) != "[a b c d e]" || fmt.Sprint(all[4].Words) != "[a]" {
		t.Fatalf("%+v, %v", all, err)
	}
	all[4].Words[0] = "changed"
	if all[0].Words[0] != "a" || all[1].Age == all[2].Age || *all[1].Age != 23 {
		t.Errorf("%+v", all)
	}
}

func namedParameters(t *testing.T, db sqldb.DB, people string) {
	p, err := rowscan.One[person](t.Context(), db, everyone+people+" WHERE id = :id AND name <> ':id' AND id >= @id AND name=@name -- :none",
		rowscan.Params{"id": 2, "name": "name 2"})
	if err != nil || p.ID != 2 {
		t.Errorf("%+v, %v", p, err)
	}
	if _, err := rowscan.One[person](t.Context(), db, everyone+people+" WHERE id = :id", rowscan.Params{}); !errors.Is(err, sqldb.ErrArgument) {
		t.Errorf("without its value: %v", err)
	}
}

func failingStatements(t *testing.T, db sqldb.DB, people string) {
	if all, err := rowscan.Collect[person](t.Context(), db, "SELECT nothing FROM "+people); !errors.Is(err, sqldb.Err) || all != nil {
		t.Errorf("%v, %v", all, err)
	}
	gone, cancel := context.WithCancelCause(t.Context())
	cancel(errLeft)
	if _, err := rowscan.One[int64](gone, db, "SELECT id FROM "+people); !errors.Is(err, errLeft) {
		t.Errorf("with a context that has ended: %v", err)
	}
	calls := 0
	for _, err := range rowscan.Iter[int64](gone, db, "SELECT id FROM "+people) {
		if calls++; !errors.Is(err, errLeft) {
			t.Error(err)
		}
	}
	if calls != 1 {
		t.Errorf("the error came %d times", calls)
	}
}

func leaving(t *testing.T, db sqldb.DB, people string) {
	err := db.InTx(t.Context(), func(ctx context.Context) error {
		for range rowscan.Iter[int64](ctx, db, "SELECT id FROM "+people) {
			break
		}
		_, err := db.Exec(ctx, "UPDATE "+people+" SET age = 1") // ErrTxBusy if the rows were open
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
