package config

import (
	"math"
	"strconv"
	"strings"
)

// A Size is a number of bytes that people write as "64MiB". Units are B, KB, MB,
// GB, TB (powers of 1,000) and KiB, MiB, GiB, TiB (powers of 1,024); a bare
// number is bytes.
type Size int64

// ordered so that String finds the largest unit that divides
var units = []struct {
	name string
	size int64
}{
	{"TiB", 1 << 40},
	{"GiB", 1 << 30},
	{"MiB", 1 << 20},
	{"KiB", 1 << 10},
	{"TB", 1e12},
	{"GB", 1e9},
	{"MB", 1e6},
	{"KB", 1e3},
	{"B", 1},
}

// UnmarshalText parses text, or returns an error wrapping [ErrValue].
func (s *Size) UnmarshalText(text []byte) error {
	in := strings.TrimSpace(string(text))
	number, unit := in, int64(1)
	for _, u := range units {
		if n, ok := strings.CutSuffix(in, u.name); ok {
			number, unit = strings.TrimSpace(n), u.size
			break
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n < 0 || n > math.MaxInt64/unit {
		return ErrValue.Wrap(nil, "config: size %q is not a number of bytes such as 64MiB", in)
	}
	*s = Size(n * unit)
	return nil
}

// MarshalText returns what String returns.
func (s Size) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// String returns the size in the largest binary unit that divides it.
func (s Size) String() string {
	for _, u := range units[:4] {
		if s != 0 && int64(s)%u.size == 0 {
			return strconv.FormatInt(int64(s)/u.size, 10) + u.name
		}
	}
	return strconv.FormatInt(int64(s), 10) + "B"
}
