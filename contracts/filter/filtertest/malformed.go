package filtertest

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/filter"
)

// A MalformedCase is a filter that every backend refuses with filter.Err.
type MalformedCase struct {
	Name   string
	Filter filter.Filter
}

// Malformed returns what filter.Validate, and so every backend, must refuse.
func Malformed() []MalformedCase {
	return slices.Concat(malformedFields(), malformedValues(), malformedGroups())
}

func malformedFields() []MalformedCase {
	var out []MalformedCase
	for _, field := range []string{"", "1st", "a b", "a.b", "a'; drop table x; --", "a\x00", "ünï", "$where", strings.Repeat("x", 64)} {
		out = append(out,
			MalformedCase{fmt.Sprintf("field %.20q", field), eq(field, 1)},
			MalformedCase{fmt.Sprintf("field %.20q of exists", field), filter.Exists{Field: field}},
			MalformedCase{fmt.Sprintf("field %.20q of an empty in", field), filter.In{Field: field}},
			MalformedCase{fmt.Sprintf("field %.20q of has", field), filter.Has{Field: field}},
			MalformedCase{fmt.Sprintf("field %.20q of substring", field), filter.Substring{Field: field}},
		)
	}
	return out
}

func malformedValues() []MalformedCase {
	return []MalformedCase{
		{"no operator", filter.Cmp{Field: "n", Value: 1}},
		{"unknown operator", op("n", "like", "x")},
		{"operator that is a statement", op("n", "= 1 or 1 =", 1)},
		{"nil value", eq("n", nil)},
		{"not a number", eq("n", math.NaN())},
		{"infinity", op("n", filter.Lt, math.Inf(1))},
		{"list value", eq("tags", []string{"red"})},
		{"struct value", eq("n", struct{}{})},
		{"map value", eq("n", map[string]any{"$gt": 0})},
		{"unsigned beyond an int64", eq("n", uint64(math.MaxUint64))},
		{"time beyond the year 9999", eq("t", time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC))},
		{"bool in a range", op("b", filter.Lt, true)},
		{"list in an in", filter.In{Field: "n", Values: []any{1, []string{"x"}}}},
		{"NUL in a string", eq("s", "a\x00b")},
		{"string that is not UTF-8", op("s", filter.Ne, "\xff")},
		{"NUL in an in", filter.In{Field: "s", Values: []any{"a", "\x00"}}},
		{"NUL in a has", filter.Has{Field: "tags", Value: "\x00"}},
		{"substring that is not UTF-8", filter.Substring{Field: "s", Value: "caf\xc3"}},
		{"nil in an in", filter.In{Field: "n", Values: []any{nil}}},
		{"too many values in an in", filter.In{Field: "n", Values: make([]any, filter.MaxValues+1)}},
	}
}

func malformedGroups() []MalformedCase {
	deep := eq("n", 1)
	for range filter.MaxDepth {
		deep = filter.Not{Filter: deep}
	}
	many := filter.Or{}
	for i := range filter.MaxConditions {
		many = append(many, eq("n", i))
	}
	endless := filter.And{nil}
	endless[0] = endless
	return []MalformedCase{
		{"empty not", filter.Not{}},
		{"nil in an and", filter.And{nil}},
		{"nil in an or", filter.Or{eq("n", 1), nil}},
		{"bad condition in an and", filter.And{eq("n", 1), op("n", "like", "x")}},
		{"bad condition behind a decided or", filter.Or{filter.And{}, op("n", "like", "x")}},
		{"pointer to a condition", &filter.Cmp{Field: "n", Op: filter.Eq, Value: 1}},
		{"condition of a stranger", struct{ filter.Filter }{eq("n", 1)}},
		{"too deep", deep},
		{"too many conditions", many},
		{"and that holds itself", endless},
	}
}

// CheckMalformed asks find for c.Filter and returns an error unless it answers filter.Err.
func CheckMalformed(c MalformedCase, find func(filter.Filter) ([]string, error)) error {
	if ids, err := find(c.Filter); !errors.Is(err, filter.Err) || errors.Is(err, filter.ErrUnsupported) {
		return fmt.Errorf("filter with %s = %q, %v, want filter.Err", c.Name, ids, err)
	}
	return nil
}
