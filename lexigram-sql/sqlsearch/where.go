package sqlsearch

import "github.com/lexigram/lexigram-go/contracts/filter"

// conditions are how a dialect words the leaves of a filter about the column
// d.attributes. None of them is ever NULL. Values are those of filter.Value.
type conditions interface {
	compare(a *arguments, field, sign string, v any) string
	in(a *arguments, field string, values []any) string
	exists(a *arguments, field string) string
	has(a *arguments, field, v string) string
	substring(a *arguments, field, v string) string
}

// where returns a condition that is true for what f, which filter.Validate has
// accepted, is satisfied by, or an error wrapping [filter.ErrUnsupported].
func where(c conditions, a *arguments, f filter.Filter) (string, error) {
	switch f := f.(type) {
	case filter.And:
		return group(c, a, f, " AND ", always)
	case filter.Or:
		return group(c, a, f, " OR ", never)
	case filter.Not:
		s, err := where(c, a, f.Filter)
		return "(NOT " + s + ")", err
	case filter.Cmp:
		return whereCmp(c, a, f)
	case filter.In:
		return whereIn(c, a, f)
	case filter.Exists:
		return c.exists(a, f.Field), nil
	case filter.Has:
		return c.has(a, f.Field, f.Value), nil
	case filter.Substring:
		return c.substring(a, f.Field, f.Value), nil
	}
	return "", filter.ErrUnsupported.Wrap(nil, "sqlsearch: condition %T", f)
}

// Conditions without any input.
const (
	always = "(1 = 1)"
	never  = "(1 = 0)"
)

func group(c conditions, a *arguments, fs []filter.Filter, with, empty string) (string, error) {
	parts := make([]string, len(fs))
	for i, f := range fs {
		var err error
		if parts[i], err = where(c, a, f); err != nil {
			return "", err
		}
	}
	return joined(parts, with, empty), nil
}

// joined nests evenly: a thousand conditions in a row would be deeper than SQLite allows.
func joined(parts []string, with, empty string) string {
	switch n := len(parts); n {
	case 0:
		return empty
	case 1:
		return parts[0]
	default:
		return "(" + joined(parts[:n/2], with, empty) + with + joined(parts[n/2:], with, empty) + ")"
	}
}

func whereIn(c conditions, a *arguments, f filter.In) (string, error) {
	values := make([]any, len(f.Values))
	for i, v := range f.Values {
		var err error
		if values[i], err = filter.Value(v); err != nil {
			return "", err
		}
	}
	if len(values) == 0 {
		return never, nil
	}
	return c.in(a, f.Field, values), nil
}

// signOf returns the operator of SQL.
func signOf(op filter.Op) (string, bool) {
	switch op {
	case filter.Eq:
		return "=", true
	case filter.Ne:
		return "<>", true
	case filter.Lt:
		return "<", true
	case filter.Le:
		return "<=", true
	case filter.Gt:
		return ">", true
	case filter.Ge:
		return ">=", true
	}
	return "", false
}

func whereCmp(c conditions, a *arguments, f filter.Cmp) (string, error) {
	sign, ok := signOf(f.Op)
	if !ok {
		return "", filter.ErrUnsupported.Wrap(nil, "sqlsearch: operator %q", f.Op)
	}
	v, err := filter.Value(f.Value)
	if err != nil {
		return "", err
	}
	return c.compare(a, f.Field, sign, v), nil
}
