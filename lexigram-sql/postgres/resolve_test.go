package postgres

import (
	"os"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// When a process of the server dies, the server recovers and goes on, and its
// time of start stays. Numbers of transactions that left no trace are given
// again: one that is committed afterwards need not be the one asked about.
// The statistics, which such a recovery begins anew, are reset here instead.
func TestOutcomeAfterRecovery(t *testing.T) {
	url := os.Getenv("LEXIGRAM_TEST_POSTGRES")
	if url == "" {
		t.Skip("NOT TESTED: set LEXIGRAM_TEST_POSTGRES to the URL of a PostgreSQL server (tools/integration does)")
	}
	db, err := Open(t.Context(), Config{URL: config.NewSecret(url)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	var m mark
	err = sqldb.QueryRow(t.Context(), db, "SELECT CAST(pg_current_xact_id() AS text), pg_postmaster_start_time(), now()").Scan(&m.xid, &m.started, &m.at)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := db.router.outcome(t.Context(), m); got != committed || err != nil {
		t.Errorf("before: %d, %v", got, err)
	}
	if rows, err := db.Query(t.Context(), "SELECT pg_stat_reset_shared('bgwriter')"); err != nil || rows.Close() != nil {
		t.Fatal(err)
	}
	if got, err := db.router.outcome(t.Context(), m); got != lost || err != nil {
		t.Errorf("after: %d, %v, want that nobody can say", got, err)
	}
}
