package sqlite_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlite"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open returns an empty database in a file of the test's own.
func open(t *testing.T) *sqlite.DB {
	t.Helper()
	db, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "test.db"), Synchronous: "normal"})
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

func TestInTx(t *testing.T) {
	db, ctx := open(t), t.Context()
	if _, err := db.Exec(ctx, "CREATE TABLE t (id INTEGER PRIMARY KEY, name text NOT NULL)"); err != nil {
		t.Fatal(err)
	}
	err := db.InTx(ctx, func(ctx context.Context) error {
		_, err := db.Exec(ctx, "INSERT INTO t (name, id) VALUES ($2, $1)", 1, "one")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var name string
	if err := sqldb.QueryRow(ctx, db, "SELECT name FROM t WHERE id = $1", 1).Scan(&name); err != nil || name != "one" {
		t.Fatal(name, err)
	}
}
