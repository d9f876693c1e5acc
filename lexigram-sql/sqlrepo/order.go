package sqlrepo

import (
	"github.com/lexigram/lexigram-go/contracts/repo"
)

// A key is one part of an order.
type key struct {
	*column
	desc bool
}

// order returns the parts of an order, to which the primary key is added unless
// it is one of them.
func (t *table) order(sort []repo.Sort) []key {
	keys := make([]key, 0, len(sort)+1)
	total := false
	for _, s := range sort {
		i := t.find(s.Field)
		keys = append(keys, key{&t.columns[i], s.Desc})
		total = total || i == t.key
	}
	if !total {
		keys = append(keys, key{column: &t.columns[t.key]})
	}
	return keys
}

// orderBy writes " ORDER BY …". A NULL comes before all others.
func (s *statement) orderBy(keys []key) {
	s.WriteString(" ORDER BY ")
	for i, k := range keys {
		if i > 0 {
			s.WriteString(", ")
		}
		s.compared(k.column)
		if k.desc {
			s.WriteString(" DESC")
		}
		if k.nullable {
			s.WriteString(pick(k.desc, " NULLS LAST", " NULLS FIRST"))
		}
	}
}

// after writes the condition that a row comes after the values of another, of
// which nil is NULL. Where it can it compares rows of values, which an index of
// the columns serves as a whole.
func (s *statement) after(keys []key, values []any) {
	if uniform(keys) {
		s.WriteByte('(')
		for i, k := range keys {
			s.WriteString(pick(i > 0, ", ", ""))
			s.compared(k.column)
		}
		s.WriteString(pick(keys[0].desc, ") < (", ") > ("))
		for i, k := range keys {
			s.WriteString(pick(i > 0, ", ", ""))
			s.bind(k.kind, values[i])
		}
		s.WriteByte(')')
		return
	}
	s.WriteByte('(')
	for i := range keys {
		s.WriteString(pick(i > 0, " OR (", "("))
		for j := range i {
			s.equal(keys[j], values[j])
			s.WriteString(" AND ")
		}
		s.beyond(keys[i], values[i])
		s.WriteByte(')')
	}
	s.WriteByte(')')
}

// uniform: all in one direction, and none that may be NULL.
func uniform(keys []key) bool {
	for _, k := range keys {
		if k.nullable || k.desc != keys[0].desc {
			return false
		}
	}
	return true
}

func (s *statement) equal(k key, v any) {
	if v == nil {
		s.write(k.quoted, " IS NULL")
		return
	}
	s.equated(k.column)
	s.WriteString(" = ")
	s.bind(k.kind, v)
}

// beyond writes that a value comes after v alone.
func (s *statement) beyond(k key, v any) {
	switch {
	case v == nil && k.desc: // the last of all
		s.truth(false)
		return
	case v == nil:
		s.write(k.quoted, " IS NOT NULL")
		return
	}
	orNull := k.desc && k.nullable
	s.WriteString(pick(orNull, "(", ""))
	s.compared(k.column)
	s.WriteString(pick(k.desc, " < ", " > "))
	s.bind(k.kind, v)
	if orNull {
		s.write(" OR ", k.quoted, " IS NULL)")
	}
}
