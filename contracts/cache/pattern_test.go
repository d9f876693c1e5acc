package cache_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cache"
)

func TestMatchPattern(t *testing.T) {
	for _, c := range []struct {
		pattern, key string
		want         bool
	}{
		{"*", "", true},
		{"a", "a", true},
		{"a", "ab", false},
		{"a*", "a", true},
		{"*a", "ba", true},
		{"*a", "ab", false},
		{"a*b*c", "a--b-b--c", true},
		{"a*b*c", "a--c--b", false},
		{"a**b", "ab", true},
		{"*ab", "aab", true},
		{"*aab*", "aaab", true},
		{"?", "x", false},
		{"[a]", "a", false},
		{`\*`, "*", true},
		{`\*`, "a", false},
		{`\\*`, `\a`, true},
		{`*\*`, "a*", true},
		{`*\*`, "a", false},
		{"a*", "a\n\x00", true},
	} {
		if got := cache.MatchPattern(c.pattern, c.key); got != c.want {
			t.Errorf("MatchPattern(%q, %q) = %v", c.pattern, c.key, got)
		}
	}
}

func TestCheckPattern(t *testing.T) {
	for pattern, ok := range map[string]bool{
		"*": true, "a": true, `\*`: true, `\\`: true, `a\\*`: true, strings.Repeat("*", 2048): true,
		"": false, `\`: false, `a\`: false, `\a`: false, `\\\`: false, strings.Repeat("*", 2049): false,
	} {
		if err := cache.CheckPattern(pattern); (err == nil) != ok || !ok && !errors.Is(err, cache.ErrPattern) {
			t.Errorf("CheckPattern(%.20q) = %v", pattern, err)
		}
	}
}

// A pattern of many stars is no way to hold up a store.
func TestMatchPatternIsNotExponential(t *testing.T) {
	began := time.Now()
	if cache.MatchPattern(strings.Repeat("*a", 512)+"b", strings.Repeat("a", 1024)) {
		t.Error("a key without b matches")
	}
	if d := time.Since(began); d > time.Second {
		t.Errorf("it took %v", d)
	}
}

// reference is the regular expression that pattern is.
func reference(pattern string) *regexp.Regexp {
	var b strings.Builder
	b.WriteString("(?s)^")
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; c {
		case '*':
			b.WriteString(".*")
		case '\\':
			i++
			b.WriteString(regexp.QuoteMeta(pattern[i : i+1]))
		default:
			b.WriteString(regexp.QuoteMeta(string(rune(c))))
		}
	}
	b.WriteString("$")
	return regexp.MustCompile(b.String())
}

// latin is s with each byte as a character: regular expressions match characters.
func latin(s string) string {
	var b strings.Builder
	for i := range len(s) {
		b.WriteRune(rune(s[i]))
	}
	return b.String()
}

func FuzzMatchPattern(f *testing.F) {
	for _, seed := range [][2]string{{"*", "k"}, {`a\*b*`, "a*bc"}, {`\\`, `\`}, {"a**b*c", "abbc"}, {"é*", "é\xff"}, {"user:*:x", "user:1:y:x"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, pattern, key string) {
		if escaped := cache.EscapePattern(key); key != "" && len(escaped) <= 2048 && (cache.CheckPattern(escaped) != nil || !cache.MatchPattern(escaped, key)) {
			t.Errorf("EscapePattern(%q) = %q, which does not match it", key, escaped)
		}
		if cache.CheckPattern(pattern) != nil || len(pattern)+len(key) > 400 {
			cache.MatchPattern(pattern, key) // it must return all the same
			return
		}
		if got, want := cache.MatchPattern(pattern, key), reference(pattern).MatchString(latin(key)); got != want {
			t.Errorf("MatchPattern(%q, %q) = %v, want %v", pattern, key, got, want)
		}
	})
}
