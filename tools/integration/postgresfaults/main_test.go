// Package postgresfaults breaks PostgreSQL, the line to it and the pooler
// before it, while the module postgres works.
package postgresfaults

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/postgres"
	"github.com/lexigram/lexigram-go/tools/integration/servers"
)

func TestMain(m *testing.M) { servers.Main(m) }

// open returns the database of url, which is closed when t ends.
func open(t *testing.T, url string, change ...func(*postgres.Config)) *postgres.DB {
	t.Helper()
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

func exec(t *testing.T, db sqldb.DB, sql string, args ...any) {
	t.Helper()
	if _, err := db.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

func number(t *testing.T, db sqldb.Querier, sql string) (n int64) {
	t.Helper()
	if err := sqldb.QueryRow(t.Context(), db, sql).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
