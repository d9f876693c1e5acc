package library

import (
	"slices"
	"strconv"
	"strings"
)

// A citer numbers citations in the order in which an answer first uses them,
// while the answer streams: the model's [4] and [2] become [1] and [2]. Numbers
// that name no source are left out, so that no citation leads nowhere. A quoted
// "x[2]" that stands so in a source is not a citation.
type citer struct {
	hits []Hit
	word string // what stands before the text, back to white space
	held string // text from a "[" on, which may yet be a citation
	new  map[int]int
	out  []Citation
}

func newCiter(hits []Hit) *citer { return &citer{hits: hits, new: map[int]int{}, out: []Citation{}} }

const (
	maxNumber = 3  // digits of a citation
	maxWord   = 40 // bytes before a citation that tell whether it is one
)

// write returns what is known of the text so far.
func (c *citer) write(text string) string {
	var b strings.Builder
	keep := func(part string) {
		b.WriteString(part)
		c.word += part
		c.word = c.word[strings.LastIndexAny(c.word, " \t\n")+1:]
		c.word = c.word[max(0, len(c.word)-maxWord):]
	}
	text = c.held + text
	for {
		open := strings.IndexByte(text, '[')
		if open < 0 {
			break
		}
		keep(text[:open])
		text = text[open:]
		end := strings.IndexFunc(text[1:], func(r rune) bool { return r < '0' || r > '9' }) + 1
		if end == 0 && len(text) <= 1+maxNumber {
			c.held = text // digits only so far
			return b.String()
		}
		if end > 1 && text[end] == ']' && end <= 1+maxNumber && !c.quoted(text[:end+1]) {
			b.WriteString(c.number(text[1:end]))
			text = text[end+1:]
			continue
		}
		keep("[")
		text = text[1:]
	}
	c.held = ""
	keep(text)
	return b.String()
}

// quoted reports whether a source has the brackets with the same word before them.
func (c *citer) quoted(brackets string) bool {
	return c.word != "" && slices.ContainsFunc(c.hits, func(h Hit) bool { return strings.Contains(h.Text, c.word+brackets) })
}

// rest returns what was held back when the answer has ended.
func (c *citer) rest() string {
	held := c.held
	c.held = ""
	return held
}

func (c *citer) number(digits string) string {
	n, err := strconv.Atoi(digits)
	if err != nil || n < 1 || n > len(c.hits) {
		return ""
	}
	if c.new[n] == 0 {
		c.new[n] = len(c.out) + 1
		c.out = append(c.out, Citation{Number: len(c.out) + 1, Ref: c.hits[n-1].Ref, Path: c.hits[n-1].Path, Title: c.hits[n-1].Title})
	}
	return "[" + strconv.Itoa(c.new[n]) + "]"
}
