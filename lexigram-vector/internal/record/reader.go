package record

import (
	"encoding/binary"
	"errors"
	"math"
	"time"
)

// ErrMalformed reports a record that this package did not write.
var ErrMalformed = errors.New("malformed record")

// A Reader decodes records, one after the other. After an error everything it
// returns is zero, and [Reader.Err] tells. It is not safe for concurrent use.
type Reader struct {
	rest  []byte
	bad   bool
	names map[string]string // of attributes, each kept once
}

// Reset has r read from b.
func (r *Reader) Reset(b []byte) { r.rest, r.bad = b, false }

// Err returns [ErrMalformed] if anything was.
func (r *Reader) Err() error {
	if r.bad {
		return ErrMalformed
	}
	return nil
}

// Len returns how many bytes are left.
func (r *Reader) Len() int { return len(r.rest) }

// Byte returns the next byte.
func (r *Reader) Byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

// Uvarint returns the next number.
func (r *Reader) Uvarint() uint64 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

// Count returns the next number of things that take at least one byte each.
func (r *Reader) Count() int {
	n := r.Uvarint()
	if n > uint64(len(r.rest)) {
		r.fail()
		return 0
	}
	return int(n)
}

// String returns the next string.
func (r *Reader) String() string { return string(r.take(r.Count())) }

// Strings returns the next list of strings, not nil.
func (r *Reader) Strings() []string {
	list := make([]string, r.Count())
	for i := range list {
		list[i] = r.String()
	}
	return list
}

// Vector fills dst with the next components.
func (r *Reader) Vector(dst []float32) {
	b := r.take(4 * len(dst))
	if b == nil {
		return
	}
	for i := range dst {
		dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
}

// Attrs returns the next attributes, not nil.
func (r *Reader) Attrs() map[string]any {
	n := r.Count()
	attrs := make(map[string]any, n)
	for range n {
		name := r.Name()
		attrs[name] = r.value()
		if r.bad {
			return nil
		}
	}
	return attrs
}

// Name returns the next string, the same one each time it comes.
func (r *Reader) Name() string {
	b := r.take(r.Count())
	if name, ok := r.names[string(b)]; ok {
		return name
	}
	if r.names == nil {
		r.names = map[string]string{}
	}
	name := string(b)
	r.names[name] = name
	return name
}

func (r *Reader) value() any {
	switch r.Byte() {
	case tagString:
		return r.String()
	case tagTrue:
		return true
	case tagFalse:
		return false
	case tagInt:
		return r.varint()
	case tagFloat:
		if b := r.take(8); b != nil {
			return math.Float64frombits(binary.LittleEndian.Uint64(b))
		}
	case tagTime:
		return time.UnixMicro(r.varint()).UTC()
	case tagList:
		return r.Strings()
	default:
		r.fail()
	}
	return nil
}

func (r *Reader) varint() int64 {
	v, n := binary.Varint(r.rest)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

// take returns the next n bytes, nil if there are not so many.
func (r *Reader) take(n int) []byte {
	if n > len(r.rest) || r.bad {
		r.fail()
		return nil
	}
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}

func (r *Reader) fail() { r.rest, r.bad = nil, true }
