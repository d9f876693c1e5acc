package eventssqltest_test

import (
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-events/eventssqltest"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlite"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestSQLite(t *testing.T) { eventssqltest.Run(t, open) }

func TestEventStore(t *testing.T) { eventssqltest.RunEventStore(t, open) }

func TestProjections(t *testing.T) { eventssqltest.RunProjections(t, open) }

func TestSagas(t *testing.T) { eventssqltest.RunSagas(t, open) }

func open(t *testing.T) sqldb.DB { return openFile(t, filepath.Join(t.TempDir(), "events.db")) }

func TestSagaKills(t *testing.T) {
	eventssqltest.RunSagaKills(t, filepath.Join(t.TempDir(), "sagas.db"), "TestSagaProcess", openFile)
}

// TestSagaProcess is the process of [TestSagaKills].
func TestSagaProcess(t *testing.T) { eventssqltest.SagaProcess(t, openFile) }

func openFile(t *testing.T, path string) sqldb.DB {
	db, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
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

func TestEventStoreProof(t *testing.T) { eventssqltest.RunEventStoreProof(t, open) }
