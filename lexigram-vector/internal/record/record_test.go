package record

import (
	"errors"
	"math"
	"reflect"
	"testing"
	"time"
)

func TestRoundTrip(t *testing.T) {
	attrs := map[string]any{
		"s": "ünï\x00", "e": "", "t": true, "f": false, "i": int64(math.MinInt64), "x": math.SmallestNonzeroFloat64, "z": math.Copysign(0, -1),
		"at": time.Date(1, 1, 1, 0, 0, 0, 1000, time.UTC), "l": []string{"a", ""}, "n": []string{},
	}
	v := []float32{1, -0.5, math.MaxFloat32}
	b := AppendAttrs(AppendVector(AppendString(nil, "id"), v), attrs)
	b = AppendStrings(b, []string{"x", "y"})
	var r Reader
	for range 2 {
		r.Reset(b)
		got := make([]float32, 3)
		id := r.String()
		r.Vector(got)
		a, list := r.Attrs(), r.Strings()
		if id != "id" || !reflect.DeepEqual(got, v) || !reflect.DeepEqual(a, attrs) || !reflect.DeepEqual(list, []string{"x", "y"}) || r.Err() != nil || r.Len() != 0 {
			t.Fatalf("%q %v %v %q %v, %d bytes left", id, got, a, list, r.Err(), r.Len())
		}
	}
}

func TestShort(t *testing.T) {
	b := AppendAttrs(AppendString(nil, "id"), map[string]any{"a": "text", "b": 1.5, "c": []string{"x"}, "d": int64(300)})
	for n := range b {
		var r Reader
		r.Reset(b[:n])
		_, _ = r.String(), r.Attrs()
		if !errors.Is(r.Err(), ErrMalformed) {
			t.Fatalf("%d of %d bytes: %v", n, len(b), r.Err())
		}
	}
}

// FuzzReader reads anything: it must neither panic nor allocate more than what
// is there can fill, and what it accepts must come back from what it appends.
func FuzzReader(f *testing.F) {
	f.Add(AppendAttrs(nil, map[string]any{"a": "text", "b": 1.5, "c": []string{"x"}, "d": int64(3), "e": true}))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		var r Reader
		r.Reset(b)
		attrs := r.Attrs()
		if r.Err() != nil {
			return
		}
		again := AppendAttrs(nil, attrs)
		r.Reset(again)
		if got := r.Attrs(); r.Err() != nil || len(got) != len(attrs) {
			t.Fatalf("%v, %v, want %v", got, r.Err(), attrs)
		}
		if got := AppendAttrs(nil, attrs); string(got) != string(again) {
			t.Fatal("two encodings of one value")
		}
	})
}
