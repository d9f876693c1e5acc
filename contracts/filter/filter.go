// Package filter is the one language of conditions on attributes, shared by
// search, vector stores and repositories. [Compile] is its reference meaning;
// every backend is tested against it.
package filter

import "github.com/lexigram/lexigram-go/contracts/errs"

var (
	// Err reports a filter that is malformed. Every backend returns it, before any I/O, for what [Validate] refuses.
	Err = errs.New("LEX_ERR_FILTER_001", errs.Invalid, "filter")
	// ErrUnsupported reports a valid filter that a backend cannot evaluate
	// exactly, such as a string range in Qdrant, or a condition newer than the
	// backend. It never evaluates one approximately.
	ErrUnsupported = Err.Sub("LEX_ERR_FILTER_002", errs.Unsupported, "filter: unsupported by this backend")
)

// A Filter is a condition: [Cmp], [In], [Exists], [Has], [Substring], [And], [Or] or [Not].
type Filter interface{ isFilter() }

// An Op compares a field with a value.
type Op string

// The comparisons: equal, not equal, less, less or equal, greater, greater or equal.
const (
	Eq Op = "eq"
	Ne Op = "ne"
	Lt Op = "lt"
	Le Op = "le"
	Gt Op = "gt"
	Ge Op = "ge"
)

// Fields match [a-zA-Z_][a-zA-Z0-9_]{0,62}. Values, in filters and in
// attributes, are what [Value] accepts; [MaxDepth], [MaxConditions] and
// [MaxValues] bound a filter. A comparison with a missing field, or
// with one of another type, is false, Ne included; a []string is of another
// type than a string. Integers and floats compare exactly, times as instants
// in microseconds, strings by bytes; bool knows Eq and Ne only.
// Not(Cmp{f, Eq, v}) is true for a missing field.
type (
	Cmp struct {
		Field string
		Op    Op
		Value any
	}
	In struct {
		Field  string
		Values []any
	}
	Exists    struct{ Field string }
	Has       struct{ Field, Value string } // the []string holds Value
	Substring struct{ Field, Value string } // the string has Value in it, case and all
	And       []Filter                      // an empty And is true
	Or        []Filter                      // an empty Or is false
	Not       struct{ Filter }
)

func (Cmp) isFilter()       {}
func (In) isFilter()        {}
func (Exists) isFilter()    {}
func (Has) isFilter()       {}
func (Substring) isFilter() {}
func (And) isFilter()       {}
func (Or) isFilter()        {}
func (Not) isFilter()       {}

// CheckField returns an error wrapping [Err] unless name may name a field: 1 to
// 63 letters, digits and underscores of ASCII, not beginning with a digit.
func CheckField(name string) error {
	ok := len(name) > 0 && len(name) <= 63
	for i := 0; ok && i < len(name); i++ {
		c := name[i]
		ok = c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' || i > 0 && c >= '0' && c <= '9'
	}
	if !ok {
		return Err.Wrap(nil, "filter: field %.70q", name)
	}
	return nil
}
