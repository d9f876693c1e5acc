package postgres_test

import (
	"os"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqldbtest"
	"github.com/lexigram/lexigram-go/lexigram-sql/postgres"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open returns a database of the server that LEXIGRAM_TEST_POSTGRES names, or
// skips the test and says how to run it.
func open(t *testing.T, change ...func(*postgres.Config)) *postgres.DB {
	t.Helper()
	url := os.Getenv("LEXIGRAM_TEST_POSTGRES")
	if url == "" {
		t.Skip("NOT TESTED: set LEXIGRAM_TEST_POSTGRES to the URL of a PostgreSQL server (tools/integration does)")
	}
	c := postgres.Config{URL: config.NewSecret(url)}
	for _, f := range change {
		f(&c)
	}
	db, err := postgres.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func TestConformance(t *testing.T) {
	db := open(t)
	sqldbtest.Run(t, func(*testing.T) sqldb.DB { return db })
}

func TestConformancePooler(t *testing.T) {
	db := open(t, func(c *postgres.Config) { c.Pooler = "transaction" })
	sqldbtest.Run(t, func(*testing.T) sqldb.DB { return db })
}
