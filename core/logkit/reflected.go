package logkit

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/errs"
)

// redactReflected looks into maps, lists and texts of every other type. Types that say
// themselves how they look are left alone.
func redactReflected(v any, depth int) any {
	r := reflect.ValueOf(v)
	for r.Kind() == reflect.Pointer && depth < deep {
		r, depth = r.Elem(), depth+1
	}
	switch r.Kind() {
	case reflect.Map, reflect.Slice, reflect.Array, reflect.String:
	default:
		return v
	}
	switch v.(type) {
	case json.Marshaler, encoding.TextMarshaler, fmt.Stringer, fmt.Formatter:
		return v
	}
	switch {
	case r.Kind() == reflect.String:
		return config.RedactText(r.String())
	case r.Kind() != reflect.Array && r.IsNil(), r.Type().Elem().Kind() == reflect.Uint8:
		return v
	case r.Kind() == reflect.Map:
		return redactEntries(r, depth)
	}
	out := make([]any, r.Len())
	for i := range out {
		out[i] = redactAny(r.Index(i).Interface(), depth+1)
	}
	return out
}

func redactEntries(m reflect.Value, depth int) any {
	out := make(map[string]any, m.Len())
	for k, e := range m.Seq2() {
		name := fmt.Sprint(k.Interface())
		if config.IsSecretKey(name) {
			out[name] = hidden
			continue
		}
		out[name] = redactAny(e.Interface(), depth+1)
	}
	return out
}

// redactError returns err, or its text if that has something to hide. Where Error panics,
// as that of a nil pointer does, handlers know what to write.
func redactError(err error) (out any) {
	out = err
	_ = errs.Catch(func() error { // nothing to do about it: see above
		text := err.Error()
		if clean := config.RedactText(text); clean != text {
			out = clean
		}
		return nil
	})
	return out
}
