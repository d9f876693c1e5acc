// Package codectest checks that a [codec.Codec] or [codec.StringCodec] keeps its contract.
//
// An adapter's whole conformance test is:
//
//	func TestConformance(t *testing.T) {
//		codectest.Run(t, func(t *testing.T) codec.Codec { return open(t) })
//	}
package codectest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/lexigram/lexigram-go/contracts/codec"
)

// Run checks every rule of [codec.Codec], each on a codec of its own. newCodec
// registers its own cleanup on t.
func Run(t *testing.T, newCodec func(t *testing.T) codec.Codec, opts ...Option) {
	t.Helper()
	o := newOptions(opts)
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			if err := r.check(newCodec(t), o.values); err != nil {
				t.Errorf("%v\ncodec.Codec: %s", err, r.says)
			}
		})
	}
}

// RunText checks every rule of [codec.StringCodec], as Run does.
func RunText(t *testing.T, newCodec func(t *testing.T) codec.StringCodec, opts ...Option) {
	t.Helper()
	o := newOptions(opts)
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			if err := r.check(asCodec{newCodec(t)}, o.values); err != nil {
				t.Errorf("%v\ncodec.Codec: %s", err, r.says)
			}
		})
	}
	for _, r := range textRules {
		t.Run(r.name, func(t *testing.T) {
			if err := r.check(t.Context(), newCodec(t), o.values); err != nil {
				t.Errorf("%v\ncodec.StringCodec: %s", err, r.says)
			}
		})
	}
}

// asCodec is a StringCodec without its contexts.
type asCodec struct{ text codec.StringCodec }

func (a asCodec) Marshal(v any) ([]byte, error) {
	s, err := a.text.Encode(context.Background(), v)
	return []byte(s), err
}

func (a asCodec) Unmarshal(data []byte, into any) error {
	return a.text.Decode(context.Background(), string(data), into)
}

// An Option tells Run about the codec; there is none that turns a rule off.
type Option func(*options)

type options struct{ values []any }

func newOptions(opts []Option) options {
	o := options{values: ordinary()}
	for _, opt := range opts {
		opt(&o)
	}
	return o
}

// Values sets what is written, for a codec of certain types only. The default
// are structs, maps, lists and the types that these are made of.
func Values(values ...any) Option { return func(o *options) { o.values = values } }

// A Record has fields of every ordinary type.
type Record struct {
	ID     int64
	Name   string
	Size   uint64
	Ratio  float64
	Flag   bool
	At     time.Time
	Raw    []byte
	Tags   []string
	Extra  map[string]string
	Nested *Record
	Any    any
}

func ordinary() []any {
	inner := &Record{ID: -1, Name: "<inner> & \"quoted\" ünï\u2028\x00", Ratio: 0.1, Any: "text"}
	return []any{
		Record{
			ID: 1<<63 - 1, Name: "Ada", Size: 1<<64 - 1, Ratio: 1e300, Flag: true, At: time.Date(2026, 1, 2, 3, 4, 5, 678_000_000, time.UTC),
			Raw: []byte{0, 0xff, 'x'}, Tags: []string{"a", ""}, Extra: map[string]string{"k": "v", "": ""}, Nested: inner,
		},
		Record{},
		inner,
		map[string]int{"a": 1, "b": -1},
		[]int{3, 1, 2},
		"text",
		"",
		int64(-1 << 63),
		true,
	}
}

// A rule is one promise of the contract and the check that tries to break it.
type rule struct {
	name  string
	says  string // the promise, as the contract words it
	check func(c codec.Codec, values []any) error
}

var rules = []rule{
	{"round trip", "the value that was written, if it is of the same type", checkRoundTrip},
	{"bytes are the caller's", "Marshal returns v as bytes, which are the caller's", checkOwned},
	{"data is not kept", "It keeps no part of data", checkKept},
	{"malformed data", "bytes that are not one value, such as a part of one or two, [are an error] wrapping ErrData", checkMalformed},
	{"values that cannot be written", "What it cannot write is an error wrapping ErrValue", checkUnwritable},
	{"targets that cannot be read into", "A target that it cannot read into is an error wrapping ErrValue", checkTargets},
	{"concurrent use", "It is safe for concurrent use", checkConcurrent},
}

type textRule struct {
	name, says string
	check      func(ctx context.Context, c codec.StringCodec, values []any) error
}

var textRules = []textRule{
	{"text", "Encode returns v as UTF-8", checkText},
	{"a context that has ended", "A ctx that has ended is an error wrapping its cause", checkEnded},
}

// back reads data as a value of v's type.
func back(c codec.Codec, data []byte, v any) (any, error) {
	p := reflect.New(reflect.TypeOf(v))
	err := c.Unmarshal(data, p.Interface())
	return p.Elem().Interface(), err
}

