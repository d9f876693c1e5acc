package memorysearch

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/lexigram/lexigram-go/contracts/search"
)

func words(text string) []string {
	var out []string
	for s := (scanner{text: text}); s.next(); {
		out = append(out, string(s.folded))
		parts := 0
		eachPart(text[s.start:s.end], func(string) { parts++ })
		if parts > 0 && !s.mixed || string(appendFolded(nil, text[s.start:s.end])) != string(s.folded) {
			return []string{"scanner and eachPart disagree on", text[s.start:s.end]}
		}
	}
	return out
}

// FuzzWords holds the cutting of texts to that of queries, and excerpts to
// being parts of texts with balanced marks.
func FuzzWords(f *testing.F) {
	for _, s := range []string{"", "sync.WaitGroup snake_case sha256", "Straße ÜBER İstanbul", "हिन्दी \xff\xfe \x02a\x03", "e\u0301te\u0301 ǅ ᾼ", "日本語 テキスト", "a" + strings.Repeat("b", 300)} {
		f.Add(s, "a")
	}
	f.Fuzz(func(t *testing.T, text, query string) {
		if got, want := words(text), slices.Collect(search.Words(text)); !slices.Equal(got, want) {
			t.Fatalf("words of %q: %q, want %q", text, got, want)
		}
		for _, w := range words(text) {
			if s := stem(w); !strings.HasPrefix(w, s) || s == "" {
				t.Fatalf("stem of %q is %q", w, s)
			}
			joined := ""
			eachPart(w, func(p string) { joined += p })
			if len(joined) > len(w) {
				t.Fatalf("parts of %q: %q", w, joined)
			}
		}
		asked := slices.Collect(search.Words(query))
		if len(asked) == 0 {
			return
		}
		marks := newHighlighter(asked).marks(text)
		if len(marks) == 0 {
			return
		}
		e := excerpt(text, marks)
		if !utf8.ValidString(e) || strings.Count(e, "\x02") != strings.Count(e, "\x03") || !strings.Contains(e, "\x02") || len(e) > 3*(excerptBytes+len(marks)*2)+64 {
			t.Fatalf("excerpt of %q for %q: %q", text, query, e)
		}
	})
}

func TestParts(t *testing.T) {
	for word, want := range map[string]string{
		"WaitGroup": "Wait Group", "HTTPServer": "HTTP Server", "parseURL": "parse URL", "sha256": "sha 256", "utf8": "utf",
		"lower": "", "UPPER": "", "Title": "", "aB": "", "getX": "get", "ÄpfelBaum": "Äpfel Baum", "HTTP2Server": "HTTP Server",
	} {
		var got []string
		eachPart(word, func(p string) { got = append(got, p) })
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %q", word, got, want)
		}
	}
}

func TestStem(t *testing.T) {
	for _, family := range [][]string{
		{"cache", "caches", "cached", "caching"},
		{"query", "queries", "querying", "queried"},
		{"run", "runs", "running"},
		{"box", "boxes", "boxed"},
		{"process", "processes", "processing", "processed"},
		{"index", "indexes", "indexing"},
		{"stop", "stopped", "stopping", "stops"},
		{"call", "calls", "called", "calling"},
	} {
		for _, w := range family[1:] {
			if stem(w) != stem(family[0]) {
				t.Errorf("stem(%s) = %s, stem(%s) = %s", w, stem(w), family[0], stem(family[0]))
			}
		}
	}
	for _, pair := range [][2]string{{"string", "str"}, {"need", "ne"}, {"bus", "bu"}, {"feed", "fe"}, {"thing", "th"}, {"über", "üb"}, {"status", "statu"}} {
		if stem(pair[0]) == stem(pair[1]) {
			t.Errorf("%s and %s share the stem %q", pair[0], pair[1], stem(pair[0]))
		}
	}
}

func TestExcerpt(t *testing.T) {
	filler := strings.Repeat("filler ", 100)
	text := filler + "a lamp alone " + filler + "the lamp near the window " + filler
	h := newHighlighter([]string{"lamp", "window"})
	got := excerpt(text, h.marks(text))
	if !strings.Contains(got, "the \x02lamp\x03 near the \x02window\x03 filler") || len(got) > excerptBytes+8 || len(got) < excerptBytes/2 {
		t.Errorf("%q", got)
	}
	if got := excerpt("x\x02y lamp\x03", h.marks("x\x02y lamp\x03")); got != "xy \x02lamp\x03" {
		t.Errorf("text with marks of its own: %q", got)
	}
}

func TestLengthCode(t *testing.T) {
	last := byte(0)
	for n := range 400_000 {
		c := lengthCode(n)
		if c < last {
			t.Fatalf("lengthCode(%d) = %d after %d", n, c, last)
		}
		if last = c; n > 0 {
			if off := codeLength(c)/float64(n) - 1; off > 0.03 || off < -0.03 {
				t.Fatalf("length %d is kept as %.1f", n, codeLength(c))
			}
		}
	}
}

func FuzzPostings(f *testing.F) {
	f.Add([]byte{1, 1, 5, 200, 3, 7})
	f.Fuzz(func(t *testing.T, data []byte) {
		type posting struct {
			doc, tf uint32
			length  byte
		}
		var l list
		var want, got []posting
		doc := uint32(0)
		for ; len(data) >= 3; data = data[3:] {
			doc += uint32(data[0]) * uint32(data[0])
			if data[0] == 0 && len(want) > 0 {
				continue
			}
			p := posting{doc, 1 + uint32(data[1])*uint32(data[1]), data[2]}
			want = append(want, p)
			l.add(p.doc, p.tf, p.length)
		}
		l.each(func(doc, tf uint32, length byte) { got = append(got, posting{doc, tf, length}) })
		if !slices.Equal(got, want) {
			t.Fatalf("%v, want %v", got, want)
		}
	})
}
