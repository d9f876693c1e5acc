// Package binarycodec writes values in the binary form that their types define
// with the standard library's interfaces, such as [time.Time] and [net/netip.Addr]; strings and
// []byte as they are.
//
// It is not for every type, on purpose. What could be has a cost: encoding/gob sends the
// description of the type with each value, only Go reads it, and its documentation
// warns of hostile input; CBOR and MessagePack need a library, and so a module of their
// own that implements [codec.Codec]. Without one, use core/jsoncodec.
package binarycodec

import (
	"bytes"
	"encoding"
	"errors"
	"reflect"

	"github.com/lexigram/lexigram-go/contracts/codec"
)

// A Codec writes what implements [encoding.BinaryAppender] or
// [encoding.BinaryMarshaler], and reads what implements
// [encoding.BinaryUnmarshaler]; and string and []byte. The zero value is ready
// to use; it is safe for concurrent use. Whether a part of a value is malformed is for its type to say.
type Codec struct{}

var _ codec.Codec = Codec{}

// Marshal returns the binary form of v; a type without one, and a value that its
// type fails to write, is an error wrapping [codec.ErrValue].
func (Codec) Marshal(v any) ([]byte, error) {
	var data []byte
	var err error
	if p := reflect.ValueOf(v); p.Kind() == reflect.Pointer && p.IsNil() {
		return nil, codec.ErrValue.Wrap(errors.New("the pointer is nil"), "binarycodec: marshal a %T", v)
	}
	switch v := v.(type) {
	case []byte:
		return append([]byte{}, v...), nil
	case string:
		return []byte(v), nil
	case encoding.BinaryAppender:
		data, err = v.AppendBinary(nil)
	case encoding.BinaryMarshaler:
		if data, err = v.MarshalBinary(); err == nil {
			data = bytes.Clone(data) // it may be the value's own
		}
	default:
		err = errors.New("its type has no binary form: add a MarshalBinary, or use core/jsoncodec")
	}
	if err != nil {
		return nil, codec.ErrValue.Wrap(err, "binarycodec: marshal a %T", v)
	}
	return data, nil
}

// Unmarshal reads data into what the pointer points to; see [codec.Codec].
func (Codec) Unmarshal(data []byte, into any) error {
	if v := reflect.ValueOf(into); v.Kind() != reflect.Pointer || v.IsNil() {
		return codec.ErrValue.Wrap(errors.New("want a pointer"), "binarycodec: unmarshal into a %T", into)
	}
	switch p := into.(type) {
	case *[]byte:
		*p = append([]byte{}, data...)
	case *string:
		*p = string(data)
	case encoding.BinaryUnmarshaler:
		if err := p.UnmarshalBinary(bytes.Clone(data)); err != nil { // it may keep it
			return codec.ErrData.Wrap(err, "binarycodec: unmarshal into a %T", into)
		}
	default:
		return codec.ErrValue.Wrap(errors.New("its type has no binary form: add an UnmarshalBinary, or use core/jsoncodec"), "binarycodec: unmarshal into a %T", into)
	}
	return nil
}
