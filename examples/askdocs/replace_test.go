package main

import (
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/examples/askdocs/internal/askclient"
	"github.com/lexigram/lexigram-go/examples/askdocs/internal/webui"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlite"
)

// TestReplacingConcurrentSafe replaces and removes one document from many sides
// while it is being indexed: what was committed last is found, and nothing is
// left of the rest.
func TestReplacingConcurrentSafe(t *testing.T) {
	var data string
	withSite(t, func(s *site) {
		data = s.data
		const path, writers, rounds = "fought/over.md", 8, 12
		acme := []string{"X-Tenant: acme", "Authorization: Bearer " + s.keys["acme"]}
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				for round := range rounds {
					text := fmt.Sprintf("# Report\n\nThe marker of this version is writer%dround%d.\n", w, round)
					_, err := s.acme.Upload(t.Context(), path, strings.NewReader(text), int64(len(text)))
					if p, lost := errors.AsType[*askclient.Problem](err); err != nil && (!lost || p.Status != http.StatusConflict) {
						t.Error(err)
					}
					if w == 0 && round%3 == 2 {
						if code, _, body := s.call("DELETE", "/api/documents/"+path, "", acme...); code != 204 && code != 404 {
							t.Errorf("delete: %d %s", code, body)
						}
					}
				}
			})
		}
		wg.Wait()
		if err := s.acme.WaitIndexed(t.Context(), func(webui.Status) {}); err != nil {
			t.Fatal(err)
		}
		if failed, err := s.acme.Failed(t.Context()); err != nil || len(failed) != 0 {
			t.Errorf("failed: %+v, %v", failed, err)
		}
		s.add(s.acme, path, "# Report\n\nThe marker of this version is final.\n")
		answer, err := s.acme.Ask(t.Context(), "which marker has this version?", func(string) error { return nil })
		if err != nil || !strings.Contains(answer.Text, "is final") || strings.Contains(answer.Text, "round") {
			t.Errorf("answer %+v, %v", answer, err)
		}
	})
	checkBlobs(t, filepath.Join(data, "blobs"), "marker of this version", 1)
	checkRows(t, data, "askdocs_chunks", 1)
	checkRows(t, data, "askdocs_uploads", 0)
}

// checkRows counts the rows of a table after the process has stopped.
func checkRows(t *testing.T, data, table string, want int) {
	t.Helper()
	db, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(data, "askdocs.db")})
	if err != nil {
		t.Fatal(err)
	}
	var n int
	err = sqldb.QueryRow(t.Context(), db, "SELECT count(*) FROM "+table).Scan(&n)
	if err = errors.Join(err, db.Close()); err != nil || n != want {
		t.Errorf("%s has %d rows, %v, want %d", table, n, err, want)
	}
}
