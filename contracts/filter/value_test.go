package filter

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"testing"
	"time"
)

func TestValue(t *testing.T) {
	at := time.Date(2024, 5, 6, 7, 8, 9, 123456789, time.FixedZone("", -3600))
	for _, c := range []struct{ in, want any }{
		{"x", "x"},
		{true, true},
		{7, int64(7)},
		{int8(-7), int64(-7)},
		{uint8(200), int64(200)},
		{uint32(math.MaxUint32), int64(math.MaxUint32)},
		{uint(7), int64(7)},
		{uint64(math.MaxInt64), int64(math.MaxInt64)},
		{float32(0.5), 0.5},
		{1.0, 1.0},
		{json.Number("12"), int64(12)},
		{json.Number("12.0"), 12.0},
		{json.Number("1e3"), 1000.0},
		{json.Number("9223372036854775808"), 9223372036854775808.0},
		{at, at.UTC().Truncate(time.Microsecond)},
		{time.Time{}, time.Time{}},
		{[]string{"a"}, []string{"a"}},
		{[]string(nil), []string{}},
		{[]any{"a", "b"}, []string{"a", "b"}},
		{[]any{}, []string{}},
	} {
		if got, err := Value(c.in); err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("Value(%#v) = %#v, %v, want %#v", c.in, got, err, c.want)
		}
	}
	text := "x"
	for _, v := range []any{
		nil, math.NaN(), math.Inf(-1), float32(math.Inf(1)), uint64(math.MaxInt64) + 1, uint(math.MaxUint64), json.Number("x"), json.Number(""), json.Number("1e999"),
		"a\x00b", "\xff",
		[]string{"a", "\x00"},
		[]any{"caf\xc3"},
		[]any{1},
		[]any{nil},
		[]int{1},
		map[string]any{},
		struct{}{},
		&text, []byte("x"), 1i, time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC), time.Duration(1),
	} {
		if got, err := Value(v); !errors.Is(err, Err) {
			t.Errorf("Value(%#v) = %#v, %v, want Err", v, got, err)
		}
	}
	list := []string{"a"}
	got, err := Value(list)
	if list[0] = "changed"; err != nil || got.([]string)[0] != "a" {
		t.Errorf("the list is not a copy: %v, %v", got, err)
	}
}

// TestIdentity holds the set of In to the meaning of Compare.
func TestIdentity(t *testing.T) {
	now := time.Now().UTC().Truncate(time.Microsecond)
	values := []any{
		"", "1", "a", true, false, int64(0), int64(1), int64(1<<53 + 1), int64(math.MaxInt64), int64(math.MinInt64), 0.0, math.Copysign(0, -1), 1.0, 1.5,
		float64(1 << 53), 9223372036854775808.0, -9223372036854775808.0, 1e300, now, now.In(time.FixedZone("", 60)), now.Add(time.Microsecond), int64(now.UnixMicro()),
		[]string{"a"},
		nil,
	}
	for _, a := range values {
		for _, b := range values {
			c, ok := Compare(a, b)
			ka, aok := identity(a)
			kb, bok := identity(b)
			if same := aok && bok && ka == kb; same != (ok && c == 0) {
				t.Errorf("%#v and %#v: Compare %d, %v; identities %#v and %#v", a, b, c, ok, ka, kb)
			}
			if back, _ := Compare(b, a); ok && back != -c {
				t.Errorf("Compare(%#v, %#v) = %d, the other way %d", a, b, c, back)
			}
		}
	}
}

// FuzzCompile builds a filter from bytes: Compile must not panic, and what it
// returns must agree with its negation on any attributes.
func FuzzCompile(f *testing.F) {
	f.Add([]byte("\x00\x01a\x02b"), "a", "x", int64(1), 1.5)
	f.Add([]byte("\x05\x05\x05\x05\x00\x01\x02\x03\x04\x06"), "field", "", int64(math.MinInt64), math.Inf(1))
	f.Add([]byte{6, 6, 6, 6, 6, 6, 6, 7}, "", "\xff", int64(0), math.NaN())
	f.Fuzz(func(t *testing.T, shape []byte, field, text string, i int64, x float64) {
		b := builder{shape: shape, field: field, values: []any{text, i, x, i%2 == 0, time.UnixMicro(i), []string{text}, []any{text}, uint64(i), nil}}
		built := b.filter(0)
		holds, err := Compile(built)
		if err != nil {
			if !errors.Is(err, Err) {
				t.Fatalf("Compile(%#v) = %v, want Err", built, err)
			}
			return
		}
		not, err := Compile(Not{built})
		if built == nil || err != nil {
			return // Not of nothing, or one too deep
		}
		for _, v := range b.values {
			attrs := map[string]any{}
			if v, err := Value(v); err == nil {
				attrs[field] = v
			}
			if holds(attrs) == not(attrs) {
				t.Fatalf("%#v and its negation agree on %v", built, attrs)
			}
		}
	})
}

// A builder turns bytes into a filter.
type builder struct {
	shape  []byte
	field  string
	values []any
}

func (b *builder) next() int {
	if len(b.shape) == 0 {
		return 0
	}
	c := b.shape[0]
	b.shape = b.shape[1:]
	return int(c)
}

func (b *builder) value() any { return b.values[b.next()%len(b.values)] }

func (b *builder) filter(depth int) Filter {
	switch k := b.next(); k % 9 {
	case 1:
		return In{b.field, []any{b.value(), b.value()}}
	case 2:
		return Exists{b.field}
	case 3:
		return Has{b.field, "x"}
	case 4:
		return Substring{b.field, "x"}
	case 5, 6:
		if depth > 100 {
			return nil
		}
		fs := []Filter{b.filter(depth + 1), b.filter(depth + 1)}
		if k%9 == 5 {
			return And(fs)
		}
		return Or(fs)
	case 7:
		if depth > 100 {
			return nil
		}
		return Not{b.filter(depth + 1)}
	case 8:
		return nil
	}
	return Cmp{b.field, []Op{Eq, Ne, Lt, Le, Gt, Ge, "like"}[b.next()%7], b.value()}
}
