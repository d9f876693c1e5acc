package jsoncodec

import (
	"encoding/json"
	"reflect"
	"sync"
	"time"
)

// folding knows the types that folds was asked about.
var folding sync.Map // of reflect.Type to bool

// folds reports whether every object that is read into the pointer is one of a struct,
// whose fields encoding/json finds in either case.
func folds(into any) bool {
	t := reflect.TypeOf(into).Elem()
	if known, ok := folding.Load(t); ok {
		return known.(bool)
	}
	known := structsOnly(t, map[reflect.Type]bool{})
	folding.Store(t, known)
	return known
}

func structsOnly(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] {
		return true
	}
	seen[t] = true
	if t == reflect.TypeFor[time.Time]() {
		return true // a string
	}
	if t.Kind() != reflect.Interface && reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()) {
		return false
	}
	switch t.Kind() {
	case reflect.Map, reflect.Interface:
		return false
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return structsOnly(t.Elem(), seen)
	case reflect.Struct:
		for f := range t.Fields() {
			if (f.IsExported() || f.Anonymous) && !structsOnly(f.Type, seen) {
				return false
			}
		}
	}
	return true
}
