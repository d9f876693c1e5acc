package stdsql

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqldriver"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqllex"
)

// A statement is what is known of one SQL text.
type statement struct {
	text   string // with the driver's placeholders
	verb   verb
	params int // the largest placeholder
}

type verb uint8

const (
	other verb = iota
	reading
	writing // INSERT, UPDATE, DELETE, REPLACE, MERGE
)

func (r *router) parse(sql string) (*statement, error) { return r.known.Of(sql, r.read) }

func (r *router) read(sql string) (*statement, error) { return parse(sql, r.dialect) }

func bad(format string, args ...any) error {
	return sqldb.Err.Wrap(fmt.Errorf(format, args...), "stdsql: statement")
}

// parse reads one statement. SQLite's placeholders become ?1.
func parse(sql string, d sqldb.Dialect) (*statement, error) {
	if strings.IndexByte(sql, 0) >= 0 {
		return nil, bad("a NUL byte")
	}
	st := &statement{}
	var b strings.Builder
	var s scan
	for lex := sqllex.New(sql, d); ; {
		t, ok := lex.Next()
		if !ok {
			break
		}
		text := t.Text
		if t.Kind == sqllex.Placeholder {
			n := t.Number()
			if n == 0 {
				return nil, bad("placeholder %s is not one of $1 to $65535", t.Text)
			}
			st.params = max(st.params, n)
			if d == sqldb.SQLite {
				text = "?" + strconv.Itoa(n)
			}
		}
		if err := s.token(t, d); err != nil {
			return nil, err
		}
		b.WriteString(text)
	}
	if !s.any {
		return nil, bad("it is empty")
	}
	st.text, st.verb = b.String(), s.verb()
	return st, nil
}

// scan is what the words of a statement say.
type scan struct {
	any, ended bool
	first      string // word
	writes     bool
	create     bool // CREATE came, and of what is not known yet
	routine    bool // it is of what has statements in it
	blocks     int  // BEGIN and CASE of its body that wait for their END
	parens     int  // that are open
	dot        bool // the token before was one: a word is the name of a column
}

func (s *scan) token(t sqllex.Token, d sqldb.Dialect) error {
	switch {
	case t.Blank():
		return nil
	case t.Text == ";" && s.blocks == 0:
		s.ended = true
		return nil
	case s.ended:
		return bad("several in one call")
	case t.Text == "?" && t.Kind == sqllex.Symbol && d == sqldb.SQLite:
		return bad("placeholder ?: write $1")
	}
	s.any = true
	switch t.Text {
	case "(":
		s.parens++
	case ")":
		s.parens--
	}
	if t.Kind == sqllex.Word && !s.dot {
		s.word(strings.ToUpper(t.Text))
	}
	s.dot = t.Text == "."
	return nil
}

func (s *scan) word(word string) {
	switch {
	case s.first == "":
		s.first, s.create = word, word == "CREATE"
	case s.create:
		s.routine = word == "TRIGGER" || word == "FUNCTION" || word == "PROCEDURE"
		s.create = word == "OR" || word == "REPLACE" || word == "TEMP" || word == "TEMPORARY" || word == "CONSTRAINT"
	case !s.routine:
	case word == "BEGIN" && s.parens == 0, word == "CASE" && s.blocks > 0:
		s.blocks++
	case word == "END" && s.blocks > 0:
		s.blocks--
	}
	switch word {
	case "INSERT", "UPDATE", "DELETE", "MERGE":
		s.writes = true
	case "REPLACE":
		s.writes = s.writes || s.first == "REPLACE"
	}
}

func (s *scan) verb() verb {
	switch s.first {
	case "SELECT", "VALUES", "EXPLAIN", "TABLE", "": // "": it begins with a parenthesis
		return reading
	case "WITH":
		if s.writes {
			return writing
		}
		return reading
	case "INSERT", "UPDATE", "DELETE", "REPLACE", "MERGE":
		return writing
	}
	return other
}

// bind turns arguments into what the driver takes.
func (st *statement) bind(d sqldb.Dialect, args []any) ([]any, error) {
	if len(args) != st.params {
		return nil, bad("%d placeholders and %d arguments", st.params, len(args))
	}
	if d != sqldb.SQLite || len(args) == 0 {
		return args, nil
	}
	values := make([]any, len(args))
	for i, a := range args {
		switch x := a.(type) {
		case time.Time:
			a = sqldriver.FormatTime(x)
		case float64:
			if math.IsNaN(x) { // SQLite would store NULL
				return nil, bad("argument $%d is not a number", i+1)
			}
		}
		values[i] = a
	}
	return values, nil
}
