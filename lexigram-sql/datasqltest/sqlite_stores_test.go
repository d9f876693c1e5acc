package datasqltest

import "testing"

func TestLock(t *testing.T) { RunLock(t, open) }

func TestState(t *testing.T) { RunState(t, open) }

func TestIdempotency(t *testing.T) { RunIdempotency(t, open) }

func TestSecrets(t *testing.T) { RunSecrets(t, open) }

func TestAudit(t *testing.T) { RunAudit(t, open) }

func TestStoreMigrations(t *testing.T) { RunStoreMigrations(t, open) }
