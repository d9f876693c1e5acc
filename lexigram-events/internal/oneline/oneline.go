// Package oneline makes text of errors fit to be kept and shown.
package oneline

import (
	"strings"
	"unicode/utf8"
)

// most is how many bytes are kept.
const most = 1000

// Clip returns as much of s as is kept: valid UTF-8, on one line.
func Clip(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	if len(s) > most {
		s = s[:most]
		for !utf8.ValidString(s) {
			s = s[:len(s)-1]
		}
	}
	return s
}

// Short returns s, or its first n-1 characters and an ellipsis.
func Short(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}
