package sqlsearch

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// excerptBytes is about how long an excerpt is, without its marks.
const excerptBytes = 160

// A highlighter marks the words of a query in texts, alike for both databases.
// Neither's own function does: the words are ours.
type highlighter struct {
	words  map[string]bool
	prefix string // "" if there is none
}

func newHighlighter(terms []term) *highlighter {
	h := &highlighter{words: make(map[string]bool, len(terms))}
	for _, t := range terms {
		h.words[t.word] = true
		if t.prefix {
			h.prefix = t.word
		}
	}
	return h
}

// A span is a word in a text.
type span struct{ start, end int }

// excerpt returns the part of text with the most different matches, or false if it has none.
func (h *highlighter) excerpt(text string) (string, bool) {
	spans, matched := h.spans(text)
	if len(spans) == 0 {
		return "", false
	}
	first, past := richest(spans, matched)
	start, end := widened(text, spans[first].start, spans[past-1].end)
	var b strings.Builder
	at := start
	for _, s := range spans {
		if s.start < start || s.end > end {
			continue
		}
		b.WriteString(unmarked(text[at:s.start]))
		b.WriteString("\x02" + text[s.start:s.end] + "\x03")
		at = s.end
	}
	b.WriteString(unmarked(text[at:end]))
	return b.String(), true
}

// spans returns where words of text match, and which word each of them is.
// Those longer than an excerpt are left out.
func (h *highlighter) spans(text string) (spans []span, matched []string) {
	in := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r) }
	for at := 0; at < len(text); {
		start := strings.IndexFunc(text[at:], in)
		if start < 0 {
			break
		}
		start += at
		length := strings.IndexFunc(text[start:], func(r rune) bool { return !in(r) })
		if length < 0 {
			length = len(text) - start
		}
		at = start + length
		if length > excerptBytes {
			continue
		}
		if w := cut(strings.ToLower(text[start:at])); h.words[w] || h.prefix != "" && strings.HasPrefix(w, h.prefix) {
			spans, matched = append(spans, span{start, at}), append(matched, w)
		}
	}
	return spans, matched
}

// richest returns the spans, from first to before past, that fit an excerpt
// with the most different words, and of those the most matches.
func richest(spans []span, matched []string) (first, past int) {
	counts := map[string]int{}
	best, past, from := 0, 1, 0
	for i := range spans {
		counts[matched[i]]++
		for from < i && spans[i].end-spans[from].start > excerptBytes {
			if counts[matched[from]]--; counts[matched[from]] == 0 {
				delete(counts, matched[from])
			}
			from++
		}
		if worth := len(counts)<<16 + min(i-from, 1<<16-1); worth > best {
			best, first, past = worth, from, i+1
		}
	}
	return first, past
}

// widened returns the part of text around one, up to excerptBytes, that begins
// and ends between words where it can.
func widened(text string, start, end int) (from, to int) {
	spare := max(0, excerptBytes-(end-start))
	from, to = max(0, start-spare/2), min(len(text), end+spare/2)
	if from > 0 {
		for !utf8.RuneStart(text[from]) {
			from++
		}
		if i := strings.IndexByte(text[from:start], ' '); i >= 0 {
			from += i + 1
		}
	}
	if to < len(text) {
		for !utf8.RuneStart(text[to]) {
			to--
		}
		if i := strings.LastIndexByte(text[end:to], ' '); i >= 0 {
			to = end + i
		}
	}
	return from, to
}

// unmarked takes the marks out of a text that has them itself.
func unmarked(s string) string {
	if !strings.ContainsAny(s, "\x02\x03") {
		return s
	}
	return strings.NewReplacer("\x02", "", "\x03", "").Replace(s)
}
