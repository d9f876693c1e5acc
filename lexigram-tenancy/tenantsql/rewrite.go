package tenantsql

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqllex"
)

const placeholder = "tenant"

// rewrite returns sql with each $tenant as the placeholder after those of n
// arguments. It refuses what it cannot read with certainty.
func rewrite(sql string, dialect sqldb.Dialect, n int) (string, error) {
	if strings.IndexByte(sql, 0) >= 0 {
		return "", errors.New("NUL in the statement") // a driver in C stops reading there
	}
	if n+1 > sqldb.MaxParams {
		return "", fmt.Errorf("%d arguments and $tenant are more than %d", n, sqldb.MaxParams)
	}
	w := rewriter{sql: sql, dialect: dialect, args: n, number: strconv.Itoa(n + 1)}
	w.out.Grow(len(sql) + 8)
	for lex := sqllex.New(sql, dialect); ; {
		t, ok := lex.Next()
		if !ok {
			break
		}
		if err := w.token(t); err != nil {
			return "", err
		}
	}
	if w.copied == 0 {
		return "", errors.New("it does not use $tenant")
	}
	w.out.WriteString(sql[w.copied:])
	return w.out.String(), nil
}

// A rewriter is the state of [rewrite].
type rewriter struct {
	sql     string
	dialect sqldb.Dialect
	args    int
	number  string // of the tenant's argument
	out     strings.Builder
	copied  int  // how much of sql is in out; 0 before the first $tenant
	ended   bool // by a semicolon
}

func (w *rewriter) token(t sqllex.Token) error {
	switch {
	case t.Open:
		return errors.New("a literal, quoted name or comment does not end")
	case t.Blank():
		return nil
	case w.ended:
		return errors.New("more than one statement")
	case t.Text == ";":
		w.ended = true
	case t.Kind == sqllex.Placeholder || t.Text == "$":
		return w.dollar(t.At)
	}
	return nil
}

// dollar looks at the placeholder that begins at at.
func (w *rewriter) dollar(at int) error {
	name := nameOf(w.sql[at+1:])
	end := at + 1 + len(name)
	rest := w.sql[end:]
	switch {
	case w.dialect != sqldb.Postgres && (strings.HasPrefix(rest, "::") || strings.HasPrefix(rest, "(")):
		return errors.New(`a placeholder goes on with "::" or "("`) // SQLite reads them as part of its name
	case name != placeholder:
		return argument(name, w.args)
	}
	w.out.WriteString(w.sql[w.copied:at])
	w.out.WriteByte('$')
	w.out.WriteString(w.number)
	w.copied = end
	return nil
}

// nameOf returns the name that s begins with, as far as any database reads it.
func nameOf(s string) string {
	end := strings.IndexFunc(s, func(r rune) bool {
		return r != '_' && r != '$' && r < 0x80 && (r|0x20 < 'a' || r|0x20 > 'z') && (r < '0' || r > '9')
	})
	if end < 0 {
		return s
	}
	return s[:end]
}

// argument checks the placeholder $name against n arguments: one without an
// argument would get the tenant.
func argument(name string, n int) error {
	i, err := strconv.Atoi(name)
	if err != nil || name[0] < '0' || name[0] > '9' {
		return fmt.Errorf("placeholder $%s is neither $tenant nor a number", name)
	}
	if i < 1 || i > n {
		return fmt.Errorf("placeholder $%s with %d arguments", name, n)
	}
	return nil
}
