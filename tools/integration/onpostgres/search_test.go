package onpostgres

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/datasqltest"
)

func TestSearch(t *testing.T) { datasqltest.RunSearch(t, open) }

func BenchmarkSearch(b *testing.B) {
	datasqltest.BenchSearch(b, func(b *testing.B) sqldb.DB { return openFor(b) })
}
