// Package duration reads and writes durations with days, such as "1d12h30m": in
// configuration files, flags and JSON.
//
//	type Options struct {
//		Retention duration.Duration // "30d"
//	}
package duration

import (
	"errors"
	"math"
	"math/bits"
	"strconv"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
)

// Err is matched by every error of this package.
var Err = errs.New("LEX_ERR_DURATION_001", errs.Invalid, "duration")

// Day is 24 hours: no calendar, and no change to daylight saving, is looked at.
const Day = 24 * time.Hour

// A Duration is a [time.Duration] whose text is that of [Parse] and [Format],
// also in JSON, in YAML and TOML libraries that know [encoding.TextUnmarshaler],
// and in a [flag.FlagSet]. Convert it to compute with it: time.Duration(d).
type Duration time.Duration

// String returns [Format] of d.
func (d Duration) String() string { return Format(time.Duration(d)) }

// AppendText appends what String returns to b.
func (d Duration) AppendText(b []byte) ([]byte, error) { return appendTo(b, time.Duration(d)), nil }

// MarshalText returns what String returns.
func (d Duration) MarshalText() ([]byte, error) { return d.AppendText(nil) }

// UnmarshalText sets d to [Parse] of text, or returns its error and leaves d as it is.
func (d *Duration) UnmarshalText(text []byte) error { return d.Set(string(text)) }

// Set is UnmarshalText for package flag.
func (d *Duration) Set(text string) error {
	parsed, err := Parse(text)
	if err != nil {
		return err
	}
	*d = Duration(parsed)
	return nil
}

// Format returns d as days, hours, minutes and seconds, of which those that are
// zero are left out: "1d12h30m", "-1m0.5s". Below a second it is as
// [time.Duration.String] writes it: "1.5ms", "0s". [Parse] reads it back exactly.
func Format(d time.Duration) string { return string(appendTo(make([]byte, 0, 32), d)) }

func appendTo(b []byte, d time.Duration) []byte {
	if -time.Second < d && d < time.Second {
		return append(b, d.String()...)
	}
	left := uint64(d)
	if d < 0 {
		b, left = append(b, '-'), -left // right for the least one too
	}
	for _, u := range []struct {
		name byte
		of   time.Duration
	}{{'d', Day}, {'h', time.Hour}, {'m', time.Minute}} {
		if n := left / uint64(u.of); n > 0 {
			b = append(strconv.AppendUint(b, n, 10), u.name)
			left %= uint64(u.of)
		}
	}
	if left == 0 {
		return b
	}
	b = strconv.AppendUint(b, left/1e9, 10)
	if nanos := left % 1e9; nanos > 0 {
		digits := strconv.AppendUint(nil, 1e9+nanos, 10) // a one, and nine digits
		digits[0] = '.'
		b = append(b, strings.TrimRight(string(digits), "0")...)
	}
	return append(b, 's')
}

// Parse reads one or more decimal numbers, each with its unit, in any order;
// the same unit again adds up: "1d12h30m", "1.5h", "-90s". Units are ns, us (or
// µs), ms, s, m, h and d, in either case. A sign may stand before them all, and white space
// around them, none within. Digits beyond a nanosecond are cut off.
//
// It reads what [time.ParseDuration] does but a bare "0": a number without a
// unit is an error, and so are an empty text and more than 292 years. Errors wrap [Err].
func Parse(text string) (time.Duration, error) {
	s := strings.TrimSpace(text)
	negative := strings.HasPrefix(s, "-")
	if negative || strings.HasPrefix(s, "+") {
		s = s[1:]
	}
	if s == "" {
		return 0, fail(text, "want numbers with units, such as 1d12h30m")
	}
	var sum uint64
	for s != "" {
		part, rest, problem := next(s)
		if problem != "" {
			return 0, fail(text, problem)
		}
		if sum += part; part > 1<<63 || sum > 1<<63 {
			return 0, fail(text, tooLong)
		}
		s = rest
	}
	if negative {
		return -time.Duration(sum), nil // of 1<<63 that is the least one
	}
	if sum > math.MaxInt64 {
		return 0, fail(text, tooLong)
	}
	return time.Duration(sum), nil
}

const tooLong = "is longer than 292 years"

func fail(text, problem string) error {
	return Err.Wrap(errors.New(problem), "duration: parse %.40q", text)
}

// next reads a number and its unit from the front of s, and returns their nanoseconds.
func next(s string) (nanos uint64, rest, problem string) {
	whole, rest := digits(s)
	fraction := ""
	if strings.HasPrefix(rest, ".") {
		fraction, rest = digits(rest[1:])
	}
	if whole == "" && fraction == "" {
		return 0, "", "want a number before " + strconv.Quote(clip(rest))
	}
	unit, rest, problem := unitOf(rest)
	if problem != "" {
		return 0, "", problem
	}
	if whole != "" {
		n, err := strconv.ParseUint(whole, 10, 64)
		hi, lo := bits.Mul64(n, unit)
		if err != nil || hi > 0 {
			return 0, "", tooLong
		}
		nanos = lo
	}
	more := part(fraction, unit)
	if nanos > math.MaxUint64-more {
		return 0, "", tooLong
	}
	return nanos + more, rest, ""
}

// part returns unit × 0.fraction, rounded down.
func part(fraction string, unit uint64) uint64 {
	fraction = fraction[:min(len(fraction), 18)] // a day has 14 digits of nanoseconds
	n, scale := uint64(0), uint64(1)
	for i := range len(fraction) {
		n, scale = n*10+uint64(fraction[i]-'0'), scale*10
	}
	hi, lo := bits.Mul64(n, unit)
	quotient, _ := bits.Div64(hi, lo, scale) // n < scale, so it is below unit
	return quotient
}

func digits(s string) (number, rest string) {
	i := 0
	for i < len(s) && '0' <= s[i] && s[i] <= '9' {
		i++
	}
	return s[:i], s[i:]
}

func unitOf(s string) (nanos uint64, rest, problem string) {
	end := strings.IndexAny(s, "0123456789.")
	if end < 0 {
		end = len(s)
	}
	switch name := s[:end]; strings.ToLower(name) {
	case "":
		return 0, "", "a number needs a unit: ns, us, ms, s, m, h or d"
	case "ns":
		return 1, s[end:], ""
	case "us", "µs", "μs": // U+00B5, and U+03BC, which is its lower case
		return uint64(time.Microsecond), s[end:], ""
	case "ms":
		return uint64(time.Millisecond), s[end:], ""
	case "s":
		return uint64(time.Second), s[end:], ""
	case "m":
		return uint64(time.Minute), s[end:], ""
	case "h":
		return uint64(time.Hour), s[end:], ""
	case "d":
		return uint64(Day), s[end:], ""
	default:
		return 0, "", "unknown unit " + strconv.Quote(clip(name)) + ", want ns, us, ms, s, m, h or d"
	}
}

// clip keeps errors on one short line.
func clip(s string) string { return s[:min(len(s), 12)] }
