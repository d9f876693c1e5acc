package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/examples/askdocs/internal/library"
)

// TestQuestions asks about the Go documents and looks for the file that holds
// the answer among the first three citations.
func TestQuestions(t *testing.T) {
	if testing.Short() {
		t.Skip("imports the documents of the Go distribution")
	}
	const want = 14
	table, err := os.ReadFile("testdata/questions.tsv")
	if err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	asked, found := 0, 0
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
		hit := false
		for _, c := range answer.Citations[:min(3, len(answer.Citations))] {
			path, _, _ := strings.Cut(c.Ref, "#")
			hit = hit || path == file
		}
		if hit {
			found++
			continue
		}
		t.Logf("missed: %s\n\twants %s, got %v", question, file, answer.Citations)
	}
	t.Logf("%d of %d questions have the file with the answer among their first three citations", found, asked)
	if asked < 20 || found < want {
		t.Errorf("%d of %d, want %d of at least 20", found, asked, want)
	}
}
