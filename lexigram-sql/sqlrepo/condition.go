package sqlrepo

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/filter"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// A statement is SQL that is being written: text comes from this package and
// from names of columns alone, everything else is an argument.
type statement struct {
	strings.Builder
	t       *table
	dialect sqldb.Dialect
	args    []any
}

func (s *statement) write(parts ...string) {
	for _, p := range parts {
		s.WriteString(p)
	}
}

// bind writes a placeholder for v, a value of the kind.
func (s *statement) bind(k kind, v any) {
	s.args = append(s.args, v)
	n := strconv.Itoa(len(s.args))
	switch k {
	case integer:
		s.write("CAST($", n, " AS bigint)")
	case float:
		s.write("CAST($", n, " AS double precision)")
	default:
		s.write("$", n)
	}
}

// compared writes a column as it is compared and sorted: text by bytes.
func (s *statement) compared(c *column) {
	s.WriteString(c.quoted)
	switch {
	case c.kind != text:
	case s.dialect == sqldb.SQLite:
		s.WriteString(" COLLATE BINARY")
	case !c.uuid:
		s.WriteString(` COLLATE "C"`)
	}
}

// equated writes a column as it is compared for equality: on Postgres that is by
// bytes in every collation, and an index of any serves it.
func (s *statement) equated(c *column) {
	s.WriteString(c.quoted)
	if c.kind == text && s.dialect == sqldb.SQLite {
		s.WriteString(" COLLATE BINARY")
	}
}

// where writes f, or what f is not. The result is never NULL where it matters:
// Not is pushed down to the leaves, a leaf that is not negated may be NULL for
// false, and one that is has a NULL of its column.
func (s *statement) where(f filter.Filter, not bool) error {
	switch f := f.(type) {
	case filter.And:
		return s.join(f, not, not)
	case filter.Or:
		return s.join(f, !not, not)
	case filter.Not:
		return s.where(f.Filter, !not)
	case filter.Cmp:
		return s.cmp(f, not)
	case filter.In:
		return s.in(f, not)
	case filter.Exists:
		c, err := s.column(f.Field)
		if err == nil {
			s.write(c.quoted, pick(not, " IS NULL", " IS NOT NULL"))
		}
		return err
	case filter.Substring:
		return s.substring(f, not)
	}
	return filter.ErrUnsupported.Wrap(nil, "sqlrepo: condition %T", f)
}

func pick(first bool, a, b string) string {
	if first {
		return a
	}
	return b
}

// join writes several conditions, of which one or all must hold.
func (s *statement) join(fs []filter.Filter, one, not bool) error {
	if len(fs) == 0 {
		s.truth(!one)
		return nil
	}
	return s.halves(fs, one, not)
}

// halves keeps the tree of the expression shallow: SQLite refuses a deep one.
func (s *statement) halves(fs []filter.Filter, one, not bool) error {
	if len(fs) == 1 {
		return s.where(fs[0], not)
	}
	s.WriteByte('(')
	if err := s.halves(fs[:len(fs)/2], one, not); err != nil {
		return err
	}
	s.WriteString(pick(one, " OR ", " AND "))
	if err := s.halves(fs[len(fs)/2:], one, not); err != nil {
		return err
	}
	s.WriteByte(')')
	return nil
}

func (s *statement) truth(v bool) { s.WriteString(pick(v, "1=1", "1=0")) }

func (s *statement) column(field string) (*column, error) {
	i := s.t.find(field)
	if i < 0 { // which repo.Query.Check has refused
		return nil, filter.Err.Wrap(nil, "sqlrepo: field %.70q", field)
	}
	return &s.t.columns[i], nil
}

// always writes what holds for every value of c, or for none, or for what is not.
func (s *statement) always(c *column, holds, not bool) {
	switch {
	case holds:
		s.write(c.quoted, pick(not, " IS NULL", " IS NOT NULL"))
	default:
		s.truth(not)
	}
}

var operators = map[filter.Op]string{filter.Eq: " = ", filter.Ne: " <> ", filter.Lt: " < ", filter.Le: " <= ", filter.Gt: " > ", filter.Ge: " >= "}

var opposite = map[filter.Op]filter.Op{
	filter.Eq: filter.Ne, filter.Ne: filter.Eq, filter.Lt: filter.Ge, filter.Ge: filter.Lt, filter.Le: filter.Gt, filter.Gt: filter.Le,
}

func (s *statement) cmp(f filter.Cmp, not bool) error {
	c, err := s.column(f.Field)
	if err != nil {
		return err
	}
	v, err := filter.Value(f.Value)
	if err != nil {
		return err
	}
	op, v, fits, always := fit(c.kind, f.Op, v)
	if !fits {
		s.always(c, always, not)
		return nil
	}
	if not {
		op = opposite[op]
	}
	orNull := not && c.nullable
	s.WriteString(pick(orNull, "(", ""))
	if op == filter.Eq || op == filter.Ne {
		s.equated(c)
	} else {
		s.compared(c)
	}
	s.WriteString(operators[op])
	s.bind(c.kind, v)
	if orNull {
		s.write(" OR ", c.quoted, " IS NULL)")
	}
	return nil
}

// listed is from how many values on an In is one argument, a JSON list.
const listed = 64

