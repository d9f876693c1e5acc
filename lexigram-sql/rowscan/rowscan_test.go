package rowscan

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqllex"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestSnake(t *testing.T) {
	for name, want := range map[string]string{
		"ID": "id", "UserID": "user_id", "CreatedAt": "created_at", "HTTPCode": "http_code", "A": "a", "Sha256Sum": "sha256_sum", "X_Y": "x_y",
	} {
		if got := snake(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

type base struct{ ID int64 }

func TestTypesThatAreRefused(t *testing.T) {
	refused := func(_ *Plan, err error) error { return err }
	for want, err := range map[string]error{
		"both column": refused(PlanOf[struct {
			A, B int `db:"x"`
		}]()),
		"no exported field": refused(PlanOf[struct{ a int }]()),
		"field M":           refused(PlanOf[struct{ M map[string]int }]()),
		"chan int":          refused(PlanOf[chan int]()),
		"field base":        refused(PlanOf[struct{ *base }]()),
		"unknown option": refused(PlanOf[struct {
			A int `db:"a,omitempty"`
		}]()),
		"a tag, and not expor": refused(PlanOf[struct {
			a int `db:"a"`
		}]()),
	} {
		if !errors.Is(err, ErrType) || !errors.Is(err, sqldb.Err) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v, want ErrType: %s", err, want)
		}
	}
	p, err := PlanOf[struct {
		base
		At time.Time
	}]()
	if err != nil || len(p.fields) != 2 || p.fields[0].column != "id" {
		t.Errorf("%+v, %v", p, err)
	}
	if again, _ := PlanOf[base](); again != must(PlanOf[base]()) {
		t.Error("a plan is made twice")
	}
}

func must(p *Plan, _ error) *Plan { return p }

func TestBind(t *testing.T) {
	all := Params{"a": 1, "b": "two"}
	for _, c := range []struct {
		d        sqldb.Dialect
		sql, out string
		args     []any
	}{
		{sqldb.SQLite, "SELECT :a, @b, :a", "SELECT $1, $2, $1", []any{1, "two"}},
		{sqldb.Postgres, "SELECT :b::text, x::a, @a", "SELECT $1::text, x::a, $2", []any{"two", 1}},
		{sqldb.Postgres, "SELECT ':a', \":a\", $t$ :a $t$, :b /* @a */, a[1 : 2], j @> '{}', j @@ q, x<@y, :a", "SELECT ':a', \":a\", $t$ :a $t$, $1 /* @a */, a[1 : 2], j @> '{}', j @@ q, x<@y, $2", []any{"two", 1}},
		{sqldb.SQLite, "a=@a AND b<=:b:", "a=$1 AND b<=$2:", []any{1, "two"}},
		{sqldb.SQLite, ":a,:b", "$1,$2", []any{1, "two"}},
	} {
		out, args, err := Bind(c.d, c.sql, all)
		if err != nil || out != c.out || !reflect.DeepEqual(args, c.args) {
			t.Errorf("%s:\n got %s %v %v\nwant %s %v", c.sql, out, args, err, c.out, c.args)
		}
	}
	for sql, want := range map[string]string{
		"SELECT :a, :b, :c": `"c" has no value`,
		"SELECT :a":         `["b"]: the statement has no such name`,
		"SELECT :a, :b, $1": "$1 beside named ones",
		"SELECT :a, :é":     "the statement has no such name",
		"SELECT :a, :b$1":   "the statement has no such name",
	} {
		if _, _, err := Bind(sqldb.Postgres, sql, all); !errors.Is(err, ErrParam) || !errors.Is(err, sqldb.ErrArgument) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want ErrParam: %s", sql, err, want)
		}
	}
	if out, args, err := Bind(sqldb.SQLite, "SELECT 1", nil); out != "SELECT 1" || args != nil || err != nil {
		t.Error(out, args, err)
	}
}

// What Bind returns has a placeholder for each argument, and nothing that was
// quoted has changed.
func FuzzBind(f *testing.F) {
	for _, s := range []string{"SELECT :a", "':a' :a::b", "@a@a", ":", "@", "::a", "E'\\':a' :a", "$a$:a$a$:a", "[:a]", "--:a\n:a", "LIMIT:a", "E:a'x'", "1:a", ":a:a"} {
		f.Add(s, true)
		f.Add(s, false)
	}
	f.Fuzz(func(t *testing.T, sql string, postgres bool) {
		d := sqldb.SQLite
		if postgres {
			d = sqldb.Postgres
		}
		out, args, err := Bind(d, sql, Params{"a": 1})
		if err != nil {
			return
		}
		placeholders, quoted := tokensOf(out, d)
		_, before := tokensOf(sql, d)
		if len(args) != 1 || placeholders == 0 || placeholders != strings.Count(out, "$1")-strings.Count(strings.Join(quoted, " "), "$1") || !slices.Equal(quoted, before) {
			t.Fatalf("%q became %q with %v", sql, out, args)
		}
	})
}

// tokensOf returns how many placeholders sql has, and what is quoted or a comment.
func tokensOf(sql string, d sqldb.Dialect) (placeholders int, quoted []string) {
	for lex := sqllex.New(sql, d); ; {
		t, ok := lex.Next()
		switch {
		case !ok:
			return placeholders, quoted
		case t.Kind == sqllex.Placeholder:
			placeholders++
		case t.Kind == sqllex.Literal, t.Kind == sqllex.Identifier, t.Kind == sqllex.Comment:
			quoted = append(quoted, t.Text)
		}
	}
}
