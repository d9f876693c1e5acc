package tenantsql

import (
	"errors"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// A token is a part of a statement that rewrite tells apart.
type token struct {
	kind       kind
	name       string // of a dollar, without the "$"
	start, end int
}

type kind uint8

const (
	end       kind = iota
	ignored        // space and comments
	other          // literals, quoted names, words, numbers, operators
	dollar         // $name or $1
	semicolon      //
)

// A lexer cuts SQL as the dialect does where it matters: at the beginning and
// the end of literals, quoted names and comments.
type lexer struct {
	sql     string
	dialect sqldb.Dialect
	at      int
	escaped bool // the token before, but for ignored ones, was an E'…' literal
}

var errUnterminated = errors.New("a literal, quoted name or comment does not end")

func (l *lexer) next() (token, error) {
	start := l.at
	if start == len(l.sql) {
		return token{kind: end, start: start, end: start}, nil
	}
	k, err := l.scan()
	t := token{kind: k, start: start, end: l.at}
	if err == nil && k == dollar {
		t.name = l.sql[start+1 : l.at]
	}
	return t, err
}

// scan moves over one token.
func (l *lexer) scan() (kind, error) {
	c, rest := l.sql[l.at], l.sql[l.at:]
	postgres := l.dialect == sqldb.Postgres
	switch {
	case strings.IndexByte(" \t\r\n\f\v", c) >= 0:
		l.at++
		return ignored, nil
	case strings.HasPrefix(rest, "--"):
		return ignored, l.lineComment(postgres)
	case strings.HasPrefix(rest, "/*"):
		return ignored, l.blockComment(postgres)
	}
	escaped := l.escaped
	l.escaped = false
	switch {
	case c == '\'' && escaped:
		// Postgres joins literals across lines, and the second one is read as
		// the first: nobody needs that enough to have it read here
		return other, errors.New("a literal after an E'…' literal")
	case c == '\'' || c == '"', !postgres && c == '`':
		return other, l.quoted(c, false)
	case !postgres && c == '[':
		return other, l.until("]", 1)
	case postgres && (c == 'e' || c == 'E') && strings.HasPrefix(rest[1:], "'"):
		l.at++
		l.escaped = true
		return other, l.quoted('\'', true)
	case c == '$':
		return l.dollar(postgres)
	case isIdent(c):
		l.at += identLen(rest)
		return other, nil
	case c == ';':
		l.at++
		return semicolon, nil
	}
	l.at++
	return other, nil
}

// quoted moves over what stands between two quotes; a doubled one is part of it.
func (l *lexer) quoted(quote byte, backslash bool) error {
	for i := l.at + 1; i < len(l.sql); i++ {
		switch c := l.sql[i]; {
		case backslash && c == '\\':
			i++
		case c == quote && i+1 < len(l.sql) && l.sql[i+1] == quote:
			i++
		case c == quote:
			l.at = i + 1
			return nil
		}
	}
	return errUnterminated
}

// until moves past the next mark that is at least skip bytes away.
func (l *lexer) until(mark string, skip int) error {
	i := strings.Index(l.sql[l.at+skip:], mark)
	if i < 0 {
		return errUnterminated
	}
	l.at += skip + i + len(mark)
	return nil
}

// lineComment ends at a line feed, in Postgres at a carriage return too.
func (l *lexer) lineComment(postgres bool) error {
	breaks := "\n"
	if postgres {
		breaks = "\r\n"
	}
	if i := strings.IndexAny(l.sql[l.at:], breaks); i >= 0 {
		l.at += i
	} else {
		l.at = len(l.sql)
	}
	return nil
}

// blockComment nests in Postgres only.
func (l *lexer) blockComment(postgres bool) error {
	if !postgres {
		return l.until("*/", 2)
	}
	depth := 1
	for i := l.at + 2; i+1 < len(l.sql); i++ {
		switch l.sql[i : i+2] {
		case "/*":
			depth++
			i++
		case "*/":
			depth--
			i++
		}
		if depth == 0 {
			l.at = i + 1
			return nil
		}
	}
	return errUnterminated
}

// dollar moves over a placeholder, or in Postgres over a $tag$…$tag$ literal.
func (l *lexer) dollar(postgres bool) (kind, error) {
	rest := l.sql[l.at+1:]
	if !postgres {
		l.at += 1 + identLen(rest)
		if strings.HasPrefix(l.sql[l.at:], "::") || strings.HasPrefix(l.sql[l.at:], "(") {
			return dollar, errors.New(`a placeholder goes on with "::" or "("`) // SQLite reads them as part of its name
		}
		return dollar, nil
	}
	n := 0
	for n < len(rest) && isIdent(rest[n]) && rest[n] != '$' {
		n++
	}
	if n < len(rest) && rest[n] == '$' {
		if n > 0 && rest[0] >= '0' && rest[0] <= '9' {
			return dollar, errors.New("a placeholder goes on with $")
		}
		return other, l.until("$"+rest[:n]+"$", n+2)
	}
	l.at += 1 + n
	return dollar, nil
}

func isIdent(c byte) bool {
	return c == '_' || c == '$' || c >= 0x80 || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9'
}

func identLen(s string) int {
	for i := range len(s) {
		if !isIdent(s[i]) {
			return i
		}
	}
	return len(s)
}
