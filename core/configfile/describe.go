package configfile

import (
	"encoding"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/config"
)

// describer walks the structs of sections.
type describer struct {
	prefix string
	rows   []EnvVar
	open   []reflect.Type // structs that are being walked: a type may contain itself
	failed error
}

// describe reads the defaults and the shape off sections.
func describe(prefix string, sections map[string]any) (*knowledge, error) {
	d := describer{prefix: prefix}
	defaults, s := d.sections(sections)
	return &knowledge{defaults, s}, d.failed
}

func (d *describer) sections(sections map[string]any) (*value, *shape) {
	root, whole := newMapping(origin{layer: DefaultLayer}), &shape{keys: map[string]*shape{}}
	for _, key := range slices.Sorted(maps.Keys(sections)) {
		v := reflect.ValueOf(sections[key])
		if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
			d.fail(config.Err.Wrap(nil, "configfile: section %q is a %T, want a pointer to a struct", key, sections[key]))
			continue
		}
		path := []string{}
		if key != "" {
			path = strings.Split(key, ".")
		}
		defaults, s := d.value(v.Elem().Type(), v.Elem(), path, field{})
		parent, parentShape := root, whole
		for _, name := range path {
			if parent.keys[name] == nil {
				parent.keys[name] = newMapping(origin{layer: DefaultLayer})
			}
			if parentShape.keys[name] == nil {
				parentShape.keys[name] = &shape{keys: map[string]*shape{}}
			}
			parent, parentShape = parent.keys[name], parentShape.keys[name]
		}
		if parent.kind == config.Map && parentShape.keys != nil && defaults != nil {
			maps.Copy(parent.keys, defaults.keys)
			maps.Copy(parentShape.keys, s.keys)
		}
	}
	return root, whole
}

func (d *describer) fail(err error) {
	if d.failed == nil {
		d.failed = err
	}
}

// value describes what stands under path: its type, and its default, which is
// invalid where there is none. The value is nil if the default says nothing.
func (d *describer) value(t reflect.Type, v reflect.Value, path []string, f field) (*value, *shape) {
	if t.Kind() == reflect.Pointer {
		if v.IsValid() {
			v = v.Elem() // invalid if nil
		}
		return d.value(t.Elem(), v, path, f)
	}
	if isSecret(t) {
		known, text := sealedDefault(v), ""
		if known != nil {
			text = known.shown(true)
		}
		d.row(inside(t), text, path, f, true)
		return known, &shape{secret: true}
	}
	switch {
	case isLeaf(t):
	case t.Kind() == reflect.Struct:
		return d.structure(t, v, path)
	case t.Kind() == reflect.Slice && composite(t.Elem()):
		return d.slice(t, v, path, f)
	case t.Kind() == reflect.Map:
		return d.mapping(t, v, path, f)
	}
	secret := f.name != "" && config.IsSecretKey(f.name) || listsSecrets(t)
	known := leafDefault(v)
	text := ""
	if known != nil {
		text = known.unquoted(secret)
	}
	d.row(t, text, path, f, secret)
	return known, &shape{secret: secret}
}

func (d *describer) structure(t reflect.Type, v reflect.Value, path []string) (*value, *shape) {
	out, s := newMapping(origin{layer: DefaultLayer}), &shape{keys: map[string]*shape{}}
	if slices.Contains(d.open, t) {
		return nil, nil
	}
	d.open = append(d.open, t)
	defer func() { d.open = d.open[:len(d.open)-1] }()
	fields, problem := fieldsOf(t)
	if problem != "" {
		d.fail(config.Err.Wrap(nil, "configfile: section %q: %s", strings.Join(path, "."), problem))
		return nil, nil
	}
	for _, f := range fields {
		at := reflect.Value{}
		if v.IsValid() {
			at = v.FieldByIndex(f.index)
		}
		child, inner := d.value(t.FieldByIndex(f.index).Type, at, append(slices.Clone(path), f.name), f)
		s.keys[f.name] = inner
		if child != nil {
			out.keys[f.name] = child
		}
	}
	if !v.IsValid() {
		return nil, s
	}
	return out, s
}

// slice describes a slice of structs, whose elements are numbered in the environment.
func (d *describer) slice(t reflect.Type, v reflect.Value, path []string, f field) (*value, *shape) {
	_, each := d.value(t.Elem(), reflect.Value{}, append(slices.Clone(path), "<n>"), field{name: f.name, doc: f.doc})
	if !v.IsValid() || v.Len() == 0 {
		return nil, &shape{each: each}
	}
	quiet := describer{open: d.open}
	out := &value{origin: origin{layer: DefaultLayer}, kind: config.List}
	for i := range v.Len() {
		e, _ := quiet.value(t.Elem(), v.Index(i), path, f)
		if e == nil {
			e = &value{origin: out.origin}
		}
		out.list = append(out.list, e)
	}
	return out, &shape{each: each}
}

func (d *describer) mapping(t reflect.Type, v reflect.Value, path []string, f field) (*value, *shape) {
	_, each := d.value(t.Elem(), reflect.Value{}, append(slices.Clone(path), "<key>"), field{name: f.name, doc: f.doc})
	if !v.IsValid() || v.Len() == 0 || t.Key().Kind() != reflect.String {
		return nil, &shape{each: each}
	}
	quiet := describer{open: d.open}
	out := newMapping(origin{layer: DefaultLayer})
	for it := v.MapRange(); it.Next(); {
		if e, _ := quiet.value(t.Elem(), it.Value(), path, f); e != nil {
			out.keys[it.Key().String()] = e
		}
	}
	return out, &shape{each: each}
}

// composite reports whether elements of t are described one by one.
func composite(t reflect.Type) bool {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return !isLeaf(t) && (t.Kind() == reflect.Struct || t.Kind() == reflect.Map)
}

// listsSecrets reports whether t is a list of secrets.
func listsSecrets(t reflect.Type) bool {
	for t.Kind() == reflect.Slice || t.Kind() == reflect.Array || t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return isSecret(t)
}

// isLeaf reports whether t is converted from text as a whole.
func isLeaf(t reflect.Type) bool {
	return t == reflect.TypeFor[time.Duration]() || isSecret(t) || reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// inside returns T of a config.Secret[T].
func inside(secret reflect.Type) reflect.Type {
	reveal, _ := secret.MethodByName("Reveal")
	return reveal.Type.Out(0)
}

// typeName says what text of t looks like.
func typeName(t reflect.Type) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case isSecret(t):
		return typeName(inside(t))
	case t == reflect.TypeFor[time.Duration]():
		return "duration"
	case t == reflect.TypeFor[config.Size]():
		return "size"
	case isLeaf(t):
		return t.String()
	}
	switch t.Kind() {
	case reflect.Bool:
		return "boolean"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "integer"
	case reflect.Float32, reflect.Float64:
		return "number"
	case reflect.Interface:
		return "any"
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return "string"
		}
		return fmt.Sprintf("%ss, with commas between", typeName(t.Elem()))
	default:
		return t.Kind().String()
	}
}
