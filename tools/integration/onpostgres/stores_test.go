package onpostgres

import (
	"testing"

	"github.com/lexigram/lexigram-go/lexigram-sql/datasqltest"
)

func TestLock(t *testing.T) { datasqltest.RunLock(t, open) }

func TestState(t *testing.T) { datasqltest.RunState(t, open) }

func TestIdempotency(t *testing.T) { datasqltest.RunIdempotency(t, open) }
