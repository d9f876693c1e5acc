package rag

import (
	"slices"
	"strings"
)

// Citations returns the numbers that answer cites as "[2]" or "[1, 3]", each
// once, in the order in which they first appear. A link's text, as in
// "[1](address)", cites nothing. Numbers are 1 to 9999; whether there is such a
// passage is for the caller to check, since a model may invent one and a quoted
// document may hold brackets of its own.
func Citations(answer string) []int {
	var cited []int
	for {
		_, rest, ok := strings.Cut(answer, "[")
		if !ok {
			return cited
		}
		answer = rest
		inside, after, ok := strings.Cut(rest[:min(len(rest), maxBrackets)], "]")
		if !ok || strings.HasPrefix(after, "(") {
			continue
		}
		for _, n := range numbers(inside) {
			if !slices.Contains(cited, n) {
				cited = append(cited, n)
			}
		}
	}
}

// maxBrackets bounds what is read for one pair of brackets, so that a text of
// "[[[[…" costs no more than it is long.
const maxBrackets = 128

// numbers returns the numbers of "1, 2,3", or nil if s is anything else.
func numbers(s string) []int {
	var out []int
	for part := range strings.SplitSeq(s, ",") {
		part = strings.Trim(part, " ")
		n := 0
		for _, c := range []byte(part) {
			if c < '0' || c > '9' {
				return nil
			}
			n = 10*n + int(c-'0')
		}
		if len(part) == 0 || len(part) > 4 || n == 0 {
			return nil
		}
		out = append(out, n)
	}
	return out
}
