package configfile

import (
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/duration"
)

// values returns the layer of Options.Defaults or Options.Overrides.
func (l *loader) values(all map[string]any, at origin) *value {
	root := newMapping(at)
	for _, key := range slices.Sorted(maps.Keys(all)) {
		v, problem := at.fromGo(reflect.ValueOf(all[key]), 0)
		path := strings.Split(key, ".")
		if problem == "" {
			problem = keyProblem(path)
		}
		if problem == "" {
			problem = root.put(path, v)
		}
		if problem != "" {
			l.problem(&config.KeyError{Source: at.source, Key: key, Problem: problem, Sentinel: config.ErrValue})
		}
	}
	return root
}

// fromGo converts a Go value, or says why it cannot be one of a configuration.
func (o origin) fromGo(v reflect.Value, depth int) (*value, string) {
	out := &value{origin: o}
	for v.IsValid() && v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if !v.IsValid() {
		return out, ""
	}
	if depth > MaxDepth {
		return nil, fmt.Sprintf("is deeper than %d levels", MaxDepth)
	}
	switch x := v.Interface().(type) {
	case Text:
		out.scalar, out.text = string(x), true
		return out, ""
	case time.Duration:
		out.scalar = duration.Format(x)
		return out, ""
	}
	switch v.Kind() {
	case reflect.String:
		out.scalar = v.String()
	case reflect.Bool:
		out.scalar = v.Bool()
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		out.scalar = v.Int()
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if v.Uint() > math.MaxInt64 {
			return nil, "is too large a number"
		}
		out.scalar = int64(v.Uint())
	case reflect.Float32, reflect.Float64:
		out.scalar = v.Float()
	case reflect.Slice:
		return out, out.fromSlice(v, depth)
	case reflect.Map:
		return out, out.fromMap(v, depth)
	default:
		return nil, fmt.Sprintf("is a Go %v, which no configuration holds", v.Type())
	}
	return out, ""
}

func (out *value) fromSlice(v reflect.Value, depth int) (problem string) {
	out.kind, out.list = config.List, make([]*value, v.Len())
	for i := range out.list {
		if out.list[i], problem = out.fromGo(v.Index(i), depth+1); problem != "" {
			return problem
		}
	}
	return ""
}

func (out *value) fromMap(v reflect.Value, depth int) (problem string) {
	if v.Type().Key().Kind() != reflect.String {
		return fmt.Sprintf("is a Go %v, whose keys are no strings", v.Type())
	}
	out.kind, out.keys = config.Map, make(map[string]*value, v.Len())
	for it := v.MapRange(); it.Next(); {
		if out.keys[it.Key().String()], problem = out.fromGo(it.Value(), depth+1); problem != "" {
			return problem
		}
	}
	return ""
}
