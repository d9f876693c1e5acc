package filter

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Value returns v as string, bool, int64, finite float64, time.Time in UTC and
// microseconds, or []string, or an error wrapping [Err]. Stores apply it to
// every attribute they are given, backends to every value of a filter.
//
//   - Integers of every width become an int64; an unsigned one beyond it is
//     refused, never rounded.
//   - A [json.Number] becomes an int64 if it is written as one, otherwise a float64.
//   - A string is UTF-8 without NUL, which JSON and databases can hold.
//   - A time is of the years 1 to 9999, which every backend and JSON can hold.
//   - A list is a copy and never nil; an []any of strings, which is what JSON
//     gives back for a []string, is one.
func Value(v any) (any, error) {
	switch v := v.(type) {
	case bool, int64:
		return v, nil
	case string:
		if err := checkText(v); err != nil {
			return nil, err
		}
		return v, nil
	case []string:
		return texts(v)
	case float32:
		return finite(float64(v))
	case float64:
		return finite(v)
	case json.Number:
		return number(v)
	case time.Time:
		if y := v.UTC().Year(); y < 1 || y > 9999 {
			return nil, Err.Wrap(nil, "filter: a time in the year %d", y)
		}
		return v.UTC().Truncate(time.Microsecond), nil
	case []any:
		return list(v)
	}
	return integer(v)
}

// checkText returns an error wrapping [Err] unless s is what a string may be.
func checkText(s string) error {
	if !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0 {
		return Err.Wrap(nil, "filter: string %.40q is not UTF-8 without NUL", s)
	}
	return nil
}

func texts(v []string) (any, error) {
	for _, s := range v {
		if err := checkText(s); err != nil {
			return nil, err
		}
	}
	return append(make([]string, 0, len(v)), v...), nil
}

func integer(v any) (any, error) {
	switch v := v.(type) {
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
	case uint:
		return unsigned(uint64(v))
	case uint64:
		return unsigned(v)
	}
	return nil, Err.Wrap(nil, "filter: value of type %T", v)
}

func unsigned(v uint64) (any, error) {
	if v > math.MaxInt64 {
		return nil, Err.Wrap(nil, "filter: %d is beyond an int64", v)
	}
	return int64(v), nil
}

func finite(v float64) (any, error) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil, Err.Wrap(nil, "filter: %v is not a finite number", v)
	}
	return v, nil
}

func number(n json.Number) (any, error) {
	if i, err := strconv.ParseInt(string(n), 10, 64); err == nil {
		return i, nil
	}
	f, err := strconv.ParseFloat(string(n), 64)
	if err != nil {
		return nil, Err.Wrap(nil, "filter: number %.40q", string(n))
	}
	return finite(f)
}

func list(v []any) (any, error) {
	s := make([]string, len(v))
	for i, x := range v {
		var ok bool
		if s[i], ok = x.(string); !ok {
			return nil, Err.Wrap(nil, "filter: value of type %T in a list", x)
		}
		if err := checkText(s[i]); err != nil {
			return nil, err
		}
	}
	return s, nil
}
