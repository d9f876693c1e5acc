package datasqltest

import "testing"

func TestLock(t *testing.T) { RunLock(t, open) }

func TestState(t *testing.T) { RunState(t, open) }

func TestIdempotency(t *testing.T) { RunIdempotency(t, open) }
