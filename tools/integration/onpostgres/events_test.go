package onpostgres

import (
	"testing"

	"github.com/lexigram/lexigram-go/lexigram-events/eventssqltest"
)

func TestEvents(t *testing.T) { eventssqltest.Run(t, open) }