func checkRoundTrip(c codec.Codec, values []any) error {
	for _, v := range values {
		data, err := c.Marshal(v)
		if err != nil {
			return fmt.Errorf("Marshal(%+v): %w", v, err)
		}
		got, err := back(c, data, v)
		if err != nil {
			return fmt.Errorf("Unmarshal of %.80q, written from a %T: %w", data, v, err)
		}
		if !reflect.DeepEqual(got, v) {
			return fmt.Errorf("%+v became %+v", v, got)
		}
	}
	return nil
}

func checkOwned(c codec.Codec, values []any) error {
	for _, v := range values {
		first, err := c.Marshal(v)
		if err != nil {
			return err
		}
		want := bytes.Clone(first)
		for i := range first {
			first[i] ^= 0xff
		}
		second, err := c.Marshal(v)
		if err != nil {
			return err
		}
		if !bytes.Equal(second, want) {
			return fmt.Errorf("after the caller changed the bytes of a %T, it is written as %.40q, before as %.40q", v, second, want)
		}
	}
	return nil
}

func checkKept(c codec.Codec, values []any) error {
	for _, v := range values {
		data, err := c.Marshal(v)
		if err != nil {
			return err
		}
		got, err := back(c, data, v)
		if err != nil {
			return err
		}
		for i := range data {
			data[i] = '!'
		}
		if !reflect.DeepEqual(got, v) {
			return fmt.Errorf("after the caller reused data, the %T became %+v", v, got)
		}
	}
	return nil
}

func checkMalformed(c codec.Codec, values []any) error {
	for _, v := range values {
		data, err := c.Marshal(v)
		if err != nil {
			return err
		}
		malformed := [][]byte{append(bytes.Clone(data), "\x00x"...), append(bytes.Clone(data), data...), []byte("\xff\xfe{]"), {}}
		for n := range min(len(data), 1_000) {
			malformed = append(malformed, data[:n])
		}
		for _, m := range malformed {
			got, err := back(c, m, v)
			if errors.Is(err, codec.ErrData) {
				continue
			}
			if err != nil {
				return fmt.Errorf("Unmarshal of %.80q into a %T: %w, want ErrData", m, v, err)
			}
			if again, err := c.Marshal(got); err != nil || !bytes.Equal(again, m) { // or the part of a value is a value
				return fmt.Errorf("Unmarshal of %.80q into a %T = %+v, want ErrData", m, v, got)
			}
		}
	}
	return nil
}

func checkUnwritable(c codec.Codec, _ []any) error {
	for _, v := range []any{make(chan int), func() {}, struct{ C chan int }{make(chan int)}} {
		if data, err := c.Marshal(v); !errors.Is(err, codec.ErrValue) {
			return fmt.Errorf("Marshal of a %T = %.40q, %v, want ErrValue", v, data, err)
		}
	}
	return nil
}

func checkTargets(c codec.Codec, values []any) error {
	data, err := c.Marshal(values[0])
	if err != nil {
		return err
	}
	for _, into := range []any{nil, 0, Record{}, (*Record)(nil), new(chan int)} {
		if err := c.Unmarshal(data, into); !errors.Is(err, codec.ErrValue) {
			return fmt.Errorf("Unmarshal into a %T = %v, want ErrValue", into, err)
		}
	}
	return nil
}

func checkConcurrent(c codec.Codec, values []any) error {
	failures := make([]error, 8)
	var wg sync.WaitGroup
	for i := range failures {
		wg.Go(func() {
			for range 20 {
				if failures[i] = checkRoundTrip(c, values); failures[i] != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(failures...)
}

func checkText(ctx context.Context, c codec.StringCodec, values []any) error {
	for _, v := range values {
		s, err := c.Encode(ctx, v)
		if err != nil {
			return err
		}
		if !utf8.ValidString(s) {
			return fmt.Errorf("a %T is written as %.80q", v, s)
		}
	}
	return nil
}

func checkEnded(ctx context.Context, c codec.StringCodec, values []any) error {
	s, err := c.Encode(ctx, values[0])
	if err != nil {
		return err
	}
	cause := errors.New("the caller left")
	gone, cancel := context.WithCancelCause(ctx)
	cancel(cause)
	if _, err := c.Encode(gone, values[0]); !errors.Is(err, cause) {
		return fmt.Errorf("Encode: %v, want the cause", err)
	}
	into := reflect.New(reflect.TypeOf(values[0]))
	if err := c.Decode(gone, s, into.Interface()); !errors.Is(err, cause) {
		return fmt.Errorf("Decode: %v, want the cause", err)
	}
	return nil
}
