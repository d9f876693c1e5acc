package lexis

import (
	"iter"
	"unicode"
	"unicode/utf8"
)

// Words yields the words of text as they stand in it: runs of letters, digits
// and the marks that follow them. An underscore or a hyphen ends a word.
func Words(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		start := -1
		for i := 0; i < len(text); {
			r, size := rune(text[i]), 1
			if r >= utf8.RuneSelf {
				r, size = utf8.DecodeRuneInString(text[i:])
			}
			switch in := isWord(r); {
			case in && start < 0:
				start = i
			case !in && start >= 0:
				if !yield(text[start:i]) {
					return
				}
				start = -1
			}
			i += size
		}
		if start >= 0 {
			yield(text[start:])
		}
	}
}

func isWord(r rune) bool {
	if r < utf8.RuneSelf {
		return r|0x20 >= 'a' && r|0x20 <= 'z' || r >= '0' && r <= '9'
	}
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r))
}

// Parts yields the pieces that a programmer's word is made of: "parseHTTPBody2"
// has parse, HTTP, Body and 2. A word of one piece yields nothing.
func Parts(word string) iter.Seq[string] {
	return func(yield func(string) bool) {
		start, prev, i := 0, class(0), 0
		for i < len(word) {
			r, size := utf8.DecodeRuneInString(word[i:])
			c := classOf(r)
			cut := i
			switch {
			case i == 0 || c == prev:
				cut = 0
			case prev == upper && c == lower:
				// "HTTPBody": the last capital begins the next piece
				_, last := utf8.DecodeLastRuneInString(word[:i])
				cut = i - last
				if cut == start {
					cut = 0
				}
			}
			if cut > start {
				if !yield(word[start:cut]) {
					return
				}
				start = cut
			}
			prev = c
			i += size
		}
		if start > 0 {
			yield(word[start:])
		}
	}
}

type class uint8

const (
	lower class = iota + 1
	upper
	digit
)

func classOf(r rune) class {
	switch {
	case unicode.IsUpper(r):
		return upper
	case unicode.IsDigit(r):
		return digit
	}
	return lower // letters without case and marks stay with what they follow
}
