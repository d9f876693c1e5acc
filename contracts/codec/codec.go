// Package codec is the contract between code that keeps or sends values and what
// writes them as bytes: caches, events, tasks and state take a [Codec].
package codec

import (
	"context"
	"errors"
	"unicode/utf8"

	"github.com/lexigram/lexigram-go/contracts/errs"
)

// Errors of codecs. [Err] is the family of them all.
var (
	Err = errs.New("LEX_ERR_SERIAL_001", errs.Unknown, "codec")
	// ErrValue reports a value that the codec cannot write, such as a channel, or a target that it cannot
	// read into, such as what is no pointer.
	ErrValue = Err.Sub("LEX_ERR_SERIAL_002", errs.Internal, "codec: the type cannot be written or read")
	// ErrData reports bytes that no value of the target's type is written as.
	ErrData = Err.Sub("LEX_ERR_SERIAL_003", errs.Invalid, "codec: malformed data")
)

// A Codec writes values as bytes and reads them back. It is safe for concurrent
// use, does no I/O and does not panic for a value that does not.
type Codec interface {
	// Marshal returns v as bytes, which are the caller's. What it cannot write is
	// an error wrapping [ErrValue].
	Marshal(v any) ([]byte, error)

	// Unmarshal reads all of data into what the pointer points to: the value that was
	// written, if it is of the same type. It keeps no part of data. A target that it cannot
	// read into is an error wrapping [ErrValue]; bytes that are not one
	// value, such as a part of one or two, one wrapping [ErrData], and then the target may hold anything.
	Unmarshal(data []byte, into any) error
}

// Decode returns the T that data was written from; its errors are those of Unmarshal, and come with the zero T.
func Decode[T any](c Codec, data []byte) (T, error) {
	var v T
	if err := c.Unmarshal(data, &v); err != nil {
		var zero T
		return zero, err
	}
	return v, nil
}

// A StringCodec writes values as text, for stores that keep nothing else, and
// may ask a server to, such as one that holds keys. It is safe for concurrent use.
// A ctx that has ended is an error wrapping its cause; other errors are those of [Codec].
type StringCodec interface {
	// Encode returns v as UTF-8.
	Encode(ctx context.Context, v any) (string, error)
	// Decode reads all of text into what the pointer points to.
	Decode(ctx context.Context, text string, into any) error
}

// Text returns a StringCodec that writes what c writes, which must be UTF-8, as
// JSON is; other bytes are an error wrapping [ErrValue].
func Text(c Codec) StringCodec { return text{c} }

type text struct{ codec Codec }

func (t text) Encode(ctx context.Context, v any) (string, error) {
	if ctx.Err() != nil {
		return "", Err.Wrap(context.Cause(ctx), "codec: encode")
	}
	b, err := t.codec.Marshal(v)
	if err != nil {
		return "", err
	}
	if !utf8.Valid(b) {
		return "", ErrValue.Wrap(errors.New("the codec writes bytes that are not UTF-8: give codec.Text one that writes text"), "codec: encode %T", v)
	}
	return string(b), nil
}

func (t text) Decode(ctx context.Context, text string, into any) error {
	if ctx.Err() != nil {
		return Err.Wrap(context.Cause(ctx), "codec: decode")
	}
	return t.codec.Unmarshal([]byte(text), into)
}
