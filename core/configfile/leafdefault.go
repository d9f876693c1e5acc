package configfile

import (
	"encoding"
	"math"
	"reflect"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/errs"
)

// leafDefault returns the value that a default says, or nil.
func leafDefault(v reflect.Value) *value {
	if !v.IsValid() {
		return nil
	}
	at := origin{layer: DefaultLayer}
	if m, ok := v.Interface().(encoding.TextMarshaler); ok {
		var text []byte
		err := errs.Catch(func() (err error) { text, err = m.MarshalText(); return err })
		if err != nil {
			return nil // a default that cannot say what it is says nothing
		}
		return &value{origin: at, scalar: string(text)}
	}
	switch v.Kind() {
	case reflect.Slice, reflect.Map, reflect.Interface:
		if v.IsNil() {
			return nil
		}
		if b, ok := v.Interface().([]byte); ok {
			return &value{origin: at, scalar: string(b)}
		}
	case reflect.Float32, reflect.Float64:
		if math.IsNaN(v.Float()) || math.IsInf(v.Float(), 0) {
			return nil
		}
	}
	out, problem := at.fromGo(v, 0)
	if problem != "" {
		return nil
	}
	return out
}

// sealedDefault returns the value that the default of a config.Secret holds, or nil.
func sealedDefault(v reflect.Value) *value {
	if !v.IsValid() || v.IsZero() {
		return nil
	}
	var text string
	switch s := v.Interface().(type) {
	case config.Secret[string]:
		text = s.Reveal()
	case config.Secret[[]byte]:
		text = string(s.Reveal())
	default:
		text = "***"
	}
	return &value{origin: origin{layer: DefaultLayer}, scalar: text}
}
