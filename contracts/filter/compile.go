package filter

import (
	"fmt"
	"slices"
	"strings"
)

// Validate reports whether f is well formed, whatever it is applied to.
func Validate(f Filter) error { _, err := Compile(f); return err }

// Compile returns the function that tells whether attributes satisfy f. It
// trusts attributes to have passed [Value]. A nil f is satisfied.
func Compile(f Filter) (func(attrs map[string]any) bool, error) {
	switch f := f.(type) {
	case nil:
		return func(map[string]any) bool { return true }, nil
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
		}, CheckField(f.Field)
	case Substring:
		return func(a map[string]any) bool {
			s, ok := a[f.Field].(string)
			return ok && strings.Contains(s, f.Value)
		}, CheckField(f.Field)
	case And:
		fs, err := compileAll(f)
		return func(a map[string]any) bool {
			return !slices.ContainsFunc(fs, func(g func(map[string]any) bool) bool { return !g(a) })
		}, err
	case Or:
		fs, err := compileAll(f)
		return func(a map[string]any) bool {
			return slices.ContainsFunc(fs, func(g func(map[string]any) bool) bool { return g(a) })
		}, err
	case Not:
		if f.Filter == nil {
			return nil, Err.Wrap(nil, "filter: empty Not")
		}
		g, err := Compile(f.Filter)
		return func(a map[string]any) bool { return !g(a) }, err
	}
	return nil, Err.Wrap(nil, "filter: unknown condition %T", f)
}

// Match compiles f and applies it once.
func Match(f Filter, attrs map[string]any) (bool, error) {
	g, err := Compile(f)
	if err != nil {
		return false, err
	}
	return g(attrs), nil
}

func compileAll(fs []Filter) ([]func(map[string]any) bool, error) {
	out := make([]func(map[string]any) bool, len(fs))
	for i, f := range fs {
		if f == nil {
			return nil, Err.Wrap(nil, "filter: nil condition")
		}
		var err error
		if out[i], err = Compile(f); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func compileCmp(f Cmp) (func(map[string]any) bool, error) {
	want, err := Value(f.Value)
	if err != nil {
		return nil, fmt.Errorf("%w in field %q", err, f.Field)
	}
	switch want.(type) {
	case []string:
		return nil, Err.Wrap(nil, "filter: field %q compared with a list: use Has or In", f.Field)
	case bool:
		if f.Op != Eq && f.Op != Ne {
			return nil, Err.Wrap(nil, "filter: operator %q on bool field %q", f.Op, f.Field)
		}
	}
	var holds func(c int) bool
	switch f.Op {
	case Eq:
		holds = func(c int) bool { return c == 0 }
	case Ne:
		holds = func(c int) bool { return c != 0 }
	case Lt:
		holds = func(c int) bool { return c < 0 }
	case Le:
		holds = func(c int) bool { return c <= 0 }
	case Gt:
		holds = func(c int) bool { return c > 0 }
	case Ge:
		holds = func(c int) bool { return c >= 0 }
	default:
		return nil, Err.Wrap(nil, "filter: unknown operator %q on field %q", f.Op, f.Field)
	}
	return func(a map[string]any) bool {
		c, ok := order(a[f.Field], want)
		return ok && holds(c)
	}, CheckField(f.Field)
}

func compileIn(f In) (func(map[string]any) bool, error) {
	eq := make([]func(map[string]any) bool, len(f.Values))
	for i, v := range f.Values {
		var err error
		if eq[i], err = compileCmp(Cmp{f.Field, Eq, v}); err != nil {
			return nil, err
		}
	}
	return func(a map[string]any) bool {
		return slices.ContainsFunc(eq, func(g func(map[string]any) bool) bool { return g(a) })
	}, CheckField(f.Field)
}
