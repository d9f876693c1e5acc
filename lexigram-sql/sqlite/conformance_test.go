package sqlite_test

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqldbtest"
)

func TestConformance(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T) sqldb.DB { return open(t) })
}
