// Package onpostgres runs the suites of everything over contracts/sqldb on
// PostgreSQL.
package onpostgres

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/postgres"
	"github.com/lexigram/lexigram-go/tools/integration/servers"
)

func TestMain(m *testing.M) { servers.Main(m) }

// open returns an empty database, which is closed and dropped when t ends.
func open(t *testing.T) sqldb.DB { return openFor(t) }

func openFor(t testing.TB) sqldb.DB {
	t.Helper()
	db, err := postgres.Open(t.Context(), postgres.Config{URL: config.NewSecret(servers.Postgres(t))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return db
}
