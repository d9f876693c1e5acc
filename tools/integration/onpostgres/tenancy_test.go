package onpostgres

import (
	"testing"

	"github.com/lexigram/lexigram-go/lexigram-tenancy/tenancysqltest"
)

func TestTenancy(t *testing.T) { tenancysqltest.Run(t, open) }
