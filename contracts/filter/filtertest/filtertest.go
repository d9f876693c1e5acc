// Package filtertest holds the cases that show whether a backend gives filters
// the meaning that package filter gives them. Suites of contracts with filters
// run them through a backend; a repository with a filter of its own may too:
//
//	for _, d := range filtertest.Documents() {
//		store(d.ID, d.Attributes)
//	}
//	for _, c := range filtertest.Cases() {
//		err := filtertest.Check(c, find)
//	}
package filtertest

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/lexigram/lexigram-go/contracts/filter"
)

// A Document is one of those that every [Case] is applied to. Its attributes
// are as a user writes them: a store passes them through filter.Value.
type Document struct {
	ID         string
	Attributes map[string]any
}

// A Case is a filter and the IDs of the documents that satisfy it, sorted.
type Case struct {
	Name   string
	Filter filter.Filter
	IDs    []string
}

// moment is in microseconds, so that every backend can hold it.
var moment = time.Date(2024, 2, 29, 23, 59, 59, 123456000, time.UTC)

// Documents returns the documents, new ones on every call.
func Documents() []Document {
	return []Document{
		{"a", map[string]any{"n": 1, "f": 1.5, "s": "alpha", "b": true, "t": moment, "tags": []string{"red", "green"}, "mixed": 7}},
		{"b", map[string]any{"n": 2, "f": 2.0, "s": "Beta", "b": false, "t": moment.Add(time.Microsecond), "tags": []string{"green"}, "mixed": "7"}},
		{"c", map[string]any{"n": -3, "f": -2.5, "s": "100%_sure", "t": moment.In(time.FixedZone("", 3600)), "tags": []any{"red"}, "mixed": 7.0}},
		{"d", map[string]any{"n": int64(1)<<53 + 1, "f": 1e300, "s": "", "b": true, "tags": []string{}, "mixed": true}},
		{"e", map[string]any{"s": `it's "quoted" \ ünïcödé`, "tags": "red", "mixed": []string{"7"}}},
		{"f", nil},
	}
}

// Cases returns what every backend must answer alike.
func Cases() []Case {
	return slices.Concat(comparisons(), types(), lists(), texts(), groups())
}

func eq(field string, value any) filter.Filter {
	return filter.Cmp{Field: field, Op: filter.Eq, Value: value}
}

func op(field string, o filter.Op, value any) filter.Filter {
	return filter.Cmp{Field: field, Op: o, Value: value}
}

func comparisons() []Case {
	return []Case{
		{"no filter", nil, []string{"a", "b", "c", "d", "e", "f"}},
		{"eq int", eq("n", 1), []string{"a"}},
		{"ne int leaves out the missing", op("n", filter.Ne, 1), []string{"b", "c", "d"}},
		{"lt int", op("n", filter.Lt, 2), []string{"a", "c"}},
		{"le int", op("n", filter.Le, 2), []string{"a", "b", "c"}},
		{"gt int", op("n", filter.Gt, 1), []string{"b", "d"}},
		{"ge int", op("n", filter.Ge, 1), []string{"a", "b", "d"}},
		{"int beyond the precision of floats", eq("n", int64(1)<<53), nil},
		{"float against that int", eq("n", float64(1<<53)), nil},
		{"int above that float", op("n", filter.Gt, float64(1<<53)), []string{"d"}},
		{"float of an int", eq("n", 2.0), []string{"b"}},
		{"int of a float", eq("f", 2), []string{"b"}},
		{"int between floats", op("f", filter.Gt, 1), []string{"a", "b", "d"}},
		{"negative float", op("f", filter.Lt, -2), []string{"c"}},
		{"negative int and float", op("n", filter.Gt, -3.5), []string{"a", "b", "c", "d"}},
		{"eq string", eq("s", "alpha"), []string{"a"}},
		{"case of a string", eq("s", "beta"), nil},
		{"empty string", eq("s", ""), []string{"d"}},
		{"strings by bytes", op("s", filter.Lt, "a"), []string{"b", "c", "d"}},
		{"quotes, backslash and letters beyond ASCII", eq("s", `it's "quoted" \ ünïcödé`), []string{"e"}},
		{"eq bool", eq("b", true), []string{"a", "d"}},
		{"ne bool", op("b", filter.Ne, true), []string{"b"}},
		{"instants, not locations", eq("t", moment), []string{"a", "c"}},
		{"nanoseconds are dropped", eq("t", moment.Add(999)), []string{"a", "c"}},
		{"microseconds count", op("t", filter.Gt, moment), []string{"b"}},
		{"time in another location", op("t", filter.Le, moment.In(time.FixedZone("", -7200))), []string{"a", "c"}},
	}
}

func types() []Case {
	return []Case{
		{"number is no string", eq("mixed", "7"), []string{"b"}},
		{"string is no number", eq("mixed", 7), []string{"a", "c"}},
		{"bool is no number", eq("mixed", 1), nil},
		{"number is no bool", eq("mixed", true), []string{"d"}},
		{"ne of another type", op("mixed", filter.Ne, 8), []string{"a", "c"}},
		{"range over mixed types", op("mixed", filter.Ge, 0), []string{"a", "c"}},
		{"string range over mixed types", op("mixed", filter.Ge, ""), []string{"b"}},
		{"time is no string", eq("t", moment.Format(time.RFC3339Nano)), nil},
		{"missing field", eq("absent", 1), nil},
		{"ne of a missing field", op("absent", filter.Ne, 1), nil},
		{"exists", filter.Exists{Field: "b"}, []string{"a", "b", "d"}},
		{"exists with an empty value", filter.And{filter.Exists{Field: "s"}, filter.Exists{Field: "tags"}}, []string{"a", "b", "c", "d", "e"}},
		{"exists of a missing field", filter.Exists{Field: "absent"}, nil},
	}
}

