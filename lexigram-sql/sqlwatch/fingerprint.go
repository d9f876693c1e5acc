package sqlwatch

import (
	"strings"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqllex"
)

// Fingerprint returns what statements that differ in values alone have in
// common: literals, numbers and placeholders are ?, lists of them one, lists of
// rows of them one row, bare words are in lower case, comments are left out. It
// holds no value.
func Fingerprint(sql string, d sqldb.Dialect) string {
	var f folder
	f.out.Grow(len(sql))
	for lex := sqllex.New(sql, d); ; {
		t, ok := lex.Next()
		if !ok {
			return oneRow(strings.TrimSuffix(f.out.String(), ";"))
		}
		f.add(t)
	}
}

// oneRow leaves one of rows in a list.
func oneRow(s string) string {
	for _, rows := range [...]string{"(?), (?)", "(?),(?)"} {
		for strings.Contains(s, rows) {
			s = strings.ReplaceAll(s, rows, "(?)")
		}
	}
	return s
}

// A folder writes tokens, and of a list of values only the first.
type folder struct {
	out   strings.Builder
	space bool // before what comes next
	value bool // the last one written was a value
	dot   bool // and the point of its fraction came
	comma bool // a comma after a value is not written yet
}

func (f *folder) add(t sqllex.Token) {
	switch {
	case t.Blank():
		f.space, f.dot = true, false
		return
	case f.dot && t.Kind == sqllex.Number: // the fraction
		f.dot = false
		return
	case t.Kind == sqllex.Literal, t.Kind == sqllex.Number, t.Kind == sqllex.Placeholder:
		if f.comma { // one more of the list
			f.comma, f.space = false, false
			return
		}
		f.write("?")
		f.value = true
		return
	case t.Kind == sqllex.Symbol && t.Text == "." && f.value && !f.space && !f.comma:
		f.dot = true
		return
	case t.Kind == sqllex.Symbol && t.Text == "," && f.value && !f.comma:
		f.comma, f.space, f.dot = true, false, false
		return
	}
	if f.comma {
		f.out.WriteByte(',')
		f.comma, f.space = false, true
	}
	f.value, f.dot = false, false
	if t.Kind == sqllex.Word {
		f.write(strings.ToLower(t.Text))
		return
	}
	f.write(t.Text)
}

func (f *folder) write(s string) {
	if f.space && f.out.Len() > 0 {
		f.out.WriteByte(' ')
	}
	f.space = false
	f.out.WriteString(s)
}
