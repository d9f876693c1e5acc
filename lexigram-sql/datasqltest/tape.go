package datasqltest

import (
	"context"
	"errors"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// A tape keeps the last query; as another dialect it runs none.
type tape struct {
	sqldb.DB
	dialect sqldb.Dialect
	sql     string
	args    []any
}

var errTape = errors.New("recorded")

func (t *tape) Dialect() sqldb.Dialect { return t.dialect }

func (t *tape) Query(ctx context.Context, sql string, args ...any) (sqldb.Rows, error) {
	t.sql, t.args = sql, args
	if t.dialect != t.DB.Dialect() {
		return nil, errTape
	}
	return t.DB.Query(ctx, sql, args...)
}
