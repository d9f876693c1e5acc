package tenancysqltest_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/lexigram/lexigram-go/contracts/module/moduletest"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlite"
	"github.com/lexigram/lexigram-go/lexigram-tenancy/sqltenants"
	"github.com/lexigram/lexigram-go/lexigram-tenancy/tenancysqltest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestSQLite(t *testing.T) {
	tenancysqltest.Run(t, func(t *testing.T) sqldb.DB {
		db, err := sqlite.Open(t.Context(), sqlite.Config{Path: sqlite.Memory})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
		return db
	})
}

func TestModule(t *testing.T) { moduletest.Run(t, sqltenants.Module) }
