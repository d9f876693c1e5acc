package sqllex

import "strings"

// A Kind says what a [Token] is.
type Kind uint8

const (
	Space       Kind = iota // white space
	Comment                 // -- to the end of the line, or /* … */
	Word                    // a bare word: keyword, identifier, function
	Number                  // digits and what follows them
	Literal                 // a quoted string, dollar quotes and prefixes (E'', X'') included
	Identifier              // a quoted identifier
	Placeholder             // $1
	Symbol                  // one byte of anything else
)

// A Token is one piece of the text. The pieces of a text are the text.
type Token struct {
	Kind Kind
	Text string // a part of what New was given
	At   int    // where it begins, in bytes
	Open bool   // a literal, identifier or comment that the text ends inside of
}

// Is reports whether the token is the bare word, whatever its case.
func (t Token) Is(word string) bool { return t.Kind == Word && strings.EqualFold(t.Text, word) }

// Blank reports whether the token is space or a comment.
func (t Token) Blank() bool { return t.Kind <= Comment }

// Number returns which placeholder it is, from 1, or 0 if it is none or not
// one of 1 to 65,535.
func (t Token) Number() int {
	if t.Kind != Placeholder || len(t.Text) > 6 {
		return 0
	}
	n := 0
	for _, c := range []byte(t.Text[1:]) {
		n = n*10 + int(c-'0')
	}
	if n > 65535 {
		return 0
	}
	return n
}
