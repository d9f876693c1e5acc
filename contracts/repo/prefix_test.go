package repo

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzHasPrefix compares the range with what it stands for.
func FuzzHasPrefix(f *testing.F) {
	for _, c := range [][2]string{
		{"", ""},
		{"a", ""},
		{"ab", "a"},
		{"b", "a"},
		{"a%", "a%"},
		{"\U0010ffff\U0010ffff", "\U0010ffff"},
		{"a\U0010ffffz", "a\U0010ffff"},
		{"b", "a\U0010ffff"},
		{"\ud7ffx", "\ud7ff"},
		{"\ue000", "\ud7ff"},
		{"é", "e"},
		{"\u007f", "\u007f"},
		{"\u0080", "\u007f"},
	} {
		f.Add(c[0], c[1])
	}
	type word struct{ text string }
	field := NewField("text", func(w word) string { return w.text })
	f.Fuzz(func(t *testing.T, text, prefix string) {
		for _, s := range []string{text, prefix} {
			if !utf8.ValidString(s) || strings.Contains(s, "\x00") {
				return
			}
		}
		for _, text := range []string{text, prefix + text, prefix} {
			got, err := field.HasPrefix(prefix).SatisfiedBy(word{text})
			if want := strings.HasPrefix(text, prefix); err != nil || got != want {
				t.Fatalf("%q has prefix %q: %v, %v, want %v", text, prefix, got, err, want)
			}
		}
	})
}
