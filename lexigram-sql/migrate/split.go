package migrate

import (
	"fmt"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqllex"
)

// split cuts text into statements, without the semicolons between them and the
// comments before them. It knows quotes, comments, and the bodies of triggers
// and functions from BEGIN to END.
func split(text string, d sqldb.Dialect) ([]string, error) {
	var all []string
	var s splitter
	for lex := sqllex.New(text, d); ; {
		t, ok := lex.Next()
		if !ok {
			return s.end(text, len(text), all), nil
		}
		if t.Open {
			line := 1 + strings.Count(text[:t.At], "\n")
			return nil, fmt.Errorf("line %d: the text that begins with %.20q never ends", line, t.Text)
		}
		if t.Text == ";" && s.depth == 0 {
			all = s.end(text, t.At, all)
			s = splitter{}
			continue
		}
		s.token(t)
	}
}

// splitter is what is known of the statement so far.
type splitter struct {
	any    bool
	from   int  // where it begins
	create bool // it begins with CREATE
	routine,
	first bool // it makes a trigger or routine; a word came
	depth    int  // of BEGIN and CASE that wait for their END
	afterDot bool // a word is the name of a column
}

func (s *splitter) token(t sqllex.Token) {
	if t.Blank() {
		return
	}
	if !s.any {
		s.any, s.from = true, t.At
	}
	if t.Kind == sqllex.Word && !s.afterDot {
		s.word(t)
	}
	s.afterDot = t.Text == "."
}

func (s *splitter) word(t sqllex.Token) {
	switch {
	case !s.first:
		s.first, s.create = true, t.Is("CREATE")
	case !s.create:
	case t.Is("TRIGGER"), t.Is("FUNCTION"), t.Is("PROCEDURE"):
		s.routine = true
	case !s.routine:
	case t.Is("BEGIN"):
		s.depth++
	case t.Is("CASE") && s.depth > 0:
		s.depth++
	case t.Is("END") && s.depth > 0:
		s.depth--
	}
}

func (s *splitter) end(text string, at int, all []string) []string {
	if !s.any {
		return all
	}
	return append(all, strings.TrimSpace(text[s.from:at]))
}
