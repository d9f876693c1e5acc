package onpostgres

import (
	"testing"

	"github.com/lexigram/lexigram-go/lexigram-sql/migratesqltest"
)

func TestMigrate(t *testing.T) { migratesqltest.Run(t, open) }
