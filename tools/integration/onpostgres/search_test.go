package onpostgres

import (
	"testing"

	"github.com/lexigram/lexigram-go/lexigram-sql/datasqltest"
)

func TestSearch(t *testing.T) { datasqltest.RunSearch(t, open) }
