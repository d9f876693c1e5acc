package rowscan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqllex"
)

// Params are the values of named parameters.
type Params map[string]any

// Bind turns a statement with parameters named :name or @name into one with $1,
// $2, … and their values in order; a name that comes twice is one placeholder.
// A name is of letters, digits and underscores of ASCII and begins with none of
// the digits. What is quoted or a comment stays, and so do casts with :: and, in
// Postgres, operators such as @> and @@.
//
// A name without a value, a value without a name and a $1 beside names are errors
// wrapping [ErrParam]. For Exec, which has no counterpart here:
//
//	sql, args, err := rowscan.Bind(db.Dialect(), "DELETE FROM users WHERE id = :id", rowscan.Params{"id": 7})
//	n, err := db.Exec(ctx, sql, args...)
//
// An array's slice is written with spaces: a[1 : n], and Postgres's absolute
// value of a column as @ (n), for both are names otherwise.
func Bind(d sqldb.Dialect, sql string, p Params) (string, []any, error) {
	b := binder{params: p, out: make([]byte, 0, len(sql)), numbers: make(map[string]int, len(p))}
	for lex := sqllex.New(sql, d); ; {
		t, ok := lex.Next()
		if !ok {
			break
		}
		if err := b.token(t); err != nil {
			return "", nil, err
		}
	}
	b.flush()
	if len(b.args) == len(p) {
		return string(b.out), b.args, nil
	}
	var unused []string
	for name := range p {
		if b.numbers[name] == 0 {
			unused = append(unused, name)
		}
	}
	slices.Sort(unused)
	return "", nil, ErrParam.Wrap(fmt.Errorf("%q: the statement has no such name", unused), "rowscan: bind")
}

// A binder keeps back a sign that may begin a name.
type binder struct {
	params  Params
	out     []byte
	args    []any
	numbers map[string]int
	sign    string // ":" or "@", or ""
}

func (b *binder) token(t sqllex.Token) error {
	if b.sign != "" && t.Kind == sqllex.Word && isName(t.Text) {
		b.sign = ""
		return b.name(t.Text)
	}
	b.flush()
	if t.Kind == sqllex.Placeholder {
		return ErrParam.Wrap(fmt.Errorf("%s beside named ones: name it too", t.Text), "rowscan: bind")
	}
	if (t.Text == ":" || t.Text == "@") && b.begins(t.Text) {
		b.sign = t.Text
		return nil
	}
	b.out = append(b.out, t.Text...)
	return nil
}

// begins reports whether a sign may begin a name where it stands: not the second
// colon of a cast, nor the end of an operator.
func (b *binder) begins(sign string) bool {
	if len(b.out) == 0 {
		return true
	}
	last := rune(b.out[len(b.out)-1])
	if sign == ":" {
		return last != ':'
	}
	return !strings.ContainsRune("@:<>!~#%^&|`?+-*/", last)
}

func (b *binder) flush() {
	b.out = append(b.out, b.sign...)
	b.sign = ""
}

func (b *binder) name(name string) error {
	n := b.numbers[name]
	if n == 0 {
		v, ok := b.params[name]
		if !ok {
			return ErrParam.Wrap(fmt.Errorf("%q has no value", name), "rowscan: bind")
		}
		b.args = append(b.args, v)
		n = len(b.args)
		b.numbers[name] = n
	}
	if len(b.out) > 0 && joins(b.out[len(b.out)-1]) {
		b.out = append(b.out, ' ')
	}
	b.out = append(b.out, '$')
	b.out = strconv.AppendInt(b.out, int64(n), 10)
	return nil
}

// joins reports whether a $ after c would be a part of a word, as in LIMIT$1.
func joins(c byte) bool {
	return c == '_' || c == '$' || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c >= 0x80
}

// isName: a word of SQL may hold more.
func isName(word string) bool {
	for i := range len(word) {
		c := word[i]
		if c != '_' && (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}
