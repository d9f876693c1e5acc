package sqlsearch

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/lexigram/lexigram-go/contracts/search"
)

func TestExcerpt(t *testing.T) {
	h := newHighlighter(termsOf(search.Query{Text: "lamp win"}))
	for text, want := range map[string]string{
		"":                        "",
		"nothing":                 "",
		"A Lamp.":                 "A \x02Lamp\x03.",
		"lamps windows win":       "lamps \x02windows\x03 \x02win\x03",
		"a \x02lamp\x03 \x03here": "a \x02lamp\x03 here",
		strings.Repeat("lamp and so on ", 20) + "lamp wind " + strings.Repeat("ü", 400): "wind",
		strings.Repeat("x", 500) + " lamp":                                              "\x02lamp\x03",
		"win" + strings.Repeat("x", 500):                                                "",
	} {
		got, ok := h.excerpt(text)
		if ok != (want != "") || !strings.Contains(got, want) || len(got) > 2*excerptBytes {
			t.Errorf("%.60q: %q, want %q", text, got, want)
		}
	}
}

// FuzzExcerpt wants marks in pairs around matches, and text of the text.
func FuzzExcerpt(f *testing.F) {
	f.Add("a lamp near the window", "lamp win")
	f.Add(strings.Repeat("ü ", 200)+"lamp", "Lamp")
	f.Add("\x02\x03", "x")
	f.Add("İstanbul", "i")
	f.Fuzz(func(t *testing.T, text, query string) {
		if !utf8.ValidString(text) {
			t.Skip()
		}
		terms := termsOf(search.Query{Text: query})
		h := newHighlighter(terms)
		got, ok := h.excerpt(text)
		if !ok {
			return
		}
		if !utf8.ValidString(got) || !strings.Contains(got, "\x02") {
			t.Fatalf("%q", got)
		}
		for rest := got; ; {
			before, after, ok := strings.Cut(rest, "\x02")
			if strings.Contains(before, "\x03") {
				t.Fatalf("%q: an end without a beginning", got)
			}
			if !ok {
				break
			}
			word, after, ok := strings.Cut(after, "\x03")
			if !ok || word == "" || strings.Contains(word, "\x02") {
				t.Fatalf("%q: a beginning without an end", got)
			}
			rest = after
		}
		if !strings.Contains(unmarked(text), unmarked(got)) {
			t.Fatalf("%q is no part of %q", unmarked(got), text)
		}
	})
}
