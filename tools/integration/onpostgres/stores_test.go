package onpostgres

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/datasqltest"
)

func TestLock(t *testing.T) { datasqltest.RunLock(t, open) }

func TestState(t *testing.T) { datasqltest.RunState(t, open) }

func TestIdempotency(t *testing.T) { datasqltest.RunIdempotency(t, open) }

func TestSecrets(t *testing.T) { datasqltest.RunSecrets(t, open) }

func TestAudit(t *testing.T) { datasqltest.RunAudit(t, open) }

func TestStoreMigrations(t *testing.T) { datasqltest.RunStoreMigrations(t, open) }

// TestStoresSerializable has a server whose default isolation refuses what waited for
// another: the stores try again.
func TestStoresSerializable(t *testing.T) {
	strict := func(t *testing.T) sqldb.DB {
		db := open(t)
		var name string
		if err := sqldb.QueryRow(t.Context(), db, "SELECT current_database()").Scan(&name); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec(t.Context(), "ALTER DATABASE "+sqldb.QuoteName(name)+" SET default_transaction_isolation = 'serializable'"); err != nil {
			t.Fatal(err)
		}
		again, err := db.(sqldb.Opener).Open(t.Context(), sqldb.Place{Database: name}) // on connections that have it
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := again.Close(); err != nil {
				t.Error(err)
			}
		})
		return again
	}
	t.Run("lock", func(t *testing.T) { datasqltest.RunLock(t, strict) })
	t.Run("state", func(t *testing.T) { datasqltest.RunState(t, strict) })
	t.Run("idempotency", func(t *testing.T) { datasqltest.RunIdempotency(t, strict) })
}
