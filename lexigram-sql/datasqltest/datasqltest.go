// Package datasqltest checks the packages of lexigram-sql that keep data, on a
// real database: one Run function for each of them.
package datasqltest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// table makes a table of a name drawn at random, which is dropped when t ends.
// columns is what stands between the parentheses.
func table(t testing.TB, db sqldb.DB, columns string) string {
	t.Helper()
	name := fmt.Sprintf("lexigram_dt_%016x", rand.Uint64())
	if _, err := db.Exec(t.Context(), "CREATE TABLE "+name+" ("+columns+")"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := db.Exec(context.WithoutCancel(t.Context()), "DROP TABLE "+name); err != nil {
			t.Error(err)
		}
	})
	return name
}
