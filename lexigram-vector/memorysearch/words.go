package memorysearch

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// eachWord calls f with the bounds of each word of text, in order, as
// search.Words cuts it, but before it folds case.
func eachWord(text string, f func(start, end int)) {
	start := -1
	for i := 0; i < len(text); {
		size, in := 1, isWordByte(text[i])
		if text[i] >= utf8.RuneSelf {
			var r rune
			r, size = utf8.DecodeRuneInString(text[i:])
			in = isWordRune(r)
		}
		switch {
		case in && start < 0:
			start = i
		case !in && start >= 0:
			f(start, i)
			start = -1
		}
		i += size
	}
	if start >= 0 {
		f(start, len(text))
	}
}

func isWordByte(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}

func isWordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r)
}

// appendFolded appends word to buf in lower case.
func appendFolded(buf []byte, word string) []byte {
	from := len(buf)
	for i := range len(word) {
		c := word[i]
		if c >= utf8.RuneSelf {
			return append(buf[:from], strings.ToLower(word)...)
		}
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		buf = append(buf, c)
	}
	return buf
}

// eachPart calls f with the parts of an identifier, such as Wait and Group of
// WaitGroup, HTTP and Server of HTTPServer, sha and 256 of sha256. A word that
// is all one part has none, and neither are parts of one byte any use.
func eachPart(word string, f func(part string)) {
	start, before, last := 0, none, none
	for i, r := range word {
		c := classOf(r)
		cut := -1
		switch {
		case i == 0:
		case before == upper && last == upper && c == lower: // the S of HTTPServer
			cut = lastRune(word, i)
		case last == lower && c == upper, last == digit && c != digit, last != digit && c == digit:
			cut = i
		}
		if cut > start {
			if cut-start > 1 {
				f(word[start:cut])
			}
			start = cut
		}
		before, last = last, c
	}
	if start > 0 && len(word)-start > 1 {
		f(word[start:])
	}
}

type class uint8

const (
	none class = iota
	lower
	upper
	digit
)

// classOf puts letters without case, and marks, with the small ones.
func classOf(r rune) class {
	switch {
	case r < utf8.RuneSelf && r >= '0' && r <= '9', r >= utf8.RuneSelf && unicode.IsDigit(r):
		return digit
	case r >= 'A' && r <= 'Z', r >= utf8.RuneSelf && unicode.IsUpper(r):
		return upper
	}
	return lower
}

// lastRune returns where the rune before i begins.
func lastRune(s string, i int) int {
	_, size := utf8.DecodeLastRuneInString(s[:i])
	return i - size
}
