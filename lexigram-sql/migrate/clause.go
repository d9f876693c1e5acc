package migrate

import (
	"slices"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqllex"
)

// A clause is a part of a statement: its tokens without blanks.
type clause []term

// A term is a token. Bare words are in capitals, literals as they stand, quoted
// identifiers without their quotes.
type term struct {
	kind sqllex.Kind
	text string
}

func clauseOf(text string, d sqldb.Dialect) clause {
	var c clause
	for lex := sqllex.New(text, d); ; {
		t, ok := lex.Next()
		switch {
		case !ok:
			return c
		case t.Blank():
		case t.Kind == sqllex.Word:
			c = append(c, term{t.Kind, strings.ToUpper(t.Text)})
		case t.Kind == sqllex.Identifier:
			c = append(c, term{t.Kind, strings.Trim(t.Text, "\"`[]")})
		default:
			c = append(c, term{t.Kind, t.Text})
		}
	}
}

// is reports whether the clause begins with words.
func (c clause) is(words ...string) bool { return c.at(0, words) }

func (c clause) at(i int, words []string) bool {
	if len(c) < i+len(words) {
		return false
	}
	for j, w := range words {
		if c[i+j].kind == sqllex.Identifier || c[i+j].text != w {
			return false
		}
	}
	return true
}

// has reports whether words follow one another anywhere.
func (c clause) has(words ...string) bool {
	for i := range c {
		if c.at(i, words) {
			return true
		}
	}
	return false
}

// first returns the texts of the first n terms.
func (c clause) first(n int) []string {
	var all []string
	for _, t := range c[:min(n, len(c))] {
		all = append(all, t.text)
	}
	return all
}

// after returns what comes behind the first word, outside of parentheses.
func (c clause) after(word string) (clause, bool) {
	depth := 0
	for i, t := range c {
		switch {
		case t.kind == sqllex.Symbol && t.text == "(":
			depth++
		case t.kind == sqllex.Symbol && t.text == ")":
			depth--
		case depth == 0 && c.at(i, []string{word}):
			return c[i+1:], true
		}
	}
	return nil, false
}

// modifiers stand between CREATE and what is created.
var modifiers = [...]string{"OR", "REPLACE", "GLOBAL", "LOCAL", "TEMP", "TEMPORARY", "UNLOGGED", "VIRTUAL", "UNIQUE", "CONSTRAINT"}

// creates returns what comes behind CREATE and kind, if that is what c creates.
func (c clause) creates(kind string) (clause, bool) {
	if !c.is("CREATE") {
		return nil, false
	}
	c = c[1:]
	for len(c) > 0 && c[0].kind == sqllex.Word && slices.Contains(modifiers[:], c[0].text) {
		c = c[1:]
	}
	if !c.is(kind) {
		return nil, false
	}
	return c[1:], true
}

func (c clause) creating(kind string) bool {
	_, ok := c.creates(kind)
	return ok
}

// skip returns c without its first word, if that is it.
func (c clause) skip(word string) clause {
	if c.is(word) {
		return c[1:]
	}
	return c
}

// noise stands between a keyword and a name.
func (c clause) noise() clause {
	for {
		switch {
		case c.is("IF", "NOT", "EXISTS"):
			c = c[3:]
		case c.is("IF", "EXISTS"):
			c = c[2:]
		case c.is("ONLY"), c.is("CONCURRENTLY"):
			c = c[1:]
		default:
			return c
		}
	}
}

// name returns the name that the clause begins with, in small letters, without
// the schema before it.
func (c clause) name() string {
	c = c.noise()
	if len(c) == 0 {
		return ""
	}
	for len(c) > 2 && c[1].text == "." {
		c = c[2:]
	}
	return strings.ToLower(c[0].text)
}

// actions returns the actions of an ALTER TABLE, which c is from the name of the table on.
func (c clause) actions() []clause {
	c = c.noise()
	for len(c) > 2 && c[1].text == "." {
		c = c[2:]
	}
	if len(c) == 0 {
		return nil
	}
	c = c[1:].skip("*")
	var all []clause
	depth, from := 0, 0
	for i, t := range c {
		switch {
		case t.kind != sqllex.Symbol:
		case t.text == "(":
			depth++
		case t.text == ")":
			depth--
		case t.text == "," && depth == 0:
			all, from = append(all, c[from:i]), i+1
		}
	}
	return append(all, c[from:])
}

// addsColumn reports whether the action adds a column.
func (c clause) addsColumn() bool {
	if !c.is("ADD") {
		return false
	}
	for _, other := range []string{"CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "EXCLUDE"} {
		if c.is("ADD", other) {
			return false
		}
	}
	return true
}

func (c clause) serial() bool {
	return c.has("SERIAL") || c.has("BIGSERIAL") || c.has("SMALLSERIAL")
}

// stable are functions of defaults that are computed once.
var stable = []string{"NOW", "CURRENT_TIMESTAMP", "CURRENT_DATE", "LOCALTIMESTAMP", "TRANSACTION_TIMESTAMP", "STATEMENT_TIMESTAMP"}

// rewrites names what writes the table anew, or is "".
func (c clause) rewrites() string {
	switch {
	case c.is("ALTER") && c.skip("ALTER").skip("COLUMN")[min(1, len(c.skip("ALTER").skip("COLUMN"))):].skip("SET").skip("DATA").is("TYPE"):
		return "ALTER COLUMN TYPE"
	case c.is("SET", "TABLESPACE"), c.is("SET", "LOGGED"), c.is("SET", "UNLOGGED"), c.is("SET", "ACCESS", "METHOD"):
		return strings.Join(c.first(2), " ")
	case c.addsColumn() && c.has("STORED"):
		return "ADD COLUMN GENERATED"
	case c.addsColumn() && (c.serial() || c.has("AS", "IDENTITY")):
		return "ADD COLUMN with a sequence"
	case c.addsColumn():
		value, ok := c.after("DEFAULT")
		if ok && len(value) > 1 && value[0].kind == sqllex.Word && value[1].text == "(" && !slices.Contains(stable, value[0].text) {
			return "ADD COLUMN DEFAULT " + strings.ToLower(value[0].text) + "()"
		}
	}
	return ""
}

// scans names what reads the whole table under its lock, or is "".
func (c clause) scans() string {
	constraint := c.is("ADD") && !c.addsColumn()
	switch {
	case c.is("ALTER") && c.has("SET", "NOT", "NULL"):
		return "SET NOT NULL"
	case !constraint || c.has("NOT", "VALID") || c.has("USING", "INDEX"):
		return ""
	case c.has("FOREIGN", "KEY"):
		return "ADD FOREIGN KEY"
	case c.has("CHECK"):
		return "ADD CHECK"
	case c.has("UNIQUE"), c.has("PRIMARY", "KEY"), c.has("EXCLUDE"):
		return "ADD UNIQUE or a key"
	}
	return ""
}
