package configfile

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/errs"
)

// validate asks the config.Validators of v, the inner ones first. n is where v
// was decoded from, or nil.
func (d *decoder) validate(v reflect.Value, n *value, key string, depth int) {
	if depth > MaxDepth {
		return // defaults that point to themselves: everything was asked by now
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			d.validate(v.Elem(), n, key, depth+1)
		}
	case reflect.Struct:
		d.validateStruct(v, n, key, depth)
	case reflect.Slice:
		for i := range v.Len() {
			d.validate(v.Index(i), n.element(i), fmt.Sprintf("%s[%d]", key, i), depth+1)
		}
	case reflect.Map:
		if v.Type().Key().Kind() == reflect.String {
			d.validateMap(v, n, key, depth)
		}
	}
}

func (d *decoder) validateMap(v reflect.Value, n *value, key string, depth int) {
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	for _, k := range keys {
		elem := reflect.New(v.Type().Elem()).Elem() // elements of maps have no address
		elem.Set(v.MapIndex(k))
		d.validate(elem, n.child(k.String()), join(key, k.String()), depth+1)
	}
}

func (d *decoder) validateStruct(v reflect.Value, n *value, key string, depth int) {
	if editSecret(v, func(inner reflect.Value) {
		d.strength(inner, n, key)
		d.validate(inner, n, key, depth+1)
	}) {
		return
	}
	if _, leaf := v.Addr().Interface().(encoding.TextUnmarshaler); !leaf {
		fields, problem := fieldsOf(v.Type())
		if problem != "" && n == nil { // otherwise it was said when they were filled
			d.problem(nil, key, config.Err, problem)
		}
		for _, f := range fields {
			at, given := v.FieldByIndex(f.index), n.child(f.name)
			d.validate(at, given, join(key, f.name), depth+1)
			if f.required && at.IsZero() && given.isEmpty() {
				d.missing(given, join(key, f.name))
			}
		}
	}
	validator, ok := v.Addr().Interface().(config.Validator)
	if !ok {
		return
	}
	if err := errs.Catch(validator.Validate); err != nil {
		d.invalid(err, n, key)
	}
}

// missing reports a required field without a value.
func (d *decoder) missing(n *value, key string) {
	if d.wrong[key] {
		return
	}
	problem := "is required"
	if name := variableName(d.prefix, pathOf(key)); name != "" {
		problem += ": set it in a file or as " + name
	}
	d.problem(n, key, config.ErrMissing, problem)
}

// invalid reports what a Validator says, except of keys that are known to be
// wrong: their fields still hold the default.
func (d *decoder) invalid(err error, n *value, key string) {
	if all, ok := err.(interface{ Unwrap() []error }); ok {
		if _, isPanic := err.(*errs.PanicError); !isPanic && errors.Join(all.Unwrap()...).Error() == err.Error() {
			for _, e := range all.Unwrap() {
				d.invalid(e, n, key)
			}
			return
		}
	}
	if invalid, ok := errors.AsType[*errs.ValidationError](err); ok && len(invalid.Fields) > 0 {
		for _, f := range invalid.Fields {
			at := join(key, f.Field)
			if !d.wrong[at] {
				d.problem(n.nearest(f.Field), at, config.ErrValue, f.Message)
			}
		}
		return
	}
	d.problem(n, key, config.ErrValue, oneLine(err))
}

func (v *value) child(name string) *value {
	if v == nil {
		return nil
	}
	return v.keys[name]
}

func (v *value) element(i int) *value {
	if v == nil {
		return nil
	}
	return v.step(strconv.Itoa(i))
}

// nearest returns what stands under a path such as items[2].price, or the
// innermost thing around it.
func (v *value) nearest(path string) *value {
	if v == nil {
		return nil
	}
	for _, name := range pathOf(path) {
		next := v.step(name)
		if next == nil {
			break
		}
		v = next
	}
	return v
}
