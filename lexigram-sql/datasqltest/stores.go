package datasqltest

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/migrate"
)

// migrated brings the tables of sets up to date.
func migrated(t testing.TB, db sqldb.DB, sets ...sqldb.Migrations) {
	t.Helper()
	m, err := migrate.New(db, migrate.Options{}, sets...)
	if err == nil {
		_, err = m.Up(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
}

func execute(t testing.TB, db sqldb.DB, sql string, args ...any) {
	t.Helper()
	if _, err := db.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// rowsOf returns how many rows a table has.
func rowsOf(t testing.TB, db sqldb.DB, table string) (n int) {
	t.Helper()
	if err := sqldb.QueryRow(t.Context(), db, "SELECT count(*) FROM "+table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
