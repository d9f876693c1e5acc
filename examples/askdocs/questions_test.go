package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/examples/askdocs/internal/extract"
	"github.com/lexigram/lexigram-go/examples/askdocs/internal/godocs"
	"github.com/lexigram/lexigram-go/examples/askdocs/internal/library"
)

// TestQuestions asks about the Go documents and looks for the file that holds
// the answer among the first three citations.
func TestQuestions(t *testing.T) { questions(t, "memorysearch") }

// TestQuestionsOfDatabase does so with the words in SQLite.
func TestQuestionsOfDatabase(t *testing.T) { questions(t, "sqlsearch") }

func questions(t *testing.T, backend string) {
	if testing.Short() {
		t.Skip("imports the documents of the Go distribution")
	}
	t.Setenv("LEX_SEARCH__BACKEND", backend)
	const want = 14
	table, err := os.ReadFile("testdata/questions.tsv")
	if err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	asked, found, gain := 0, 0, 0.0
	for line := range strings.Lines(string(table)) {
		question, file, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if !ok || strings.HasPrefix(question, "#") {
			continue
		}
		asked++
		code, out, stderr := askdocs(t, "ask", question, "--json", "--data", data)
		if code != 0 {
			t.Fatalf("%s: %s", question, stderr)
		}
		var answer library.Answer
		if err := json.Unmarshal([]byte(out), &answer); err != nil {
			t.Fatal(err)
		}
		for _, c := range answer.Citations {
			checkCitation(t, c)
		}
		place := slices.IndexFunc(answer.Citations, func(c library.Citation) bool {
			path, _, _ := strings.Cut(c.Ref, "#")
			return path == file
		})
		if place >= 0 {
			gain += 1 / math.Log2(float64(place)+2) // nDCG, of one relevant file
		}
		if place >= 0 && place < 3 {
			found++
			continue
		}
		t.Logf("missed: %s\n\twants %s, got %v", question, file, answer.Citations)
	}
	t.Logf("%s: %d of %d questions have the file with the answer among their first three citations, nDCG of the citations %.2f", backend, found, asked, gain/float64(asked))
	if asked < 20 || found < want {
		t.Errorf("%d of %d, want %d of at least 20", found, asked, want)
	}
}

// checkCitation wants a citation to name a file below GOROOT and a section of it.
func checkCitation(t *testing.T, c library.Citation) {
	t.Helper()
	root, err := godocs.Root(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	path, anchor, _ := strings.Cut(c.Ref, "#")
	src, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(path)))
	if err != nil {
		t.Errorf("%v: %v", c, err)
		return
	}
	doc, err := extract.Parse(path, src)
	if err != nil || !slices.ContainsFunc(doc.Sections, func(s extract.Section) bool { return s.Anchor == anchor }) {
		t.Errorf("%v: no such section, %v", c, err)
	}
}
