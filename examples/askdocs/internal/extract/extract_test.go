package extract_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/examples/askdocs/internal/extract"
)

// anchors returns "anchor: first line" of each section.
func anchors(d extract.Document) []string {
	var out []string
	for _, s := range d.Sections {
		first, _, _ := strings.Cut(s.Text, "\n")
		out = append(out, s.Anchor+": "+first)
	}
	return out
}

func TestParse(t *testing.T) {
	for _, c := range []struct {
		name, src, title string
		want             []string
	}{
		{
			name: "sync/waitgroup.go", title: "package sync (waitgroup.go)",
			src: `// Package sync has locks.
package sync

// A WaitGroup waits for
// goroutines.
type WaitGroup struct{ n int }

// Add adds delta.
func (wg *WaitGroup) Add(delta int) { wg.n += delta }

func (wg *WaitGroup) undocumented() {}

// hidden is not for users.
func hidden() {}

// Map is generic.
type Map[K comparable, V any] struct{}

// Get returns.
func (m *Map[K, V]) Get(k K) (v V) { return }

// Limits of groups.
const (
	Min = 1 // the least
	max = 2
)

var Undocumented int
`,
			want: []string{
				"package-sync: Package sync has locks.",
				"WaitGroup: A WaitGroup waits for goroutines.",
				"WaitGroup.Add: Add adds delta.",
				"Map: Map is generic.",
				"Map.Get: Get returns.",
				"Min: Limits of groups.",
			},
		},
		{name: "broken.go", title: "broken.go", src: "package (\nnot Go", want: []string{"L1: package ("}},
		{
			name: "spec.html", title: "The Spec",
			src: `<title>The  Spec</title><style>p{}</style><p>Lead.</p>
<h2 id="Defer_statements">Defer statements</h2><p>A "defer" statement
runs <code>later</code>.</p><h3>No id</h3><ul><li>one<li>two</ul><script>alert(1)</script>`,
			want: []string{": Lead.", `Defer_statements: A "defer" statement runs later.`, "no-id: one"},
		},
		{
			name: "read.md", title: "Guide",
			src:  "intro\n\n# Guide\n\nText.\n\n## Set up #\n```sh\n# not a heading\n```\n## Set up\nagain\n",
			want: []string{": intro", "guide: Text.", "set-up: # not a heading", "set-up-1: again"},
		},
		{name: "notes.txt", title: "notes.txt", src: "\n\nhello\nworld\n", want: []string{"L3: hello"}},
		{name: "bom.txt", title: "bom.txt", src: "\ufeffhello", want: []string{"L1: hello"}},
		{name: "blank.md", title: "blank.md", src: "#  \n#\nx", want: []string{": #"}},
	} {
		doc, err := extract.Parse(c.name, []byte(c.src))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := anchors(doc); strings.Join(got, "|") != strings.Join(c.want, "|") {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
		if c.name != "read.md" && doc.Title != c.title {
			t.Errorf("%s: title %q, want %q", c.name, doc.Title, c.title)
		}
	}
}

func TestCheckNamesTheProblem(t *testing.T) {
	for _, c := range []struct{ name, data, want string }{
		{"a.txt", "", `document "a.txt": is empty`},
		{"a.txt", " \n\t", `document "a.txt": is empty`},
		{"a.txt", "\ufeff\n", `document "a.txt": is empty`},
		{"a.txt", "ab\xffcd", `document "a.txt": is not UTF-8 at byte 2: save it as UTF-8`},
		{"a.txt", "ab\x00cd", `document "a.txt": is not text: NUL at byte 2`},
		{"a.exe", "MZ", `document "a.exe": ending ".exe" is not one of .txt .md .html .go`},
	} {
		err := extract.Check(c.name, []byte(c.data))
		if !errors.Is(err, extract.ErrContent) || err.Error() != c.want {
			t.Errorf("Check(%q, %q) = %v, want %s", c.name, c.data, err, c.want)
		}
	}
}

func TestLongTextIsCut(t *testing.T) {
	doc, err := extract.Parse("long.txt", []byte(strings.Repeat("a line of words\n", 100)))
	if err != nil {
		t.Fatal(err)
	}
	if len(doc.Sections) != 3 || doc.Sections[1].Anchor != "L41" {
		t.Errorf("got %d sections, second %q", len(doc.Sections), doc.Sections[1].Anchor)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("a.go", []byte("package a\n// X is.\ntype X struct{}\n"))
	f.Add("a.html", []byte("<h1 id=x>t</h1><p>text"))
	f.Add("a.md", []byte("# t\n```\nx"))
	f.Add("a.txt", []byte("x\n\ny"))
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		doc, err := extract.Parse(name, data)
		if err != nil {
			if !errors.Is(err, extract.ErrContent) {
				t.Errorf("%q: %v is not ErrContent", name, err)
			}
			return
		}
		for _, s := range doc.Sections {
			if strings.TrimSpace(s.Text) == "" {
				t.Errorf("%q: empty section %q", name, s.Anchor)
			}
		}
	})
}
