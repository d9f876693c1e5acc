package cache

import (
	"context"
	"errors"
	"strings"
)

// A PatternDeleter is a [Store] that deletes entries by what their keys look like.
type PatternDeleter interface {
	Store
	// DeletePattern removes the entries whose keys match pattern, as
	// [MatchPattern] has it, and returns how many there were. It sees the keys of
	// this store alone, whatever else the same server holds. Entries that are set
	// while it runs may stay or go. What [CheckPattern] refuses is an error
	// wrapping [ErrPattern], before any effect; after another error some may be deleted.
	//
	// It may have to look at every key: to drop groups of entries often, keep a
	// generation with them instead.
	DeletePattern(ctx context.Context, pattern string) (int, error)
}

// Clear removes every entry of s and of nobody else, and returns how many there
// were. A store that is no [PatternDeleter] is an error wrapping [errors.ErrUnsupported].
func Clear(ctx context.Context, s Store) (int, error) {
	d, ok := s.(PatternDeleter)
	if !ok {
		return 0, Err.Wrap(errors.ErrUnsupported, "cache: clear")
	}
	return d.DeletePattern(ctx, "*")
}

// CheckPattern returns an error wrapping [ErrPattern] unless pattern has 1 to
// 2,048 bytes and no backslash but those of `\*` and `\\`.
func CheckPattern(pattern string) error {
	if len(pattern) == 0 || len(pattern) > 2048 {
		return ErrPattern.Wrap(nil, "cache: pattern %.40q is not 1 to 2,048 bytes", pattern)
	}
	for i := 0; i < len(pattern); i++ {
		if pattern[i] != '\\' {
			continue
		}
		if i++; i == len(pattern) || pattern[i] != '*' && pattern[i] != '\\' {
			return ErrPattern.Wrap(nil, "cache: pattern %.40q has a backslash before neither * nor a backslash", pattern)
		}
	}
	return nil
}

// MatchPattern reports whether pattern matches all of key, byte for byte: "*"
// stands for any bytes, also none, `\*` for a star, `\\` for a backslash, and
// every other byte for itself. It takes at most len(pattern) × len(key) steps.
// What it says about a pattern that [CheckPattern] refuses means nothing.
func MatchPattern(pattern, key string) bool {
	p, k := 0, 0
	star, from := -1, 0 // the last star, and how much of key it had not taken
	for k < len(key) || p < len(pattern) {
		if p < len(pattern) && pattern[p] == '*' {
			star, from = p, k
			p++
			continue
		}
		if width := literal(pattern, p); width > 0 && k < len(key) && pattern[p+width-1] == key[k] {
			p, k = p+width, k+1
			continue
		}
		if star < 0 || from >= len(key) {
			return false
		}
		from++ // the star takes one byte more
		p, k = star+1, from
	}
	return true
}

// literal returns how many bytes of pattern at p stand for one byte of a key: 0 at its end.
func literal(pattern string, p int) int {
	switch {
	case p >= len(pattern):
		return 0
	case pattern[p] == '\\' && p+1 < len(pattern):
		return 2
	}
	return 1
}

// EscapePattern returns the pattern that matches s alone.
func EscapePattern(s string) string { return escaper.Replace(s) }

var escaper = strings.NewReplacer(`*`, `\*`, `\`, `\\`)
