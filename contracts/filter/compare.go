package filter

import (
	"cmp"
	"math"
	"strings"
	"time"
)

// Compare compares two values that [Value] returned, and reports whether they are
// of one kind: numbers, strings, times or bools, false before true. A []string is of none.
func Compare(a, b any) (int, bool) {
	switch a := a.(type) {
	case string:
		b, ok := b.(string)
		return strings.Compare(a, b), ok
	case time.Time:
		b, ok := b.(time.Time)
		return a.Compare(b), ok
	case bool:
		b, ok := b.(bool)
		if a == b {
			return 0, ok
		}
		if b {
			return -1, ok
		}
		return 1, ok
	case int64:
		switch b := b.(type) {
		case int64:
			return cmp.Compare(a, b), true
		case float64:
			return intFloat(a, b), true
		}
	case float64:
		switch b := b.(type) {
		case float64:
			return cmp.Compare(a, b), true
		case int64:
			return -intFloat(b, a), true
		}
	}
	return 0, false
}

// intFloat compares exactly, without rounding i to a float.
func intFloat(i int64, f float64) int {
	switch {
	case f >= 1<<63:
		return -1
	case f < -(1 << 63):
		return 1
	}
	whole := math.Trunc(f)
	if c := cmp.Compare(i, int64(whole)); c != 0 {
		return c
	}
	return cmp.Compare(whole, f)
}

// An instant is the identity of a time, whatever its location.
type instant int64

// identity returns a map key that two values share if and only if Compare finds
// them equal. A list has none, and neither has nil.
func identity(v any) (key any, ok bool) {
	switch v := v.(type) {
	case string, bool, int64:
		return v, true
	case float64:
		if v == math.Trunc(v) && v >= -(1<<63) && v < 1<<63 {
			return int64(v), true
		}
		return v, true
	case time.Time:
		return instant(v.UnixMicro()), true
	}
	return nil, false
}
