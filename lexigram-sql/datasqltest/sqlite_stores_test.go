package datasqltest

import "testing"

func TestLock(t *testing.T) { RunLock(t, open) }

func TestState(t *testing.T) { RunState(t, open) }
