package sqldriver

import (
	"errors"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqllex"
)

// control are the first words of statements that would end a transaction
// behind InTx's back, or leave one open on a pooled connection.
var control = [...]string{"BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE"}

// CheckStatement refuses statements that begin or end transactions, which [DB] does
// before it passes one on; for what a backend runs by [DB.Hold].
func CheckStatement(sql string, d sqldb.Dialect) error {
	prepare := false
	for lex := sqllex.New(sql, d); ; {
		t, ok := lex.Next()
		switch {
		case !ok || t.Kind != sqllex.Word && !t.Blank() && t.Text != ";":
			return nil
		case t.Kind != sqllex.Word:
		case prepare && t.Is("TRANSACTION"): // the first phase of two: it ends the transaction too
			return refuse("PREPARE TRANSACTION")
		case prepare:
			return nil
		case t.Is("PREPARE"):
			prepare = true
		default:
			return checkWord(t)
		}
	}
}

// checkWord refuses a statement that begins with t if it is one of control.
func checkWord(t sqllex.Token) error {
	for _, word := range control {
		if t.Is(word) {
			return refuse(word)
		}
	}
	return nil
}

func refuse(statement string) error {
	return sqldb.Err.Wrap(errors.ErrUnsupported, "sql: %s is not a statement for Query or Exec: use InTx", statement)
}
