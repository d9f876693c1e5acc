package memorysearch

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A scanner cuts a text into words as search.Words does, and folds them.
type scanner struct {
	text       string
	start, end int    // of the word
	folded     []byte // the word in lower case, until the next one
	mixed      bool   // the word may have parts, see eachPart
}

// next goes to the next word and reports whether there is one.
func (s *scanner) next() bool {
	i := s.end
	for i < len(s.text) {
		if c := s.text[i]; isWordByte(c) {
			break
		} else if c < utf8.RuneSelf {
			i++
		} else if r, size := utf8.DecodeRuneInString(s.text[i:]); isWordRune(r) {
			break
		} else {
			i += size
		}
	}
	s.start = i
	return i < len(s.text) && s.word()
}

// word reads the word that begins at s.start.
func (s *scanner) word() bool {
	folded := s.folded[:0]
	lower, inner, digit := false, false, false
	i := s.start
	for ; i < len(s.text); i++ {
		c := s.text[i]
		switch {
		case c >= 'a' && c <= 'z':
			lower = true
		case c >= 'A' && c <= 'Z':
			inner = inner || i > s.start
			c |= 0x20
		case c >= '0' && c <= '9':
			digit = true
		case c >= utf8.RuneSelf:
			return s.wide()
		default:
			s.end, s.folded, s.mixed = i, folded, lower && inner || digit
			return true
		}
		folded = append(folded, c)
	}
	s.end, s.folded, s.mixed = i, folded, lower && inner || digit
	return true
}

// wide reads a word with letters beyond ASCII, which begins at s.start.
func (s *scanner) wide() bool {
	s.end = len(s.text)
	if n := strings.IndexFunc(s.text[s.start:], func(r rune) bool { return !isWordRune(r) }); n >= 0 {
		s.end = s.start + n
	}
	s.folded = append(s.folded[:0], strings.ToLower(s.text[s.start:s.end])...)
	s.mixed = true
	return true
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
