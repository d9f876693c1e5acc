package filter

import (
	"fmt"
	"slices"
	"strings"
)

// predicate tells whether attributes satisfy a condition.
type predicate = func(attrs map[string]any) bool

// Validate reports whether f is well formed, whatever it is applied to: an
// error wraps [Err].
func Validate(f Filter) error { _, err := Compile(f); return err }

// Compile returns the function that tells whether attributes satisfy f, or an
// error wrapping [Err]. It trusts attributes to have passed [Value]. A nil f is
// satisfied. The function is safe for concurrent use and does not see later
// changes of slices that f holds.
func Compile(f Filter) (func(attrs map[string]any) bool, error) {
	if f == nil {
		return func(map[string]any) bool { return true }, nil
	}
	var c compiler
	return c.compile(f, 1)
}

// Match compiles f and applies it once.
func Match(f Filter, attrs map[string]any) (bool, error) {
	g, err := Compile(f)
	if err != nil {
		return false, err
	}
	return g(attrs), nil
}

// A compiler counts the conditions that it has seen.
type compiler struct{ conditions int }

func (c *compiler) compile(f Filter, depth int) (predicate, error) {
	if depth > MaxDepth {
		return nil, Err.Wrap(nil, "filter: nested deeper than %d", MaxDepth)
	}
	if c.conditions++; c.conditions > MaxConditions {
		return nil, Err.Wrap(nil, "filter: more than %d conditions", MaxConditions)
	}
	switch f := f.(type) {
	case nil:
		return nil, Err.Wrap(nil, "filter: nil condition")
	case And:
		ps, err := c.all(f, depth)
		return func(a map[string]any) bool {
			return !slices.ContainsFunc(ps, func(p predicate) bool { return !p(a) })
		}, err
	case Or:
		ps, err := c.all(f, depth)
		return func(a map[string]any) bool {
			return slices.ContainsFunc(ps, func(p predicate) bool { return p(a) })
		}, err
	case Not:
		if f.Filter == nil {
			return nil, Err.Wrap(nil, "filter: empty Not")
		}
		p, err := c.compile(f.Filter, depth+1)
		return func(a map[string]any) bool { return !p(a) }, err
	}
	return compileLeaf(f)
}

func (c *compiler) all(fs []Filter, depth int) ([]predicate, error) {
	if len(fs) > MaxConditions {
		return nil, Err.Wrap(nil, "filter: more than %d conditions", MaxConditions)
	}
	ps := make([]predicate, len(fs))
	for i, f := range fs {
		var err error
		if ps[i], err = c.compile(f, depth+1); err != nil {
			return nil, err
		}
	}
	return ps, nil
}

func compileLeaf(f Filter) (predicate, error) {
	switch f := f.(type) {
	case Cmp:
		return compileCmp(f)
	case In:
		return compileIn(f)
	case Exists:
		return func(a map[string]any) bool { _, ok := a[f.Field]; return ok }, CheckField(f.Field)
	case Has:
		return func(a map[string]any) bool {
			s, _ := a[f.Field].([]string)
			return slices.Contains(s, f.Value)
		}, checkTextOf(f.Field, f.Value)
	case Substring:
		return func(a map[string]any) bool {
			s, ok := a[f.Field].(string)
			return ok && strings.Contains(s, f.Value)
		}, checkTextOf(f.Field, f.Value)
	}
	return nil, Err.Wrap(nil, "filter: unknown condition %T", f)
}

func checkTextOf(field, value string) error {
	if err := CheckField(field); err != nil {
		return err
	}
	if err := checkText(value); err != nil {
		return fmt.Errorf("%w in field %.70q", err, field)
	}
	return nil
}

func compileCmp(f Cmp) (predicate, error) {
	want, err := Value(f.Value)
	if err != nil {
		return nil, fmt.Errorf("%w in field %.70q", err, f.Field)
	}
	switch want.(type) {
	case []string:
		return nil, Err.Wrap(nil, "filter: field %.70q compared with a list: use Has or In", f.Field)
	case bool:
		if f.Op != Eq && f.Op != Ne {
			return nil, Err.Wrap(nil, "filter: operator %.20q on bool field %.70q", f.Op, f.Field)
		}
	}
	holds, ok := holding(f.Op)
	if !ok {
		return nil, Err.Wrap(nil, "filter: unknown operator %.20q on field %.70q", f.Op, f.Field)
	}
	return func(a map[string]any) bool {
		c, ok := Compare(a[f.Field], want)
		return ok && holds(c)
	}, CheckField(f.Field)
}

// holding returns what op asks of the sign of a comparison.
func holding(op Op) (holds func(c int) bool, ok bool) {
	switch op {
	case Eq:
		return func(c int) bool { return c == 0 }, true
	case Ne:
		return func(c int) bool { return c != 0 }, true
	case Lt:
		return func(c int) bool { return c < 0 }, true
	case Le:
		return func(c int) bool { return c <= 0 }, true
	case Gt:
		return func(c int) bool { return c > 0 }, true
	case Ge:
		return func(c int) bool { return c >= 0 }, true
	}
	return nil, false
}

func compileIn(f In) (predicate, error) {
	if len(f.Values) > MaxValues {
		return nil, Err.Wrap(nil, "filter: In of %d values on field %.70q, limit %d", len(f.Values), f.Field, MaxValues)
	}
	set := make(map[any]struct{}, len(f.Values))
	for _, v := range f.Values {
		want, err := Value(v)
		if err != nil {
			return nil, fmt.Errorf("%w in field %.70q", err, f.Field)
		}
		k, ok := identity(want)
		if !ok {
			return nil, Err.Wrap(nil, "filter: field %.70q compared with a list: use Has", f.Field)
		}
		set[k] = struct{}{}
	}
	return func(a map[string]any) bool {
		k, ok := identity(a[f.Field])
		if ok {
			_, ok = set[k]
		}
		return ok
	}, CheckField(f.Field)
}
