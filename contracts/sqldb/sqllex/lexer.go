package sqllex

import (
	"strings"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// A Lexer yields the tokens of one text. Make it with [New]. It belongs to one
// goroutine and does not allocate.
type Lexer struct {
	text     string
	at       int
	postgres bool
	escape   escape
}

// An escape says whether a literal that begins now would continue an E'…' of
// Postgres: a literal after a line break is part of the one before it, and read
// as that was.
type escape uint8

const (
	none    escape = iota
	ended          // an E'…' ended, and only blanks came since
	resumes        // a line break was among them
)

// New returns a Lexer of text. For [sqldb.Postgres] it knows dollar quotes, escape
// strings, nested comments and line comments that end at a carriage return; for
// others [bracketed] and `backquoted` identifiers.
func New(text string, d sqldb.Dialect) Lexer {
	return Lexer{text: text, postgres: d == sqldb.Postgres}
}

// Next returns the next token; ok is false at the end.
func (l *Lexer) Next() (t Token, ok bool) {
	if l.at >= len(l.text) {
		return Token{}, false
	}
	rest := l.text[l.at:]
	kind, size, open := l.cut(rest)
	t = Token{Kind: kind, Text: rest[:size], At: l.at, Open: open}
	l.at += size
	switch {
	case kind == Literal && l.postgres:
		l.escape = l.escape.literal(rest[0])
	case l.escape == none:
	case !t.Blank():
		l.escape = none
	case strings.ContainsAny(t.Text, "\r\n"):
		l.escape = resumes
	}
	return t, true
}

// literal returns what e becomes after a literal that begins with c.
func (e escape) literal(c byte) escape {
	if c == 'E' || c == 'e' || c == '\'' && e == resumes {
		return ended
	}
	return none
}

const byteOrderMark = "\ufeff"

// cut returns what rest begins with, and its size, which is at least 1.
func (l *Lexer) cut(rest string) (k Kind, size int, open bool) {
	c := rest[0]
	switch {
	case isSpace(c):
		return Space, span(rest, isSpace), false
	case !l.postgres && strings.HasPrefix(rest, byteOrderMark): // SQLite's only blank beyond ASCII
		return Space, len(byteOrderMark), false
	case strings.HasPrefix(rest, "--"):
		return Comment, l.line(rest), false
	case strings.HasPrefix(rest, "/*"):
		size, open = l.block(rest)
		return Comment, size, open
	case c == '\'':
		size, open = quoted(rest, 0, '\'', l.escape == resumes)
		return Literal, size, open
	case c == '"', c == '`' && !l.postgres:
		size, open = quoted(rest, 0, c, false)
		return Identifier, size, open
	case c == '[' && !l.postgres:
		if n := strings.IndexByte(rest, ']'); n >= 0 {
			return Identifier, n + 1, false
		}
		return Identifier, len(rest), true
	case c == '$':
		return l.dollar(rest)
	case isDigit(c):
		return Number, span(rest, isWord), false
	case isWord(c):
		return l.word(rest)
	}
	return Symbol, 1, false
}

// word cuts a bare word, or the literal that it is the prefix of.
func (l *Lexer) word(rest string) (k Kind, size int, open bool) {
	n := span(rest, isWord)
	if n == 1 && len(rest) > 1 && rest[1] == '\'' {
		switch c := rest[0] | 0x20; {
		case c == 'x', l.postgres && (c == 'e' || c == 'b' || c == 'n'):
			size, open = quoted(rest, 1, '\'', l.postgres && c == 'e')
			return Literal, size, open
		}
	}
	return Word, n, false
}

// dollar cuts a placeholder, a dollar-quoted string, or the sign alone.
func (l *Lexer) dollar(rest string) (k Kind, size int, open bool) {
	n := 1 + span(rest[1:], isDigit)
	if n > 1 {
		return Placeholder, n, false
	}
	if !l.postgres {
		return Symbol, 1, false
	}
	n = 1 + span(rest[1:], isTag)
	if n == len(rest) || rest[n] != '$' {
		return Symbol, 1, false
	}
	tag := rest[:n+1]
	if end := strings.Index(rest[n+1:], tag); end >= 0 {
		return Literal, n + 1 + end + len(tag), false
	}
	return Literal, len(rest), true
}

// line measures a -- comment and the byte that ends it.
func (l *Lexer) line(rest string) int {
	breaks := "\n"
	if l.postgres {
		breaks = "\r\n"
	}
	if n := strings.IndexAny(rest, breaks); n >= 0 {
		return n + 1
	}
	return len(rest)
}

// block measures a /* comment */, which nests in Postgres only.
func (l *Lexer) block(rest string) (size int, open bool) {
	depth, i := 1, 2
	for i+1 < len(rest) {
		switch {
		case rest[i] == '*' && rest[i+1] == '/':
			i += 2
			if depth--; depth == 0 {
				return i, false
			}
		case l.postgres && rest[i] == '/' && rest[i+1] == '*':
			i += 2
			depth++
		default:
			i++
		}
	}
	return len(rest), true
}

// quoted measures what is quoted by q from rest[from] on; q is doubled to stand for itself.
func quoted(rest string, from int, q byte, backslash bool) (size int, open bool) {
	for i := from + 1; i < len(rest); i++ {
		switch {
		case backslash && rest[i] == '\\':
			i++
		case rest[i] == q && i+1 < len(rest) && rest[i+1] == q:
			i++
		case rest[i] == q:
			return i + 1, false
		}
	}
	return len(rest), true
}

func span(s string, in func(byte) bool) int {
	for i := range len(s) {
		if !in(s[i]) {
			return i
		}
	}
	return len(s)
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// isTag: the letters of a dollar quote's tag.
func isTag(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80 || isDigit(c)
}

// isWord: a word may hold a dollar sign, which is no placeholder then.
func isWord(c byte) bool { return isTag(c) || c == '$' }
