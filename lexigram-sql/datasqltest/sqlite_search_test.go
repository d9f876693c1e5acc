package datasqltest

import "testing"

func TestSearch(t *testing.T) { RunSearch(t, open) }
