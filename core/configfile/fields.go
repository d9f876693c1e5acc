package configfile

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"github.com/lexigram/lexigram-go/contracts/config"
)

// fieldsOf returns the index of each field of a struct by its key. A problem is
// a fault of the program: two fields with one key.
func fieldsOf(t reflect.Type) (fields map[string][]int, problem string) {
	fields = map[string][]int{}
	for f := range t.Fields() {
		tag, tagged := f.Tag.Lookup("config")
		if tag == "-" || !f.IsExported() && !f.Anonymous {
			continue
		}
		if f.Anonymous && !tagged && f.Type.Kind() == reflect.Struct && !isSecret(f.Type) {
			inner, problem := fieldsOf(f.Type)
			if problem != "" {
				return nil, problem
			}
			for name, index := range inner {
				if _, given := fields[name]; given {
					return nil, fmt.Sprintf("the Go type %v has two fields with the key %q", t, name)
				}
				fields[name] = append(slices.Clone(f.Index), index...)
			}
			continue
		}
		if !f.IsExported() {
			continue
		}
		name := tag
		if name == "" {
			name = snakeCase(f.Name)
		}
		if _, given := fields[name]; given {
			return nil, fmt.Sprintf("the Go type %v has two fields with the key %q", t, name)
		}
		fields[name] = f.Index
	}
	return fields, ""
}

func fieldNames(fields map[string][]int) []string { return slices.Sorted(maps.Keys(fields)) }

// fieldAt returns a field; embedded structs are values, so there is no nil on the way.
func fieldAt(v reflect.Value, index []int) reflect.Value { return v.FieldByIndex(index) }

// snakeCase returns the key of a field: BusyTimeout is busy_timeout, HTTPAddr is
// http_addr, S3Bucket is s3_bucket.
func snakeCase(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		if i > 0 && unicode.IsUpper(r) {
			afterLower := !unicode.IsUpper(runes[i-1])
			beforeLower := i+1 < len(runes) && unicode.IsLower(runes[i+1])
			if runes[i-1] != '_' && (afterLower || beforeLower) {
				b.WriteByte('_')
			}
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// isSecret reports whether t is a config.Secret.
func isSecret(t reflect.Type) bool {
	return t.PkgPath() == reflect.TypeFor[config.KeyError]().PkgPath() && strings.HasPrefix(t.Name(), "Secret[")
}

// secretIn returns the value inside a config.Secret, or the invalid Value.
func secretIn(v reflect.Value) reflect.Value {
	if !isSecret(v.Type()) {
		return reflect.Value{}
	}
	ref, ok := v.Addr().Interface().(interface{ Ref() any })
	if !ok {
		return reflect.Value{}
	}
	return reflect.ValueOf(ref.Ref()).Elem()
}
