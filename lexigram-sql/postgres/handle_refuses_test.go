package postgres

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqldriver"
)

// What would end a transaction behind the back of InTx is refused before anything is sent.
func TestHandleRefuses(t *testing.T) {
	h := Handle{&DB{DB: sqldriver.New(&router{}, sqldriver.Options{})}} // of no server
	for _, sql := range []string{"COMMIT", "/* */ rollback", "BEGIN", "SAVEPOINT a", "PREPARE TRANSACTION 'a'", "SET a.b = 1", "LISTEN a"} {
		_, exec := h.Exec(t.Context(), sql)
		_, query := h.Query(t.Context(), sql)
		row := h.QueryRow(t.Context(), sql).Scan()
		var b pgx.Batch
		b.Queue("SELECT 1")
		b.Queue(sql)
		batch := h.SendBatch(t.Context(), &b).Close()
		for what, err := range map[string]error{"Exec": exec, "Query": query, "QueryRow": row, "SendBatch": batch} {
			if !errors.Is(err, errors.ErrUnsupported) {
				t.Errorf("%s of %q: %v", what, sql, err)
			}
		}
	}
}
