package datasqltest

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/migrate"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlaudit"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlidempotency"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqllock"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlsecrets"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlstate"
)

// RunStoreMigrations checks that the tables of the stores can be taken back and made
// again, and that nothing in their files locks or rewrites a table, on an empty
// database that open returns. open registers its own cleanup on t.
func RunStoreMigrations(t *testing.T, open func(t *testing.T) sqldb.DB) {
	t.Helper()
	db := open(t)
	sets := []sqldb.Migrations{
		sqllock.Migrations(), sqllock.FenceMigrations(), sqlstate.Migrations(), sqlidempotency.Migrations(), sqlsecrets.Migrations(), sqlaudit.Migrations(),
	}
	m, err := migrate.New(db, migrate.Options{}, sets...)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if done, err := m.Up(t.Context()); err != nil || len(done) != len(sets) {
			t.Fatalf("Up = %v, %v", done, err)
		}
		for _, s := range sets {
			if _, err := m.Down(t.Context(), s.Source, 0); err != nil {
				t.Errorf("Down of %s: %v", s.Source, err)
			}
		}
	}
	if warnings, err := migrate.Lint(db.Dialect(), sets...); err != nil || len(warnings) > 0 {
		t.Errorf("Lint = %v, %v", warnings, err)
	}
}

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
