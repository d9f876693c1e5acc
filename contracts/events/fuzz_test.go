package events_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/events"
)

var (
	typeForm    = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$`)
	patternForm = regexp.MustCompile(`^(>|([A-Za-z0-9_-]+|\*)(\.([A-Za-z0-9_-]+|\*))*(\.>)?)$`)
)

// FuzzMatch compares CheckPattern, Check and Match with regular expressions.
func FuzzMatch(f *testing.F) {
	for _, s := range [][2]string{
		{">", "a"},
		{"a.*", "a.b"},
		{"*.>", "a.b.c"},
		{"a.>", "a"},
		{"a>", "a"},
		{"*", ""},
		{"a.*b", "a.cb"},
		{"a..b", "a..b"},
		{".", "."},
		{"a.b.", "a.b."},
		{"a.\n", "a.\n"},
		{">.a", "b.a"},
		{"ö", "ö"},
		{"*a", "aa"},
	} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, pattern, typ string) {
		validType := typeForm.MatchString(typ) && len(typ) <= 255 && !strings.HasSuffix(typ, "\n")
		if got := events.Check(events.Event{ID: "1", Source: "/", Type: typ}) == nil; got != validType {
			t.Errorf("Check of type %q = %v", typ, got)
		}
		valid := patternForm.MatchString(pattern) && len(pattern) <= 255 && !strings.HasSuffix(pattern, "\n")
		if got := events.CheckPattern(pattern) == nil; got != valid {
			t.Errorf("CheckPattern(%q) = %v", pattern, got)
		}
		got := events.Match(pattern, typ) // never panics
		if !valid || !validType {
			return
		}
		re := strings.NewReplacer(".", `\.`, "*", `[^.]+`, ">", `.+`).Replace(pattern)
		if want := regexp.MustCompile("^(" + re + ")$").MatchString(typ); got != want {
			t.Errorf("Match(%q, %q) = %v", pattern, typ, got)
		}
	})
}
