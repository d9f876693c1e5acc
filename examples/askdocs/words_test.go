package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlite"
)

// One line of configuration moves the words into the database, those of the
// documents that are there too.
func TestWordsMoveIntoTheDatabase(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	docs := write(t, map[string]string{"oncall.md": "# On call\n\nThe person on call this week is Ada Lovelace.\n"})
	code, out, stderr := askdocs(t, "import", docs, "--tenant", "acme", "--data", data, "--no-import")
	key := keyLine.FindStringSubmatch(out)
	if code != 0 || key == nil {
		t.Fatalf("import: %d\n%s%s", code, out, stderr)
	}
	t.Setenv("LEX_SEARCH__BACKEND", "sqlsearch")
	for _, ask := range []string{"who is on call?", "which person is on call this week?"} {
		code, out, stderr = askdocs(t, "ask", ask, "--no-import", "--tenant", "acme", "--key", key[1], "--data", data)
		if code != 0 || !strings.Contains(out, "Ada Lovelace") || !strings.Contains(out, "\n[1] oncall.md#on-call\n") {
			t.Errorf("ask: %d\n%s%s", code, out, stderr)
		}
	}

	db, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(data, "askdocs.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var n int
	err = sqldb.QueryRow(t.Context(), db, "SELECT count(*) FROM lexigram_search_words WHERE lexigram_search_words MATCH '\"1_lovelace\"'").Scan(&n)
	if err != nil || n != 1 {
		t.Errorf("%d rows of words, %v", n, err)
	}
}