func (s *statement) in(f filter.In, not bool) error {
	c, err := s.column(f.Field)
	if err != nil {
		return err
	}
	values := make([]any, 0, len(f.Values))
	for _, raw := range f.Values {
		v, err := filter.Value(raw)
		if err != nil {
			return err
		}
		if _, v, fits, _ := fit(c.kind, filter.Eq, v); fits {
			values = append(values, v)
		}
	}
	if len(values) == 0 {
		s.truth(not)
		return nil
	}
	orNull := not && c.nullable
	s.WriteString(pick(orNull, "(", ""))
	s.equated(c)
	s.WriteString(pick(not, " NOT IN (", " IN ("))
	if len(values) < listed || c.kind == instant || c.kind == boolean || c.uuid {
		for i, v := range values {
			s.WriteString(pick(i > 0, ", ", ""))
			s.bind(c.kind, v)
		}
	} else if err := s.list(c.kind, values); err != nil {
		return err
	}
	s.WriteByte(')')
	if orNull {
		s.write(" OR ", c.quoted, " IS NULL)")
	}
	return nil
}

// list writes the rows of a list of values, which is one argument.
func (s *statement) list(k kind, values []any) error {
	js, err := json.Marshal(values)
	if err != nil {
		return err
	}
	s.args = append(s.args, string(js))
	n := strconv.Itoa(len(s.args))
	if s.dialect == sqldb.SQLite {
		s.write("SELECT value FROM json_each($", n, ")")
		return nil
	}
	as := map[kind]string{text: "text", integer: "bigint", float: "double precision"}[k]
	s.write("SELECT CAST(value AS ", as, ") FROM json_array_elements_text(CAST($", n, " AS json))")
	return nil
}

func (s *statement) substring(f filter.Substring, not bool) error {
	c, err := s.column(f.Field)
	if err != nil {
		return err
	}
	if c.kind != text || c.uuid {
		s.always(c, false, not)
		return nil
	}
	orNull := not && c.nullable
	s.write(pick(orNull, "(", ""), pick(s.dialect == sqldb.SQLite, "instr(", "strpos("), c.quoted, ", ")
	s.bind(text, f.Value)
	s.WriteString(pick(not, ") = 0", ") > 0"))
	if orNull {
		s.write(" OR ", c.quoted, " IS NULL)")
	}
	return nil
}

// fit returns a comparison of a column's kind that means what op and v do. If
// there is none, it says whether all values or no value satisfies it.
func fit(k kind, op filter.Op, v any) (_ filter.Op, value any, fits, always bool) {
	switch v := v.(type) {
	case string:
		return op, v, k == text, false
	case bool:
		return op, v, k == boolean, false
	case int64:
		switch k {
		case integer:
			return op, v, true, false
		case float:
			return fitFloat(op, v)
		}
	case float64:
		switch k {
		case float:
			return op, v, true, false
		case integer:
			return fitInteger(op, v)
		}
	default:
		return op, v, k == instant && v != nil, false
	}
	return op, nil, false, false
}

// fitInteger compares integers with a float.
func fitInteger(op filter.Op, f float64) (_ filter.Op, value any, fits, always bool) {
	whole := math.Floor(f)
	switch {
	case f >= 1<<63:
		return op, nil, false, op == filter.Lt || op == filter.Le || op == filter.Ne
	case f < -(1 << 63):
		return op, nil, false, op == filter.Gt || op == filter.Ge || op == filter.Ne
	case whole == f:
		return op, int64(f), true, false
	case op == filter.Eq, op == filter.Ne:
		return op, nil, false, op == filter.Ne
	case op == filter.Lt:
		op = filter.Le
	case op == filter.Ge:
		op = filter.Gt
	}
	return op, int64(whole), true, false
}

// fitFloat compares floats with an integer, which may lie between two of them.
func fitFloat(op filter.Op, n int64) (_ filter.Op, value any, fits, always bool) {
	f := float64(n)
	c, _ := filter.Compare(f, n)
	switch {
	case c == 0:
		return op, f, true, false
	case op == filter.Eq, op == filter.Ne:
		return op, nil, false, op == filter.Ne
	}
	less := op == filter.Lt || op == filter.Le
	switch {
	case less && c > 0:
		op = filter.Lt
	case less:
		op = filter.Le
	case c > 0:
		op = filter.Ge
	default:
		op = filter.Gt
	}
	return op, f, true, false
}

// conditions writes " WHERE …" of f, and that nothing deleted is meant unless deleted.
func (s *statement) conditions(f filter.Filter, deleted bool) error {
	word := " WHERE "
	if !deleted && s.t.deleted >= 0 {
		s.write(word, s.t.columns[s.t.deleted].quoted, " IS NULL")
		word = " AND "
	}
	if f != nil {
		s.WriteString(word)
		if err := s.where(f, false); err != nil {
			return err
		}
	}
	return nil
}

// fits reports a statement of too many arguments, which a condition has made it.
func (s *statement) fits() error {
	if len(s.args) > sqldb.MaxParams {
		return filter.ErrUnsupported.Wrap(fmt.Errorf("the statement has %d values, and %d at most", len(s.args), sqldb.MaxParams), "sqlrepo: where")
	}
	return nil
}
