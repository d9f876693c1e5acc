package datasqltest

import (
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqldbtest"
	"github.com/lexigram/lexigram-go/lexigram-sql/stdsql"
	_ "modernc.org/sqlite"
)

// The contract holds over database/sql with a driver of SQLite.
func TestStdsql(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T) sqldb.DB {
		name := "file:" + filepath.Join(t.TempDir(), "test.db") +
			"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_pragma=foreign_keys(1)&_dqs=0&_error_rc=1"
		pool, err := sql.Open("sqlite", name)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := pool.Close(); err != nil {
				t.Error(err)
			}
		})
		db, err := stdsql.New(pool, sqldb.SQLite, stdsql.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return db
	})
}
