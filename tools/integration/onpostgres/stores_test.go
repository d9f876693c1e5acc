package onpostgres

import (
	"testing"

	"github.com/lexigram/lexigram-go/lexigram-sql/datasqltest"
)

func TestLock(t *testing.T) { datasqltest.RunLock(t, open) }

func TestState(t *testing.T) { datasqltest.RunState(t, open) }

func TestIdempotency(t *testing.T) { datasqltest.RunIdempotency(t, open) }

func TestSecrets(t *testing.T) { datasqltest.RunSecrets(t, open) }

func TestAudit(t *testing.T) { datasqltest.RunAudit(t, open) }
