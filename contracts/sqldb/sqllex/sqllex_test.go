package sqllex_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqllex"
)

var names = [...]string{"space", "comment", "word", "number", "literal", "identifier", "placeholder", "symbol"}

// kinds writes the tokens that are not space as "kind:text".
func kinds(text string, d sqldb.Dialect) string {
	var all []string
	for lex := sqllex.New(text, d); ; {
		t, ok := lex.Next()
		if !ok {
			return strings.Join(all, " ")
		}
		if t.Kind == sqllex.Space {
			continue
		}
		s := names[t.Kind] + ":" + t.Text
		if t.Open {
			s += "!"
		}
		all = append(all, s)
	}
}

func TestNext(t *testing.T) {
	const lite, pg = sqldb.SQLite, sqldb.Postgres
	for _, c := range []struct {
		d          sqldb.Dialect
		text, want string
	}{
		{lite, "a $1,'$2'", "word:a placeholder:$1 symbol:, literal:'$2'"},
		{lite, "'it''s $1'", "literal:'it''s $1'"},
		{lite, `"a""$1" [b$1] ` + "`c$1`", "identifier:\"a\"\"$1\" identifier:[b$1] identifier:`c$1`"},
		{lite, "-- $1\nx", "comment:-- $1\n word:x"},
		{lite, "-- $1\r$2\nx", "comment:-- $1\r$2\n word:x"},
		{pg, "-- $1\rCOMMIT", "comment:-- $1\r word:COMMIT"},
		{pg, "-- $1\r\nx", "comment:-- $1\r word:x"},
		{lite, "/* $1 /* */ x", "comment:/* $1 /* */ word:x"},
		{pg, "/* $1 /* */ x", "comment:/* $1 /* */ x!"},
		{pg, "/* /* */ */ x", "comment:/* /* */ */ word:x"},
		{lite, "'open $1", "literal:'open $1!"},
		{lite, `"open`, `identifier:"open!`},
		{lite, "[open", "identifier:[open!"},
		{pg, "$$ it's $1 $$ $2", "literal:$$ it's $1 $$ placeholder:$2"},
		{pg, "$f$ $$ $1 $f$", "literal:$f$ $$ $1 $f$"},
		{pg, "$f$ open", "literal:$f$ open!"},
		{lite, "$$", "symbol:$ symbol:$"},
		{pg, `E'a\'$1' x`, `literal:E'a\'$1' word:x`},
		{pg, "E'a'\n'\\'$1' x", "literal:E'a' literal:'\\'$1' word:x"},
		{pg, "E'a' -- b\n '' '\\' x", "literal:E'a' comment:-- b\n literal:'' literal:'\\' word:x"},
		{pg, "E'a'\n''\n'\\'$1'", "literal:E'a' literal:'' literal:'\\'$1'"},
		{pg, "E'a',\n'\\' $1", "literal:E'a' symbol:, literal:'\\' placeholder:$1"},
		{pg, "'a'\n'\\' $1", "literal:'a' literal:'\\' placeholder:$1"},
		{lite, `E'a\' $1`, `word:E literal:'a\' placeholder:$1`},
		{lite, "\ufeffcommit a\ufeff", "word:commit word:a\ufeff"},
		{pg, "\ufeffcommit", "word:\ufeffcommit"},
		{lite, "x'00ff'", "literal:x'00ff'"},
		{lite, "a$1", "word:a$1"},
		{lite, "1e5 x", "number:1e5 word:x"},
		{pg, "a[1]", "word:a symbol:[ number:1 symbol:]"},
		{lite, "é$1 $1é", "word:é$1 placeholder:$1 word:é"},
	} {
		if got := kinds(c.text, c.d); got != c.want {
			t.Errorf("%s %q:\n got %s\nwant %s", c.d, c.text, got, c.want)
		}
	}
}

func TestNumber(t *testing.T) {
	for text, want := range map[string]int{"$1": 1, "$999": 999, "$0": 0, "$65536": 0, "$99999999999999999999": 0, "x": 0} {
		lex := sqllex.New(text, sqldb.SQLite)
		tok, _ := lex.Next()
		if got := tok.Number(); got != want {
			t.Errorf("%s: %d, want %d", text, got, want)
		}
	}
}

// The pieces of a text are the text, whatever it is.
func FuzzNext(f *testing.F) {
	for _, s := range []string{"", "'", "$", "$$", "E'\\", "E'a'\n'\\''", "--\r$1\n", "/*/", "--", "SELECT $1 -- x\n;", "$a$b$a$", "\x00\xff", "[", "x'"} {
		f.Add(s, true)
		f.Add(s, false)
	}
	f.Fuzz(func(t *testing.T, text string, postgres bool) {
		d := sqldb.SQLite
		if postgres {
			d = sqldb.Postgres
		}
		at := 0
		for lex := sqllex.New(text, d); ; {
			tok, ok := lex.Next()
			if !ok {
				break
			}
			if tok.At != at || tok.Text == "" || !strings.HasPrefix(text[at:], tok.Text) {
				t.Fatalf("token %+v at %d of %q", tok, at, text)
			}
			at += len(tok.Text)
		}
		if at != len(text) {
			t.Fatalf("%q: stopped at %d", text, at)
		}
	})
}

func ExampleLexer_Next() {
	for lex := sqllex.New("SELECT '$1', $2 -- $3", sqldb.SQLite); ; {
		t, ok := lex.Next()
		if !ok {
			break
		}
		if t.Kind == sqllex.Placeholder {
			fmt.Println(t.Text, "at", t.At)
		}
	}
	// Output:
	// $2 at 13
}
