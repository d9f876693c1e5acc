// Package jsoncodec writes values as JSON and reads it strictly: what
// encoding/json lets pass, and another reader sees differently, is an error here.
//
//	c, err := jsoncodec.New(jsoncodec.Options{})
//	data, err := c.Marshal(user)
package jsoncodec

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"unicode/utf8"

	"github.com/lexigram/lexigram-go/contracts/codec"
	"github.com/lexigram/lexigram-go/contracts/errs"
)

// DefaultMaxSize is how many bytes are written and read at most, if Options does not say.
const DefaultMaxSize = 16 << 20

// Options are those of [New]. The zero value is strict, and has the default size. The
// exported names are configuration keys too.
type Options struct {
	// MaxSize is how many bytes are written and read at most; 0 means [DefaultMaxSize].
	MaxSize int `config:"max_size"`
	// AllowUnknown reads objects with fields that the target does not have, for messages whose
	// senders may be newer. Otherwise they are errors, so that no field is lost by a misspelt name.
	AllowUnknown bool `config:"allow_unknown"`
}

// Validate says what is wrong with o.
func (o Options) Validate() error {
	var invalid errs.ValidationError
	if o.MaxSize < 0 {
		invalid.Add("max_size", "is negative", "RANGE")
	}
	return invalid.Err()
}

// A Codec writes JSON: compact, with "<" as it is, map keys in order, and so the same value
// always as the same bytes. The zero value is ready to use; it is safe for concurrent use.
//
// It reads UTF-8 of one value and nothing after it; a name that an object has
// twice is an error, and so are two that differ in case alone where the target is made of
// structs without maps, interfaces and methods of their own. As in encoding/json, names match fields in either case, types say
// with tags and methods how they are written, a number that is read into an any is a
// float64, and bytes in a string that are not UTF-8 are written as U+FFFD.
type Codec struct{ o Options }

var _ codec.Codec = Codec{}

// New returns a codec, or an error wrapping [codec.Err] that names what is wrong with o.
func New(o Options) (Codec, error) {
	if err := o.Validate(); err != nil {
		return Codec{}, codec.Err.Wrap(err, "jsoncodec: new")
	}
	return Codec{o}, nil
}

func (c Codec) maxSize() int {
	if c.o.MaxSize == 0 {
		return DefaultMaxSize
	}
	return c.o.MaxSize
}

// Marshal returns v as JSON. What JSON does not have, such as a channel or NaN, and what
// is larger than the limit, is an error wrapping [codec.ErrValue].
func (c Codec) Marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, codec.ErrValue.Wrap(err, "jsoncodec: marshal a %T", v)
	}
	data := b.Bytes()[:b.Len()-1] // Encode ends with a line break
	if len(data) > c.maxSize() {
		return nil, codec.ErrValue.Wrap(fmt.Errorf("%d bytes are more than %d", len(data), c.maxSize()), "jsoncodec: marshal a %T", v)
	}
	return data, nil
}

// Unmarshal reads data into what the pointer points to; see [codec.Codec].
func (c Codec) Unmarshal(data []byte, into any) error {
	if v := reflect.ValueOf(into); v.Kind() != reflect.Pointer || v.IsNil() || !readable(v.Type().Elem()) {
		return codec.ErrValue.Wrap(errors.New("want a pointer to what JSON can write"), "jsoncodec: unmarshal into a %T", into)
	}
	if len(data) > c.maxSize() {
		return c.malformed(into, fmt.Errorf("%d bytes are more than %d", len(data), c.maxSize()))
	}
	if !utf8.Valid(data) {
		return c.malformed(into, errors.New("it is not UTF-8"))
	}
	d := json.NewDecoder(bytes.NewReader(data))
	if !c.o.AllowUnknown {
		d.DisallowUnknownFields()
	}
	if err := d.Decode(into); err != nil {
		return c.malformed(into, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return c.malformed(into, errors.New("something follows the value"))
	}
	if name, twice := duplicate(data, folds(into)); twice {
		return c.malformed(into, fmt.Errorf("an object has the name %.40q twice", name))
	}
	return nil
}

func (Codec) malformed(into any, cause error) error {
	return codec.ErrData.Wrap(cause, "jsoncodec: unmarshal into a %T", into)
}

// readable reports whether JSON can be read into a t; what is within it, encoding/json finds.
func readable(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Chan, reflect.Func, reflect.Complex64, reflect.Complex128, reflect.UnsafePointer:
		return reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]())
	default:
		return true
	}
}
