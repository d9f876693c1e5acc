package onpostgres

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-events/outbox"
	"github.com/lexigram/lexigram-go/lexigram-sql/migrate"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlaudit"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlidempotency"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqllock"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlsearch"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlsecrets"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlstate"
	"github.com/lexigram/lexigram-go/lexigram-tenancy/sqltenants"
)

// Nothing is found fault with in the migrations of the repository's own stores.
func TestMigrationsAreLinted(t *testing.T) {
	for _, m := range []sqldb.Migrations{
		outbox.Migrations(), sqlaudit.Migrations(), sqlidempotency.Migrations(), sqllock.Migrations(), sqllock.FenceMigrations(),
		sqlsearch.Migrations(), sqlsecrets.Migrations(), sqlstate.Migrations(), sqltenants.Migrations(),
	} {
		for _, d := range []sqldb.Dialect{sqldb.Postgres, sqldb.SQLite} {
			warnings, err := migrate.Lint(d, m)
			if err != nil {
				t.Error(err)
			}
			for _, w := range warnings {
				t.Errorf("%s: %+v", d, w)
			}
		}
	}
}
