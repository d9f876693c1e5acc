package onpostgres

import (
	"database/sql"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqldbtest"
	"github.com/lexigram/lexigram-go/lexigram-sql/stdsql"
	"github.com/lexigram/lexigram-go/tools/integration/servers"
)

// The contract holds over database/sql with pgx's driver.
func TestStdsql(t *testing.T) {
	pool, err := sql.Open("pgx", servers.Postgres(t)+"&timezone=UTC")
	if err != nil {
		t.Fatal(err)
	}
	_ = stdlib.GetDefaultDriver() // which registered the name
	t.Cleanup(func() {
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
	})
	db, err := stdsql.New(pool, sqldb.Postgres, stdsql.Options{Constraint: func(err error) (constraint, table, column string) {
		if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
			return pg.ConstraintName, pg.TableName, pg.ColumnName
		}
		return "", "", ""
	}})
	if err != nil {
		t.Fatal(err)
	}
	sqldbtest.Run(t, func(*testing.T) sqldb.DB { return db })
}
