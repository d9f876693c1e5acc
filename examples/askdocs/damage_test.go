package main

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/lexigram-sql/sqlite"
)

// TestDamagedUploadIsClearedAway has a process die in an upload whose bytes the
// disk then damages: the next start is not kept from serving everybody else.
func TestDamagedUploadIsClearedAway(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	docs := write(t, map[string]string{"a.txt": "The answer is forty-two."})
	if code, out, stderr := askdocs(t, "import", docs, "--tenant", "acme", "--data", data, "--no-import"); code != 0 {
		t.Fatalf("import: %d\n%s%s", code, out, stderr)
	}
	inDatabase(t, data, "INSERT INTO askdocs_uploads (tenant, blob, path, replaces) SELECT tenant, blob, path, blob FROM askdocs_documents", 1)
	err := filepath.WalkDir(filepath.Join(data, "blobs"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil || len(b) == 0 {
			return err
		}
		b[len(b)-1]++
		return os.WriteFile(path, b, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
	if code, out, stderr := askdocs(t, "ask", "anything?", "--data", data, "--no-import"); code != 0 {
		t.Errorf("the next start: %d\n%s%s", code, out, stderr)
	}
	inDatabase(t, data, "DELETE FROM askdocs_uploads", 0)
}

// inDatabase runs a statement that affects n rows, while no process is up.
func inDatabase(t *testing.T, data, sql string, n int64) {
	t.Helper()
	ctx := context.Background()
	db, err := sqlite.Open(ctx, sqlite.Config{Path: filepath.Join(data, "askdocs.db")})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := db.Exec(ctx, sql); err != nil || got != n {
		t.Errorf("%s: %d rows, want %d, %v", sql, got, n, err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

// TestIndexThatIsGone deletes one index, as the cure for a damaged one, and then
// the other: the next start builds it again from the bytes that are stored.
func TestIndexThatIsGone(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	docs := write(t, map[string]string{"handbook.md": handbook})
	code, out, stderr := askdocs(t, "import", docs, "--tenant", "acme", "--data", data, "--no-import")
	key := keyLine.FindStringSubmatch(out)
	if code != 0 || key == nil {
		t.Fatalf("import: %d\n%s%s", code, out, stderr)
	}
	t.Setenv("ASKDOCS_KEY", key[1])
	for _, gone := range []string{"vectors", "search"} {
		if err := os.RemoveAll(filepath.Join(data, gone)); err != nil {
			t.Fatal(err)
		}
		code, out, stderr := askdocs(t, "ask", "who is the deputy of the harbour master?", "--tenant", "acme", "--data", data, "--no-import")
		if code != 0 || !strings.Contains(out, "[1] handbook.md#handbook") {
			t.Errorf("without %s: %d\n%s%s", gone, code, out, stderr)
		}
		entries, err := os.ReadDir(filepath.Join(data, gone))
		if err != nil || len(entries) == 0 {
			t.Errorf("%s was not built again: %v, %v", gone, entries, err)
		}
	}
}