func lists() []Case {
	return []Case{
		{"has", filter.Has{Field: "tags", Value: "red"}, []string{"a", "c"}},
		{"has in a string", filter.Has{Field: "s", Value: "alpha"}, nil},
		{"has the whole element", filter.Has{Field: "tags", Value: "re"}, nil},
		{"eq on a list", eq("tags", "red"), []string{"e"}},
		{"in", filter.In{Field: "n", Values: []any{1, -3, 99}}, []string{"a", "c"}},
		{"in of mixed types", filter.In{Field: "mixed", Values: []any{"7", true}}, []string{"b", "d"}},
		{"in of floats and ints", filter.In{Field: "n", Values: []any{2.0, 1.5}}, []string{"b"}},
		{"in of times", filter.In{Field: "t", Values: []any{moment}}, []string{"a", "c"}},
		{"in of nothing", filter.In{Field: "n"}, nil},
		{"in of a missing field", filter.In{Field: "absent", Values: []any{1}}, nil},
		{"in on a list", filter.In{Field: "tags", Values: []any{"red"}}, []string{"e"}},
		{"in of repeated values", filter.In{Field: "n", Values: []any{1, 1, 1}}, []string{"a"}},
	}
}

func texts() []Case {
	return []Case{
		{"substring", filter.Substring{Field: "s", Value: "lph"}, []string{"a"}},
		{"case of a substring", filter.Substring{Field: "s", Value: "beta"}, nil},
		{"percent is no wildcard", filter.Substring{Field: "s", Value: "0%_"}, []string{"c"}},
		{"underscore is no wildcard", filter.Substring{Field: "s", Value: "a_p"}, nil},
		{"percent alone", filter.Substring{Field: "s", Value: "%"}, []string{"c"}},
		{"backslash", filter.Substring{Field: "s", Value: `\`}, []string{"e"}},
		{"quote", filter.Substring{Field: "s", Value: "t's"}, []string{"e"}},
		{"empty substring", filter.Substring{Field: "s", Value: ""}, []string{"a", "b", "c", "d", "e"}},
		{"substring of a number", filter.Substring{Field: "n", Value: "1"}, nil},
		{"substring of a list", filter.Substring{Field: "mixed", Value: "7"}, []string{"b"}},
	}
}

func groups() []Case {
	one, two := eq("n", 1), eq("n", 2)
	deep := one
	for range filter.MaxDepth - 1 {
		deep = filter.And{deep}
	}
	return []Case{
		{"and", filter.And{one, eq("b", true)}, []string{"a"}},
		{"and of contradictions", filter.And{one, two}, nil},
		{"empty and", filter.And{}, []string{"a", "b", "c", "d", "e", "f"}},
		{"or", filter.Or{one, two}, []string{"a", "b"}},
		{"or with a missing field", filter.Or{one, eq("absent", 1)}, []string{"a"}},
		{"empty or", filter.Or{}, nil},
		{"not", filter.Not{Filter: one}, []string{"b", "c", "d", "e", "f"}},
		{"not of a missing field", filter.Not{Filter: eq("absent", 1)}, []string{"a", "b", "c", "d", "e", "f"}},
		{"not of another type", filter.Not{Filter: eq("mixed", "7")}, []string{"a", "c", "d", "e", "f"}},
		{"not of ne", filter.Not{Filter: op("n", filter.Ne, 1)}, []string{"a", "e", "f"}},
		{"not of a range", filter.Not{Filter: op("n", filter.Gt, 1)}, []string{"a", "c", "e", "f"}},
		{"not of exists", filter.Not{Filter: filter.Exists{Field: "n"}}, []string{"e", "f"}},
		{"not of has", filter.Not{Filter: filter.Has{Field: "tags", Value: "red"}}, []string{"b", "d", "e", "f"}},
		{"not of substring", filter.Not{Filter: filter.Substring{Field: "s", Value: "a"}}, []string{"c", "d", "e", "f"}},
		{"not of in", filter.Not{Filter: filter.In{Field: "n", Values: []any{1, 2}}}, []string{"c", "d", "e", "f"}},
		{"not of not", filter.Not{Filter: filter.Not{Filter: one}}, []string{"a"}},
		{"not of and", filter.Not{Filter: filter.And{op("n", filter.Gt, 0), eq("b", true)}}, []string{"b", "c", "e", "f"}},
		{"not of or", filter.Not{Filter: filter.Or{one, filter.Not{Filter: filter.Exists{Field: "n"}}}}, []string{"b", "c", "d"}},
		{"not of an empty or", filter.Not{Filter: filter.Or{}}, []string{"a", "b", "c", "d", "e", "f"}},
		{"nested groups", filter.Or{filter.And{one, filter.Or{two, eq("s", "alpha")}}, filter.Not{Filter: filter.Exists{Field: "s"}}}, []string{"a", "f"}},
		{"as deep as allowed", deep, []string{"a"}},
	}
}

// Check asks find for the IDs of the [Documents] that satisfy c.Filter, in any
// order, and returns an error if they are not c.IDs. A backend may answer
// filter.ErrUnsupported instead: skipped is true then.
func Check(c Case, find func(filter.Filter) ([]string, error)) (skipped bool, err error) {
	got, err := find(c.Filter)
	switch {
	case errors.Is(err, filter.ErrUnsupported):
		return true, nil
	case err != nil:
		return false, fmt.Errorf("filter %q: %w", c.Name, err)
	}
	got = slices.Sorted(slices.Values(got))
	if !slices.Equal(got, c.IDs) {
		return false, fmt.Errorf("filter %q (%#v) = %q, want %q", c.Name, c.Filter, got, c.IDs)
	}
	return false, nil
}
