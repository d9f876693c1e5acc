package repo

import (
	"fmt"
	"maps"
	"reflect"
	"unicode/utf8"

	"github.com/lexigram/lexigram-go/contracts/filter"
)

// A Spec is a condition on a T that a repository compiles and [Spec.SatisfiedBy]
// evaluates, both by the one tree that Filter returns. It is immutable and safe
// for concurrent use. The zero value is satisfied by everything.
//
//	var (
//		age  = repo.NewField("age", func(u User) int64 { return u.Age })
//		name = repo.NewField("name", func(u User) string { return u.Name })
//	)
//	adults := repo.And(age.Ge(18), repo.Not(name.Eq("root")))
//	users.Find(ctx, repo.Query{Where: adults.Filter()})
type Spec[T any] struct {
	tree   filter.Filter
	fields map[string]func(T) any // nil for a missing value
}

// Filter returns the tree; nil is every entity.
func (s Spec[T]) Filter() filter.Filter { return s.tree }

// SatisfiedBy reports whether v satisfies s. A value that no filter accepts, in s
// or in v, is an error wrapping [filter.Err].
func (s Spec[T]) SatisfiedBy(v T) (bool, error) {
	attrs := make(map[string]any, len(s.fields))
	for name, get := range s.fields {
		raw := get(v)
		if raw == nil {
			continue
		}
		value, err := filter.Value(raw)
		if err != nil {
			return false, fmt.Errorf("%w in field %q", err, name)
		}
		attrs[name] = value
	}
	return filter.Match(s.tree, attrs)
}

// And is satisfied if all of specs are; without any it always is.
func And[T any](specs ...Spec[T]) Spec[T] {
	all := filter.And{}
	for _, s := range specs {
		if s.tree != nil {
			all = append(all, s.tree)
		}
	}
	return joined(all, specs)
}

// Or is satisfied if one of specs is; without any it never is.
func Or[T any](specs ...Spec[T]) Spec[T] {
	some := filter.Or{}
	for _, s := range specs {
		some = append(some, whole(s.tree))
	}
	return joined(some, specs)
}

// Not is satisfied if s is not.
func Not[T any](s Spec[T]) Spec[T] {
	return Spec[T]{tree: filter.Not{Filter: whole(s.tree)}, fields: s.fields}
}

// whole returns a tree that can stand in another.
func whole(f filter.Filter) filter.Filter {
	if f == nil {
		return filter.And{}
	}
	return f
}

func joined[T any](tree filter.Filter, specs []Spec[T]) Spec[T] {
	fields := map[string]func(T) any{}
	for _, s := range specs {
		maps.Copy(fields, s.fields)
	}
	return Spec[T]{tree: tree, fields: fields}
}

// A Field is a field of T with values of V, from which conditions are made.
// Make one with [NewField] or [NewOptional].
type Field[T, V any] struct {
	name string
	get  map[string]func(T) any
}

// NewField returns the field of that name in the repository, and how a T has
// its value. V is what [filter.Value] accepts, or a type made of one, such as
// type Status string. A name that no field can have is refused where the
// condition is used.
func NewField[T, V any](name string, get func(T) V) Field[T, V] {
	return Field[T, V]{name: name, get: map[string]func(T) any{name: func(v T) any { return plain(get(v)) }}}
}

// NewOptional is [NewField] of a value that may be missing: then get returns nil.
func NewOptional[T, V any](name string, get func(T) *V) Field[T, V] {
	return Field[T, V]{name: name, get: map[string]func(T) any{name: func(v T) any {
		if p := get(v); p != nil {
			return plain(*p)
		}
		return nil
	}}}
}

func (f Field[T, V]) of(tree filter.Filter) Spec[T] { return Spec[T]{tree: tree, fields: f.get} }

func (f Field[T, V]) compare(op filter.Op, v V) Spec[T] {
	return f.of(filter.Cmp{Field: f.name, Op: op, Value: plain(v)})
}

// Eq is satisfied by a value equal to v. A missing value is equal to nothing.
func (f Field[T, V]) Eq(v V) Spec[T] { return f.compare(filter.Eq, v) }

// Ne is satisfied by a value other than v, and not by a missing one: that is Not(Eq).
func (f Field[T, V]) Ne(v V) Spec[T] { return f.compare(filter.Ne, v) }

// Lt is satisfied by a value less than v.
func (f Field[T, V]) Lt(v V) Spec[T] { return f.compare(filter.Lt, v) }

// Le is satisfied by a value of at most v.
func (f Field[T, V]) Le(v V) Spec[T] { return f.compare(filter.Le, v) }

// Gt is satisfied by a value greater than v.
func (f Field[T, V]) Gt(v V) Spec[T] { return f.compare(filter.Gt, v) }

// Ge is satisfied by a value of at least v.
func (f Field[T, V]) Ge(v V) Spec[T] { return f.compare(filter.Ge, v) }

// In is satisfied by a value equal to one of vs; without any it never is.
func (f Field[T, V]) In(vs ...V) Spec[T] {
	values := make([]any, len(vs))
	for i, v := range vs {
		values[i] = plain(v)
	}
	return f.of(filter.In{Field: f.name, Values: values})
}

// Exists is satisfied by any value: not by a missing one.
func (f Field[T, V]) Exists() Spec[T] { return f.of(filter.Exists{Field: f.name}) }

// Contains is satisfied by text that has part in it, case and all; every
// character of part stands for itself.
func (f Field[T, V]) Contains(part string) Spec[T] {
	return f.of(filter.Substring{Field: f.name, Value: part})
}

// HasPrefix is satisfied by text that begins with prefix, case and all. It is a
// range of text, which an index serves.
func (f Field[T, V]) HasPrefix(prefix string) Spec[T] {
	least := filter.Cmp{Field: f.name, Op: filter.Ge, Value: prefix}
	end, ok := beyond(prefix)
	if !ok {
		return f.of(least)
	}
	return f.of(filter.And{least, filter.Cmp{Field: f.name, Op: filter.Lt, Value: end}})
}

// beyond returns the least text that comes after all that begin with prefix;
// there is none after the last rune of all, however often it comes.
func beyond(prefix string) (string, bool) {
	for prefix != "" {
		r, size := utf8.DecodeLastRuneInString(prefix)
		prefix = prefix[:len(prefix)-size]
		if r < utf8.MaxRune {
			r++
			if r == 0xD800 { // to 0xDFFF: no runes
				r = 0xE000
			}
			return prefix + string(r), true
		}
	}
	return "", false
}

// plain returns a value of a named type as one of the type that it is made of.
func plain(v any) any {
	if v == nil {
		return nil
	}
	r := reflect.ValueOf(v)
	if r.Type().PkgPath() == "" {
		return v
	}
	switch r.Kind() {
	case reflect.String:
		return r.String()
	case reflect.Bool:
		return r.Bool()
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return r.Int()
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return r.Uint()
	case reflect.Float32, reflect.Float64:
		return r.Float()
	}
	return v
}
