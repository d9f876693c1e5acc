package duration_test

import (
	"encoding"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/duration"
	"github.com/lexigram/lexigram-go/contracts/errs"
)

var (
	_ encoding.TextAppender    = duration.Duration(0)
	_ encoding.TextMarshaler   = duration.Duration(0)
	_ encoding.TextUnmarshaler = (*duration.Duration)(nil)
	_ flag.Value               = (*duration.Duration)(nil)
)

func TestParse(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"1d12h30m":                             36*time.Hour + 30*time.Minute,
		"30m1d12h":                             36*time.Hour + 30*time.Minute,
		"1h1h":                                 2 * time.Hour,
		" 10S\n":                               10 * time.Second,
		"5M":                                   5 * time.Minute,
		"5Ms":                                  5 * time.Millisecond,
		"1.5d":                                 36 * time.Hour,
		"0.1d":                                 duration.Day / 10,
		".5s":                                  time.Second / 2,
		"1.s":                                  time.Second,
		"-1d1ns":                               -duration.Day - 1,
		"+2us":                                 2 * time.Microsecond,
		"2µs":                                  2 * time.Microsecond,
		"2μs":                                  2 * time.Microsecond,
		"2ΜS":                                  2 * time.Microsecond, // a capital mu
		"0s":                                   0,
		"-0d":                                  0,
		"0.1234567899s":                        123456789,
		"0.33333333333d":                       28799999999712,
		"9223372036.0s":                        9223372036 * time.Second,
		"0.0000000000001h":                     0,
		"106751d":                              106751 * duration.Day,
		"000000000000001s":                     time.Second,
		"9223372036854775807ns":                math.MaxInt64,
		"-9223372036854775808ns":               math.MinInt64,
		"0.99999999999999999999999999999999ns": 0,
	} {
		if got, err := duration.Parse(text); err != nil || got != want {
			t.Errorf("Parse(%q) = %v, %v, want %v", text, got, err, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                         "want numbers with units",
		" \t":                      "want numbers with units",
		"-":                        "want numbers with units",
		"0":                        "a number needs a unit",
		"30":                       "a number needs a unit",
		"1d30":                     "a number needs a unit",
		"1.5":                      "a number needs a unit",
		"1d 2h":                    `unknown unit "d "`,
		"1d,2h":                    `unknown unit "d,"`,
		"1w":                       `unknown unit "w", want ns`,
		"d":                        `want a number before "d"`,
		".s":                       `want a number before "s"`,
		"1..s":                     "a number needs a unit",
		"--1s":                     `want a number before "-1s"`,
		"1s-1s":                    `unknown unit "s-"`,
		"1e3s":                     `unknown unit "e"`,
		"\u0663s":                  "want a number before",
		"106752d":                  "is longer than 292 years",
		"9223372036854775808ns":    "is longer than 292 years",
		"-9223372036854775809ns":   "is longer than 292 years",
		"99999999999999999999s":    "is longer than 292 years",
		"18446744073709551615ns1s": "is longer than 292 years",
		"9223372036854775807ns9223372036854775807ns2ns": "is longer than 292 years",
		"18446744073709551615.9ns":                      "is longer than 292 years",
		"1d20000000000000000000000000000000000000000":   "a number needs a unit",
		strings.Repeat("1\n", 1000) + "s":               "unknown unit",
	} {
		got, err := duration.Parse(text)
		if got != 0 || !errors.Is(err, duration.Err) || errs.KindOf(err) != errs.Invalid || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%.60q) = %v, %v, want an error with %q", text, got, err, want)
		} else if len(err.Error()) > 300 || strings.Contains(err.Error(), "\n") {
			t.Errorf("not one short line: %v", err)
		}
	}
}

func TestFormat(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                              "0s",
		1:                              "1ns",
		-1500 * time.Microsecond:       "-1.5ms",
		time.Second:                    "1s",
		1500 * time.Millisecond:        "1.5s",
		time.Second + 1:                "1.000000001s",
		time.Hour:                      "1h",
		36*time.Hour + 30*time.Minute:  "1d12h30m",
		-time.Minute - time.Second/2:   "-1m0.5s",
		30 * duration.Day:              "30d",
		math.MaxInt64:                  "106751d23h47m16.854775807s",
		math.MinInt64:                  "-106751d23h47m16.854775808s",
		duration.Day + time.Nanosecond: "1d0.000000001s",
	} {
		if got := duration.Format(d); got != want {
			t.Errorf("Format(%d) = %q, want %q", d, got, want)
		}
	}
}

func TestDurationEverywhere(t *testing.T) {
	var config struct{ Retention, Wait duration.Duration }
	if err := json.Unmarshal([]byte(`{"Retention":"30d","Wait":"1.5s"}`), &config); err != nil || config.Retention != duration.Duration(30*duration.Day) {
		t.Errorf("JSON: %v, %v", config, err)
	}
	if out, err := json.Marshal(config); err != nil || string(out) != `{"Retention":"30d","Wait":"1.5s"}` {
		t.Errorf("JSON: %s, %v", out, err)
	}
	for _, text := range []string{`{"Wait":30}`, `{"Wait":"30"}`, `{"Wait":""}`} {
		if err := json.Unmarshal([]byte(text), &config); err == nil || config.Wait != duration.Duration(1500*time.Millisecond) {
			t.Errorf("%s: %v, %v", text, config, err)
		}
	}
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Var(&config.Retention, "retention", "")
	if err := flags.Parse([]string{"-retention", "1d"}); err != nil || config.Retention != duration.Duration(duration.Day) {
		t.Errorf("flag: %v, %v", config, err)
	}
	if err := flags.Parse([]string{"-retention", "1"}); err == nil {
		t.Error("the flag takes a bare number")
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"1d12h30m", "-1.5h", "30", "", "2µs", "9223372036854775807ns", "0.000000000000000001d", "1..2s", "\xff1s", "106751d23h47m16.854775808s"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := duration.Parse(text)
		if err != nil {
			if d != 0 || !errors.Is(err, duration.Err) {
				t.Fatalf("Parse(%q) = %v, %v", text, d, err)
			}
			if std, stdErr := time.ParseDuration(text); stdErr == nil && strings.Trim(text, "+-0") != "" {
				t.Fatalf("Parse(%q): %v, and the standard library reads %v", text, err, std)
			}
			return
		}
		if again, err := duration.Parse(duration.Format(d)); err != nil || again != d {
			t.Fatalf("Parse(%q) = %d, Format %q, Parse again %d, %v", text, d, duration.Format(d), again, err)
		}
		if std, err := time.ParseDuration(text); err == nil {
			if off := std - d; off < -32 || off > 32 { // the standard library computes fractions in floating point, each a nanosecond off at worst
				t.Fatalf("Parse(%q) = %d, and the standard library reads %d", text, d, std)
			}
		}
	})
}

func FuzzFormat(f *testing.F) {
	for _, seed := range []int64{0, 1, -1, 1e9, 86400e9, math.MaxInt64, math.MinInt64} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, n int64) {
		d := time.Duration(n)
		if again, err := duration.Parse(duration.Format(d)); err != nil || again != d {
			t.Fatalf("Format(%d) = %q, parsed %d, %v", n, duration.Format(d), again, err)
		}
	})
}
