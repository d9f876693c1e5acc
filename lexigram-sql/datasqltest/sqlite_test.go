package datasqltest

import (
	"path/filepath"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlite"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open returns an empty database, which is closed when t ends.
func open(t *testing.T) sqldb.DB { return openFile(t, filepath.Join(t.TempDir(), "test.db")) }

func openFile(t testing.TB, path string) sqldb.DB {
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

func TestRows(t *testing.T) { RunRows(t, open) }

func TestCrud(t *testing.T) { RunCrud(t, open) }

func TestRepository(t *testing.T) { RunRepository(t, open) }

func TestProof(t *testing.T) { RunProof(t, open) }

func TestUnitOfWork(t *testing.T) { RunUnitOfWork(t, open) }

func TestWatch(t *testing.T) { RunWatch(t, open) }
