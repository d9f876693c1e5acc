package cachetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cache"
)

// patternKeys hold what other pattern languages take for signs.
var patternKeys = []string{
	"user:1", "user:12", "user:2", "user:", "user", "USER:1", "a*b", "a**b", "ab", `a\b`, `a\*b`, "a?b", "axb", "a[x]b", "a[^x]b", "[a-z]",
	"{user}:1", "x user:1", "user:1\n", "\x00", "\xff\xfe", "*", `\`, "%", "_", ".", "é", strings.Repeat("k", 800),
}

// deleted checks that pattern removes those of patternKeys that it matches, and no other.
func deleted(ctx context.Context, s cache.PatternDeleter, pattern string) error {
	want := 0
	for _, k := range patternKeys {
		if err := s.Set(ctx, k, []byte(k), 0); err != nil {
			return err
		}
		if cache.MatchPattern(pattern, k) {
			want++
		}
	}
	n, err := s.DeletePattern(ctx, pattern)
	if n != want || err != nil {
		return wrong(err, "DeletePattern(%q) = %d, %v, want %d", pattern, n, err, want)
	}
	for _, k := range patternKeys {
		if cache.MatchPattern(pattern, k) {
			err = missing(ctx, s, k)
		} else {
			err = holds(ctx, s, k, []byte(k))
		}
		if err != nil {
			return fmt.Errorf("after DeletePattern(%q): %w", pattern, err)
		}
	}
	return nil
}

// deletes checks several patterns.
func deletes(patterns ...string) func(context.Context, cache.Store, time.Duration) error {
	return func(ctx context.Context, s cache.Store, _ time.Duration) error {
		d, err := able[cache.PatternDeleter](s)
		if err != nil {
			return err
		}
		for _, p := range patterns {
			if err := deleted(ctx, d, p); err != nil {
				return err
			}
		}
		return nil
	}
}

var patternRules = []rule{
	{
		name:     "delete pattern",
		says:     `DeletePattern removes the entries whose keys match: "*" stands for any bytes, and returns how many there were`,
		optional: true,
		check:    deletes("user:*", "*:1", "user*1", "user", "u*r:*2*", "none", "*\n", "k*k", "a*b"),
	},
	{
		name:     "delete pattern of other signs",
		says:     `every byte but "*" and the backslash stands for itself`,
		optional: true,
		check:    deletes("a?b", "a[x]b", "a[^x]b", "[a-z]", "?", "%", "_", ".", "{user}:1", "\xff*", "\x00"),
	},
	{
		name:     "delete pattern escaped",
		says:     `\* stands for a star, \\ for a backslash`,
		optional: true,
		check:    deletes(`a\*b`, `a\\*`, `a\\\*b`, `\*`, `\\`, `a\**b`, cache.EscapePattern(`a\*b`)),
	},
	{
		name:     "delete pattern of very many",
		says:     "DeletePattern removes the entries whose keys match, however many those are, and no expired one counts",
		optional: true,
		check: func(ctx context.Context, s cache.Store, tick time.Duration) error {
			d, err := able[cache.PatternDeleter](s)
			if err != nil {
				return err
			}
			for i := range 1_500 {
				if err := s.Set(ctx, fmt.Sprint("k", i), nil, 0); err != nil {
					return err
				}
			}
			if err := errors.Join(s.Set(ctx, "k old", nil, tick), s.Set(ctx, "other", []byte("1"), 0)); err != nil {
				return err
			}
			time.Sleep(2 * tick)
			if n, err := d.DeletePattern(ctx, "k*"); n > 1_500 || err != nil { // some may have been evicted
				return wrong(err, "DeletePattern(k*) = %d, %v, want 1500", n, err)
			}
			for i := range 1_500 {
				if err := missing(ctx, s, fmt.Sprint("k", i)); err != nil {
					return err
				}
			}
			return holds(ctx, s, "other", []byte("1"))
		},
	},
	{
		name:     "malformed pattern",
		says:     "what CheckPattern refuses is an error wrapping ErrPattern, before any effect",
		optional: true,
		check: func(ctx context.Context, s cache.Store, _ time.Duration) error {
			d, err := able[cache.PatternDeleter](s)
			if err != nil {
				return err
			}
			if err := s.Set(ctx, `k\`, []byte("1"), 0); err != nil {
				return err
			}
			for _, p := range []string{"", `k\`, `k*\`, `\k*`, strings.Repeat("*", 2049)} {
				_, err := d.DeletePattern(ctx, p)
				if errors.Is(err, errors.ErrUnsupported) {
					return err
				}
				if !errors.Is(err, cache.ErrPattern) {
					return fmt.Errorf("DeletePattern(%.40q) = %v, want ErrPattern", p, err)
				}
			}
			return holds(ctx, s, `k\`, []byte("1"))
		},
	},
	{
		name:     "clear",
		says:     "Clear removes every entry, and the store takes new ones",
		optional: true,
		check: func(ctx context.Context, s cache.Store, _ time.Duration) error {
			for _, k := range patternKeys {
				if err := s.Set(ctx, k, nil, time.Hour); err != nil {
					return err
				}
			}
			if n, err := cache.Clear(ctx, s); n != len(patternKeys) || err != nil {
				return wrong(err, "Clear = %d, %v, want %d", n, err, len(patternKeys))
			}
			for _, k := range slices.Clone(patternKeys) {
				if err := missing(ctx, s, k); err != nil {
					return err
				}
			}
			return errors.Join(s.Set(ctx, "k", []byte("new"), 0), holds(ctx, s, "k", []byte("new")))
		},
	},
}
