package events_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
)

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, typ string
		want         bool
	}{
		{"a.b", "a.b", true},
		{"a.b", "a.c", false},
		{"a.b", "a", false},
		{"a", "a.b", false},
		{"a.*", "a.b", true},
		{"a.*", "a", false},
		{"a.*", "a.b.c", false},
		{"*.b", "a.b", true},
		{"a.>", "a.b.c", true},
		{"a.>", "a", false},
		{">", "a", true},
		{">", "a.b", true},
		{"a.*.c", "a.b.c", true},
		{"ab", "a", false},
	} {
		if got := events.Match(c.pattern, c.typ); got != c.want {
			t.Errorf("Match(%q, %q) = %v", c.pattern, c.typ, got)
		}
	}
	if n := testing.AllocsPerRun(100, func() { events.Match("a.*.c", "a.b.c") }); n != 0 {
		t.Errorf("Match allocates %v times", n)
	}
}

func TestCheckPattern(t *testing.T) {
	for _, p := range []string{">", "*", "a.b", "a.*", "a.>", "a-b_c.D9"} {
		if err := events.CheckPattern(p); err != nil {
			t.Errorf("%q: %v", p, err)
		}
	}
	for _, p := range []string{"", ".", "a.", ".a", "a..b", ">.a", "a b", "a*", "a>", strings.Repeat("a", 256)} {
		if err := events.CheckPattern(p); !errors.Is(err, events.ErrInvalid) {
			t.Errorf("%q: %v, want ErrInvalid", p, err)
		}
	}
}

func TestCheck(t *testing.T) {
	good := events.New("test/ö", "a.b", nil)
	good.Key, good.Headers = "日本 1", map[string]string{"x-a_9": "ü, and no more", "empty": ""}
	if err := events.Check(good); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*events.Event){
		"no id":         func(e *events.Event) { e.ID = "" },
		"no source":     func(e *events.Event) { e.Source = "" },
		"no type":       func(e *events.Event) { e.Type = "" },
		"wild type":     func(e *events.Event) { e.Type = "a.*" },
		"long key":      func(e *events.Event) { e.Key = strings.Repeat("k", 256) },
		"schema":        func(e *events.Event) { e.Schema = -1 },
		"type with dot": func(e *events.Event) { e.Type = "a." },
		"NUL in id":     func(e *events.Event) { e.ID = "a\x00" },
		"id not UTF-8":  func(e *events.Event) { e.ID = "\xff" },
		"source":        func(e *events.Event) { e.Source = "/a\nb" },
		"key":           func(e *events.Event) { e.Key = "ö\xc3" },
		"format":        func(e *events.Event) { e.Format = "text/plain\r" },
		"long format":   func(e *events.Event) { e.Format = strings.Repeat("f", 256) },
		"no header":     func(e *events.Event) { e.Headers = map[string]string{"": "v"} },
		"header":        func(e *events.Event) { e.Headers = map[string]string{"Trace Parent": "v"} },
		"long header":   func(e *events.Event) { e.Headers = map[string]string{strings.Repeat("h", 65): "v"} },
		"header value":  func(e *events.Event) { e.Headers = map[string]string{"a": "v\r\nb: w"} },
		"time":          func(e *events.Event) { e.Time = time.Unix(253402300800, 0) },
		"header bytes":  func(e *events.Event) { e.Headers = map[string]string{"a": "\xff"} },
	} {
		ev := good
		spoil(&ev)
		if err := events.Check(ev); !errors.Is(err, events.ErrInvalid) {
			t.Errorf("%s: %v, want ErrInvalid", name, err)
		}
	}
}
