package configfile

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"github.com/lexigram/lexigram-go/contracts/config"
)

// A field is a key of a section and the Go field that it is decoded into.
type field struct {
	name     string
	index    []int // embedded structs are values, so there is no nil on the way
	required bool
	doc      string
}

// fieldsOf returns the fields of a struct in their order. A problem is a fault
// of the program, such as two fields with one key.
func fieldsOf(t reflect.Type) (fields []field, problem string) {
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
			for _, i := range inner {
				i.index = append(slices.Clone(f.Index), i.index...)
				fields = append(fields, i)
			}
			continue
		}
		if !f.IsExported() {
			continue
		}
		name, option, _ := strings.Cut(tag, ",")
		if option != "" && option != "required" {
			return nil, fmt.Sprintf("the Go type %v has a field with the tag option %q, which is not required", t, option)
		}
		if name == "" {
			name = snakeCase(f.Name)
		}
		fields = append(fields, field{name, f.Index, option == "required", f.Tag.Get("doc")})
	}
	for i, f := range fields {
		if find(fields[:i], f.name) != nil {
			return nil, fmt.Sprintf("the Go type %v has two fields with the key %q", t, f.name)
		}
	}
	return fields, ""
}

// find returns the field of a key, or nil.
func find(fields []field, name string) *field {
	for i := range fields {
		if fields[i].name == name {
			return &fields[i]
		}
	}
	return nil
}

func fieldNames(fields []field) []string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	slices.Sort(names)
	return names
}

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

// editSecret calls fn with the value inside of a config.Secret, to change it, and reports
// whether v is one.
func editSecret(v reflect.Value, fn func(inner reflect.Value)) bool {
	if !isSecret(v.Type()) {
		return false
	}
	s, ok := v.Addr().Interface().(interface{ Edit(fn func(ref any)) })
	if ok {
		s.Edit(func(ref any) { fn(reflect.ValueOf(ref).Elem()) })
	}
	return ok
}
