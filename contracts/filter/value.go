package filter

import (
	"math"
	"time"
)

// Value returns v as string, bool, int64, finite float64, time.Time in UTC and
// microseconds, or []string, or an error wrapping [Err]. Stores apply it to
// every attribute they are given, backends to every value of a filter.
func Value(v any) (any, error) {
	switch v := v.(type) {
	case string, bool, int64, []string:
		return v, nil
	case int:
		return int64(v), nil
	case int32:
		return int64(v), nil
	case int16:
		return int64(v), nil
	case int8:
		return int64(v), nil
	case uint32:
		return int64(v), nil
	case uint16:
		return int64(v), nil
	case uint8:
		return int64(v), nil
	case float32:
		return Value(float64(v))
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, Err.Wrap(nil, "filter: %v is not a number", v)
		}
		return v, nil
	case time.Time:
		return v.UTC().Truncate(time.Microsecond), nil
	case []any: // what JSON gives back for a []string
		s := make([]string, len(v))
		for i, x := range v {
			var ok bool
			if s[i], ok = x.(string); !ok {
				return nil, Err.Wrap(nil, "filter: value of type %T in a list", x)
			}
		}
		return s, nil
	}
	return nil, Err.Wrap(nil, "filter: value of type %T", v)
}
