package rediscache

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/cache"
)

// match is the server's own matching (stringmatchlen of Redis 7) of what glob writes.
func match(pattern, key string) bool {
	for len(pattern) > 0 {
		switch pattern[0] {
		case '*':
			for i := 0; i <= len(key); i++ {
				if match(pattern[1:], key[i:]) {
					return true
				}
			}
			return false
		case '?', '[':
			return false // glob leaves none unescaped
		case '\\':
			if len(pattern) > 1 {
				pattern = pattern[1:]
			}
		}
		if len(key) == 0 || key[0] != pattern[0] {
			return false
		}
		pattern, key = pattern[1:], key[1:]
	}
	return len(key) == 0
}

// FuzzGlob finds no pattern that means something else to the server.
func FuzzGlob(f *testing.F) {
	for _, p := range []string{"*", "a*b", `a\*`, `\\`, "a?b", "[a-z]", "[^a]", "]", `\*\\*?`} {
		f.Add(p, "a*b")
		f.Add(p, `\`)
	}
	f.Fuzz(func(t *testing.T, pattern, key string) {
		if cache.CheckPattern(pattern) != nil || len(pattern) > 12 || len(key) > 24 {
			t.Skip("no pattern, or long")
		}
		if got, want := match(glob(pattern), key), cache.MatchPattern(pattern, key); got != want {
			t.Errorf("the server takes %q to match %q: %v, want %v", glob(pattern), key, got, want)
		}
	})
}
