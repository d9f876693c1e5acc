package stdsql_test

import (
	"database/sql"
	"errors"
	"fmt"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/stdsql"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestNewRefuses(t *testing.T) {
	if _, err := stdsql.New(nil, sqldb.SQLite, stdsql.Options{}); !errors.Is(err, sqldb.Err) {
		t.Error(err)
	}
	if _, err := stdsql.New(&sql.DB{}, "mysql", stdsql.Options{}); !errors.Is(err, errors.ErrUnsupported) {
		t.Error(err)
	}
}

func ExampleNew() {
	var pool *sql.DB // from sql.Open("pgx", url), or of any other driver
	_, err := stdsql.New(pool, sqldb.Postgres, stdsql.Options{})
	fmt.Println(err)
	// Output: stdsql: new: the pool is nil
}
