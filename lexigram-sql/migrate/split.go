package migrate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqllex"
)

// A statement is a piece of a file.
type statement struct {
	text  string
	line  int      // of the file, from 1
	allow []string // the rules of [Lint] that it may break
}

// splitter cuts a text into statements, without the semicolons between them and
// the comments before them. It knows quotes, comments, parentheses, and the
// bodies of triggers and functions from BEGIN to END.
type splitter struct {
	file string // the whole text
	all  []statement

	allow  []string // of the comments before or in the statement
	any    bool
	from   int  // where it begins
	create bool // it begins with CREATE, and its kind is not known yet
	routine,
	first bool // it makes a trigger or routine; a word came
	depth    int  // of BEGIN and CASE that wait for their END
	parens   int  // that are open
	afterDot bool // a word is the name of a column
}

// controls are the first words of statements that begin and end transactions.
var controls = [...]string{"BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE"}

// token takes the next token. A semicolon ends the statement.
func (s *splitter) token(t sqllex.Token) error {
	switch {
	case t.Open:
		return fmt.Errorf("line %d: the text that begins with %.20q never ends", s.line(t.At), t.Text)
	case t.Text == ";" && s.depth == 0 && s.parens == 0:
		s.end(t.At)
		return nil
	case t.Blank():
		return nil
	}
	if !s.any {
		s.any, s.from = true, t.At
	}
	switch t.Text {
	case "(":
		s.parens++
	case ")":
		s.parens = max(0, s.parens-1)
	}
	var err error
	if t.Kind == sqllex.Word && !s.afterDot {
		err = s.word(t)
	}
	s.afterDot = t.Text == "."
	return err
}

func (s *splitter) word(t sqllex.Token) error {
	switch {
	case !s.first:
		s.first, s.create = true, t.Is("CREATE")
		for _, word := range controls {
			if t.Is(word) {
				return fmt.Errorf("line %d: %s would begin or end a transaction: leave it out", s.line(t.At), word)
			}
		}
	case s.routine:
		s.block(t)
	case !s.create:
	case slices.ContainsFunc([]string{"TRIGGER", "FUNCTION", "PROCEDURE"}, t.Is):
		s.routine = true
	case !slices.ContainsFunc([]string{"OR", "REPLACE", "TEMP", "TEMPORARY", "CONSTRAINT"}, t.Is):
		s.create = false // of something else: what follows are its own names
	}
	return nil
}

// block counts the blocks of a body.
func (s *splitter) block(t sqllex.Token) {
	switch {
	case t.Is("BEGIN") && s.parens == 0: // or it is the name of a parameter
		s.depth++
	case t.Is("CASE") && s.depth > 0:
		s.depth++
	case t.Is("END") && s.depth > 0:
		s.depth--
	}
}

// end ends the statement before at.
func (s *splitter) end(at int) {
	if s.any {
		s.all = append(s.all, statement{text: strings.TrimSpace(s.file[s.from:at]), line: s.line(s.from), allow: s.allow})
	}
	*s = splitter{file: s.file, all: s.all}
}

// take returns the statements so far.
func (s *splitter) take() []statement {
	all := s.all
	s.all = nil
	return all
}

func (s *splitter) line(at int) int { return 1 + strings.Count(s.file[:at], "\n") }

// split cuts text, in which annotations are comments as others.
func split(text string, d sqldb.Dialect) ([]statement, error) {
	s := splitter{file: text}
	for lex := sqllex.New(text, d); ; {
		t, ok := lex.Next()
		if !ok {
			s.end(len(text))
			return s.take(), nil
		}
		if err := s.token(t); err != nil {
			return nil, err
		}
	}
}
