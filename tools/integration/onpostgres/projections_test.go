package onpostgres

import (
	"testing"

	"github.com/lexigram/lexigram-go/lexigram-events/eventssqltest"
)

func TestProjections(t *testing.T) { eventssqltest.RunProjections(t, open) }
