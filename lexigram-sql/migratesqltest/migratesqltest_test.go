package migratesqltest

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/lock"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/migrate"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlite"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, path string) sqldb.DB {
	t.Helper()
	db, err := sqlite.Open(t.Context(), sqlite.Config{Path: path, Synchronous: "normal"})
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

func TestSQLite(t *testing.T) {
	Run(t, func(t *testing.T) sqldb.DB { return open(t, filepath.Join(t.TempDir(), "test.db")) })
}

// Two handles on one file are what two processes have.
func TestTwoHandlesConcurrentSafe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	e := &env{table: "records", name: "t"}
	set := e.set("s", "0001_create.sql", createA, "0002_insert.sql", insertA, "0003_more.sql", "INSERT INTO TABLE_a (n) VALUES (3)")
	var all []*migrate.Migrator
	for range 4 {
		e.db = open(t, path)
		all = append(all, e.migrator(t, set))
	}
	race(t, all, 3)
	if n := e.count(t, "a"); n != 3 {
		t.Errorf("%d rows, want 3", n)
	}
}

// A file whose lease was lost ends before its next statement, and is not recorded.
func TestLeaseLost(t *testing.T) {
	e := &env{db: open(t, filepath.Join(t.TempDir(), "test.db")), table: "records", name: "t"}
	m := e.migrator(t, e.set("s", "0001_create.sql", createA, "0002_notx.sql", "-- +lexigram no-transaction\nUPDATE records_lease SET ends = 1; INSERT INTO TABLE_a (n) VALUES (1)"))
	applied, err := m.Up(t.Context())
	if !errors.Is(err, lock.ErrLost) || names(applied) != "s/0001_create.sql" || e.count(t, "a") != 0 {
		t.Errorf("%s, %v, %d rows", names(applied), err, e.count(t, "a"))
	}
}
