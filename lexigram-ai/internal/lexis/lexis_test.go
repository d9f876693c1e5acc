package lexis

import (
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestWords(t *testing.T) {
	for text, want := range map[string][]string{
		"":                     nil,
		"one, two_three-4":     {"one", "two", "three", "4"},
		"Façade naïve\xff日本語x": {"Façade", "naïve", "日本語x"},
		"a\u0301b":             {"a\u0301b"},
	} {
		if got := slices.Collect(Words(text)); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestParts(t *testing.T) {
	for word, want := range map[string][]string{
		"parseHTTPBody2": {"parse", "HTTP", "Body", "2"},
		"HTTP":           nil,
		"word":           nil,
		"Word":           nil,
		"getURL":         {"get", "URL"},
		"sha256Sum":      {"sha", "256", "Sum"},
		"":               nil,
		"日本":             nil,
		"ÄpfelBaum":      {"Äpfel", "Baum"},
	} {
		if got := slices.Collect(Parts(word)); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}

func TestStem(t *testing.T) {
	for _, group := range []string{
		"wait waits waited waiting", "delete deletes deleted deleting", "retry retries retried retrying",
		"stop stops stopped stopping", "use uses used using", "call calls called calling", "box boxes",
		"process processes processing", "key keys", "index indexes indexed", "quick quickly",
	} {
		words := strings.Fields(group)
		want := string(Stem([]byte(words[0])))
		for _, w := range words[1:] {
			if got := string(Stem([]byte(w))); got != want {
				t.Errorf("Stem(%q) = %q, Stem(%q) = %q", w, got, words[0], want)
			}
		}
	}
	for _, w := range []string{"bus", "this", "status", "string", "thing", "king", "red", "is", "café", "x86"} {
		if got := string(Stem([]byte(w))); got != w {
			t.Errorf("Stem(%q) = %q", w, got)
		}
	}
}

func TestFold(t *testing.T) {
	for in, want := range map[string]string{"FAÇADE": "facade", "e\u0301": "e", "Straße": "strasse", "ŁÓDŹ": "lodz", "日本": "日本"} {
		if got := Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestSentences(t *testing.T) {
	text := "# Title\n\nOne line\nthat goes on. Two, e.g. this one, cost 3.5 pounds. \"Three!\" os.Exit ends.\n\n" +
		"Short heading\n\n- item one\n- item two. More\n\n```go\nx := 1. + 2\n```\nLast? yes. 文。次。"
	var got []string
	for s := range Sentences(text) {
		got = append(got, []string{"P:", "H:", "C:"}[s.Kind]+text[s.Start:s.End])
	}
	want := []string{
		"H:Title", "P:One line\nthat goes on.", "P:Two, e.g. this one, cost 3.5 pounds.", "P:\"Three!\"", "P:os.Exit ends.",
		"H:Short heading", "P:item one", "P:item two.", "P:More", "C:x := 1. + 2", "P:Last?", "P:yes.", "P:文。", "P:次。",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func FuzzSentences(f *testing.F) {
	f.Add("One. Two!\n\n# H\n- a\n```\nb\n```\nc")
	f.Add("\xff. \xe3\x80. ...\"'")
	f.Fuzz(func(t *testing.T, text string) {
		at := 0
		for s := range Sentences(text) {
			if s.Start < at || s.End <= s.Start || s.End > len(text) {
				t.Fatalf("%d:%d after %d", s.Start, s.End, at)
			}
			at = s.End
			for w := range Words(text[s.Start:s.End]) {
				n := 0
				for p := range Parts(w) {
					n += len(p)
				}
				if n != 0 && n != len(w) {
					t.Fatalf("parts of %q lose %d bytes", w, len(w)-n)
				}
				Stem(AppendFold(nil, w))
			}
		}
	})
}
