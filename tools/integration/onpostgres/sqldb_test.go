package onpostgres

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/sqldb/sqldbtest"
)

func TestSQLDB(t *testing.T) { sqldbtest.Run(t, open) }
