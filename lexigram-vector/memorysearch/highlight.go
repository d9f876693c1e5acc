package memorysearch

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// excerptBytes is about how long an excerpt is, without its marks.
const excerptBytes = 160

// A highlighter marks the words of a query in texts.
type highlighter struct {
	exact  map[string]int // the words of the query, to their numbers
	stems  map[string]int
	prefix string // the last of them
	buf    []byte
}

func newHighlighter(words []string) *highlighter {
	h := &highlighter{exact: map[string]int{}, stems: map[string]int{}}
	for i, w := range words {
		h.exact[w], h.stems[stem(w)] = i, i
		h.prefix = w
	}
	return h
}

// A mark is a word of a text that matches.
type mark struct{ start, end, word int }

// highlights returns an excerpt of each text of d that has a match, or nil.
func (h *highlighter) highlights(names []string, d *document) map[string]string {
	var out map[string]string
	for _, t := range d.texts {
		marks := h.marks(t.value)
		if len(marks) == 0 {
			continue
		}
		if out == nil {
			out = map[string]string{}
		}
		out[names[t.field]] = excerpt(t.value, marks)
	}
	return out
}

func (h *highlighter) marks(value string) []mark {
	var out []mark
	for s := (scanner{text: value}); s.next(); {
		if s.end-s.start > excerptBytes {
			continue
		}
		n, ok := h.match(s.folded)
		if !ok && s.mixed {
			eachPart(value[s.start:s.end], func(part string) {
				if !ok {
					h.buf = appendFolded(h.buf[:0], part)
					n, ok = h.match(h.buf)
				}
			})
		}
		if ok {
			out = append(out, mark{s.start, s.end, n})
		}
	}
	return out
}

// match returns which word of the query a folded word matches.
func (h *highlighter) match(word []byte) (n int, ok bool) {
	if n, ok = h.exact[string(word)]; ok {
		return n, true
	}
	folded := string(word)
	if n, ok = h.stems[stem(folded)]; ok {
		return n, true
	}
	return h.exact[h.prefix], strings.HasPrefix(folded, h.prefix)
}

// excerpt returns the part of value with the most different matches.
func excerpt(value string, marks []mark) string {
	best, most := marks[:1], 0
	for i := range marks {
		var words []int
		j := i
		for ; j < len(marks) && marks[j].end-marks[i].start <= excerptBytes; j++ {
			if !slices.Contains(words, marks[j].word) {
				words = append(words, marks[j].word)
			}
		}
		if worth := len(words)*1000 + (j - i); worth > most {
			best, most = marks[i:j], worth
		}
	}
	start, end := window(value, best[0].start, best[len(best)-1].end)
	var b strings.Builder
	at := start
	for _, m := range marks {
		if m.start < start || m.end > end {
			continue
		}
		b.WriteString(unmarked(value[at:m.start]))
		b.WriteString("\x02" + value[m.start:m.end] + "\x03")
		at = m.end
	}
	b.WriteString(unmarked(value[at:end]))
	return strings.ToValidUTF8(b.String(), "\uFFFD")
}

// window widens a part of value to excerptBytes, between words where it can.
func window(value string, start, end int) (int, int) {
	spare := max(0, excerptBytes-(end-start))
	from, to := max(0, start-spare/2), min(len(value), end+spare-spare/2)
	for from < start && !utf8.RuneStart(value[from]) {
		from++
	}
	for to > end && to < len(value) && !utf8.RuneStart(value[to]) {
		to--
	}
	if from > 0 {
		if i := strings.IndexByte(value[from:start], ' '); i >= 0 {
			from += i + 1
		}
	}
	if to < len(value) {
		if i := strings.LastIndexByte(value[end:to], ' '); i >= 0 {
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
