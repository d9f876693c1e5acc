package library

import "testing"

func TestSymbols(t *testing.T) {
	for in, want := range map[string]string{
		"what does errors.Is compare?": "errorsis",
		"func sync.WaitGroup.Add":      "syncwaitgroupadd waitgroupadd",
		"How? Why... nothing.":         "",
		"see a.b.":                     "ab",
		"":                             "",
	} {
		if got := symbols(in); got != want {
			t.Errorf("symbols(%q) = %q, want %q", in, got, want)
		}
	}
}
