package lexis

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Kind says what a [Sentence] is in its text.
type Kind uint8

const (
	Prose   Kind = iota
	Heading      // a Markdown heading or a short line of its own without an end
	Code         // a line between ``` fences
)

// A Sentence is text[Start:End], without space around it.
type Sentence struct {
	Start, End int
	Kind       Kind
}

// Sentences yields the sentences of text in order. Paragraphs, headings, list
// items and lines of code begin anew; a line break inside a paragraph does not.
// It neither changes nor normalises the text.
func Sentences(text string) iter.Seq[Sentence] {
	return func(yield func(Sentence) bool) {
		for b := range blocks(text) {
			if b.Kind != Prose {
				if !yield(b) {
					return
				}
				continue
			}
			for start := b.Start; start < b.End; {
				end := sentenceEnd(text[:b.End], start)
				if s, ok := trim(text, start, end); ok && !yield(s) {
					return
				}
				start = end
			}
		}
	}
}

// blocks yields the paragraphs, headings, list items and code lines of text.
func blocks(text string) iter.Seq[Sentence] {
	return func(yield func(Sentence) bool) {
		fenced, item, open := false, false, -1 // open is where the paragraph or item being read began
		flush := func(end int, last bool) bool {
			start := open
			open = -1
			if start < 0 {
				return true
			}
			s, ok := trim(text, start, end)
			if ok && !last && !item && shortLine(text[s.Start:s.End]) {
				s.Kind = Heading
			}
			return !ok || yield(s)
		}
		for at := 0; at < len(text); {
			next := len(text)
			if i := strings.IndexByte(text[at:], '\n'); i >= 0 {
				next = at + i + 1
			}
			line := strings.TrimSpace(text[at:next])
			begin := at + marker(text[at:next])
			switch {
			case strings.HasPrefix(line, "```") || strings.HasPrefix(line, "~~~"):
				fenced = !fenced
				if !flush(at, false) {
					return
				}
			case fenced:
				if s, ok := trim(text, at, next); ok {
					s.Kind = Code
					if !yield(s) {
						return
					}
				}
			case line == "":
				if !flush(at, false) {
					return
				}
			case line[0] == '#':
				if !flush(at, false) {
					return
				}
				if s, ok := trim(text, at+strings.IndexByte(text[at:], '#')+len(line)-len(strings.TrimLeft(line, "#")), next); ok {
					s.Kind = Heading
					if !yield(s) {
						return
					}
				}
			case begin > at:
				if !flush(at, false) {
					return
				}
				open, item = begin, true
			case open < 0:
				open, item = at, false
			}
			at = next
		}
		flush(len(text), true) // nothing follows that it could be the title of
	}
}

// marker returns how many bytes the line's list marker takes, or 0.
func marker(line string) int {
	in := len(line) - len(strings.TrimLeft(line, " \t"))
	rest := line[in:]
	if len(rest) > 1 && strings.IndexByte("-*+>|", rest[0]) >= 0 && (rest[1] == ' ' || rest[1] == '\t') {
		return in + 2
	}
	n := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
	if n > 0 && n < 4 && len(rest) > n+1 && (rest[n] == '.' || rest[n] == ')') && rest[n+1] == ' ' {
		return in + n + 2
	}
	return 0
}

// shortLine reports whether a paragraph is one line of a few words without an
// end: a title.
func shortLine(s string) bool {
	if len(s) > 60 || strings.IndexByte(s, '\n') >= 0 || strings.HasSuffix(s, ":") {
		return false
	}
	last, _ := utf8.DecodeLastRuneInString(s)
	return (unicode.IsLetter(last) || unicode.IsDigit(last)) && strings.Count(s, " ") < 5
}

// sentenceEnd returns the offset after the sentence of text that begins at start.
func sentenceEnd(text string, start int) int {
	for i := start; i < len(text); {
		r, size := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(text[i:])
		}
		i += size
		switch r {
		case '。', '！', '？':
			return i
		case '.', '!', '?':
			end := i
			for end < len(text) && strings.IndexByte(`.!?)"'*_`+"`]", text[end]) >= 0 {
				end++
			}
			if end == len(text) {
				return end
			}
			if !unicode.IsSpace(rune(text[end])) {
				i = end
				continue
			}
			if r == '.' && (abbreviation(text[start:i]) || !begins(text[end:])) {
				i = end
				continue
			}
			return end
		}
	}
	return len(text)
}

// begins reports whether a sentence may begin here: not with a small letter.
// Programmers begin sentences with identifiers, which "x.y" or "f(" show.
func begins(rest string) bool {
	rest = strings.TrimLeftFunc(rest, unicode.IsSpace)
	r, _ := utf8.DecodeRuneInString(rest)
	return !unicode.IsLower(r) || strings.ContainsAny(firstWord(rest), "._(/=")
}

func firstWord(s string) string {
	if i := strings.IndexFunc(s, unicode.IsSpace); i >= 0 {
		return strings.TrimRight(s[:i], ".,;:")
	}
	return strings.TrimRight(s, ".,;:")
}

// abbreviation reports whether s ends in a dot that does not end a sentence.
func abbreviation(s string) bool {
	word := strings.TrimLeft(s[strings.LastIndexFunc(s[:len(s)-1], unicode.IsSpace)+1:], `("'[`)
	switch strings.ToLower(word) {
	case "e.g.", "i.e.", "etc.", "cf.", "vs.", "mr.", "mrs.", "ms.", "dr.", "st.", "no.", "fig.", "approx.", "resp.", "al.", "ca.":
		return true
	}
	return len(word) == 2 && word[0] >= 'A' && word[0] <= 'Z' // an initial
}

// trim returns text[start:end] without space around it; ok is false if nothing is left.
func trim(text string, start, end int) (s Sentence, ok bool) {
	part := text[start:end]
	left := strings.TrimLeftFunc(part, unicode.IsSpace)
	body := strings.TrimRightFunc(left, unicode.IsSpace)
	start += len(part) - len(left)
	return Sentence{Start: start, End: start + len(body)}, body != ""
}
