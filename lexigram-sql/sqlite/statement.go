package sqlite

import (
	"database/sql/driver"
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
	text   string // with SQLite's placeholders
	reads  bool   // SELECT, VALUES, EXPLAIN, WITH … SELECT
	writes bool   // INSERT, UPDATE, DELETE, REPLACE
	params int    // the largest placeholder
}

// A parser remembers the statements that it has seen. What it returns is shared and never changes.
type parser struct{ known sqldriver.Memo[*statement] }

func (p *parser) parse(sql string) (*statement, error) { return p.known.Of(sql, parse) }

// bad reports a statement that does not reach the engine.
func bad(format string, args ...any) error {
	return sqldb.Err.Wrap(fmt.Errorf(format, args...), "sqlite: statement")
}

// parse reads sql, which is one statement. $1 becomes ? where the placeholders
// come once and in order, which the engine binds faster, and otherwise ?1.
func parse(sql string) (*statement, error) {
	if strings.ContainsRune(sql, 0) {
		return nil, bad("a NUL byte")
	}
	p := parsing{plain: true}
	for lex := sqllex.New(sql, sqldb.SQLite); ; {
		t, ok := lex.Next()
		if !ok {
			break
		}
		if err := p.token(t); err != nil {
			return nil, err
		}
	}
	if !p.any {
		return nil, bad("it is empty")
	}
	text := sql
	if p.params > 0 {
		text = p.rewrite(sql)
	}
	return &statement{text: text, reads: p.verb == reading, writes: p.verb == writing, params: p.params}, nil
}

// parsing is the state of [parse].
type parsing struct {
	params  int
	plain   bool // $1, $2, … so far
	depth   int  // of parentheses
	any     bool // a token that is not blank came
	ended   bool // by a semicolon
	with    bool // the verb comes after the common table expressions
	verb    verb
	create  bool // CREATE came
	trigger bool // CREATE TRIGGER: semicolons are in its body
	blocks  int  // BEGIN and CASE of a trigger's body that wait for their END
	dot     bool // the token before was one: a word is the name of a column
}

type verb uint8

const (
	unknownVerb verb = iota
	reading
	writing
	other
)

func (p *parsing) token(t sqllex.Token) error {
	switch {
	case t.Blank():
		return nil
	case t.Text == ";" && p.blocks == 0:
		p.ended = true
		return nil
	case p.ended:
		return bad("several in one call")
	}
	p.any = true
	if p.trigger && t.Kind == sqllex.Word && !p.dot {
		p.block(t)
	}
	p.dot = t.Text == "."
	switch {
	case t.Kind == sqllex.Placeholder:
		n := t.Number()
		if n == 0 {
			return bad("placeholder %s is not one of $1 to $65535", t.Text)
		}
		p.plain = p.plain && n == p.params+1
		p.params = max(p.params, n)
	case t.Text == "?" && t.Kind == sqllex.Symbol:
		return bad("placeholder ?: write $1")
	case t.Text == "(":
		p.depth++
	case t.Text == ")":
		p.depth--
	case p.verb == unknownVerb && p.depth == 0:
		p.word(t)
	case p.create:
		// the words between are TEMP and TEMPORARY only
		p.trigger = t.Is("TRIGGER")
		p.create = t.Is("TEMP") || t.Is("TEMPORARY")
	}
	return nil
}

// block counts the blocks of a trigger's body.
func (p *parsing) block(t sqllex.Token) {
	switch {
	case t.Is("BEGIN"), t.Is("CASE") && p.blocks > 0:
		p.blocks++
	case t.Is("END") && p.blocks > 0:
		p.blocks--
	}
}

// word looks at a token where the verb may stand.
func (p *parsing) word(t sqllex.Token) {
	switch {
	case t.Is("SELECT"), t.Is("VALUES"), t.Is("EXPLAIN") && !p.with:
		p.verb = reading
	case t.Is("INSERT"), t.Is("UPDATE"), t.Is("DELETE"), t.Is("REPLACE"):
		p.verb = writing
	case t.Is("WITH") && !p.with:
		p.with = true
	case !p.with:
		p.verb = other
		p.create = t.Is("CREATE")
	}
}

func (p *parsing) rewrite(sql string) string {
	var b strings.Builder
	b.Grow(len(sql))
	for lex := sqllex.New(sql, sqldb.SQLite); ; {
		t, ok := lex.Next()
		if !ok {
			return b.String()
		}
		switch {
		case t.Kind != sqllex.Placeholder:
			b.WriteString(t.Text)
		case p.plain:
			b.WriteByte('?')
		default:
			b.WriteByte('?')
			b.WriteString(strconv.Itoa(t.Number()))
		}
	}
}

// bind turns arguments into what the engine takes.
func (st *statement) bind(args []any) ([]driver.NamedValue, error) {
	if len(args) != st.params {
		return nil, bad("%d placeholders and %d arguments", st.params, len(args))
	}
	if len(args) == 0 {
		return nil, nil
	}
	values := make([]driver.NamedValue, len(args))
	for i, a := range args {
		switch x := a.(type) {
		case time.Time:
			a = sqldriver.FormatTime(x)
		case float64:
			if math.IsNaN(x) { // SQLite would store NULL
				return nil, bad("argument $%d is not a number", i+1)
			}
		}
		values[i] = driver.NamedValue{Ordinal: i + 1, Value: a}
	}
	return values, nil
}
