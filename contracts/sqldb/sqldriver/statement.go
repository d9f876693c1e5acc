package sqldriver

import (
	"errors"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqllex"
)

// control are the first words of statements that would end a transaction
// behind InTx's back, or leave one open on a pooled connection.
var control = [...]string{"BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE"}

// checkStatement refuses statements that begin or end transactions.
func checkStatement(sql string, d sqldb.Dialect) error {
	for lex := sqllex.New(sql, d); ; {
		t, ok := lex.Next()
		if !ok || t.Kind != sqllex.Word && !t.Blank() && t.Text != ";" {
			return nil
		}
		if t.Kind != sqllex.Word {
			continue
		}
		for _, word := range control {
			if t.Is(word) {
				return sqldb.Err.Wrap(errors.ErrUnsupported, "sql: %s is not a statement for Query or Exec: use InTx", strings.ToUpper(word))
			}
		}
		return nil
	}
}
