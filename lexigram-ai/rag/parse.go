package rag

import (
	"strconv"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/ai"
)

// ParsePrompt returns what [Prompt] was given. It reads the last message of the
// user; ok is false if that is not of Prompt's form, to the letter.
func ParsePrompt(req *ai.Request) (question string, passages []Passage, ok bool) {
	if req == nil {
		return "", nil, false
	}
	for i := len(req.Messages) - 1; i >= 0; i-- {
		if req.Messages[i].Role == ai.User {
			return parse(req.Messages[i].Text())
		}
	}
	return "", nil, false
}

func parse(text string) (question string, passages []Passage, ok bool) {
	rest, ok := strings.CutPrefix(text, "<sources>\n")
	if !ok {
		return "", nil, false
	}
	for {
		after, found := strings.CutPrefix(rest, `<source id="`+strconv.Itoa(len(passages)+1)+`" ref="`)
		if !found {
			break
		}
		var p Passage
		if p, rest, ok = parseSource(after); !ok {
			return "", nil, false
		}
		passages = append(passages, p)
	}
	if rest, ok = strings.CutPrefix(rest, "</sources>\n<question>\n"); !ok {
		return "", nil, false
	}
	if rest, ok = strings.CutSuffix(rest, "\n</question>"); !ok {
		return "", nil, false
	}
	question, ok = unescape(rest)
	return question, passages, ok
}

// parseSource reads a block after `ref="`, and returns what follows it.
func parseSource(s string) (p Passage, rest string, ok bool) {
	ref, s, ok1 := strings.Cut(s, `" title="`)
	title, s, ok2 := strings.Cut(s, "\">\n")
	body, rest, ok3 := strings.Cut(s, "\n</source>\n")
	if !ok1 || !ok2 || !ok3 || strings.ContainsAny(ref, "\"\r\n") || strings.ContainsAny(title, "\"\r\n") {
		return p, "", false
	}
	var okRef, okTitle, okText bool
	p.Ref, okRef = unescape(ref)
	p.Title, okTitle = unescape(title)
	p.Text, okText = unescape(body)
	return p, rest, okRef && okTitle && okText
}

// unescape undoes escape; ok is false for what escape never writes.
func unescape(s string) (_ string, ok bool) {
	if strings.IndexByte(s, '<') >= 0 {
		return "", false
	}
	if strings.IndexByte(s, '&') < 0 {
		return s, true
	}
	var b strings.Builder
	b.Grow(len(s))
	for {
		before, after, more := strings.Cut(s, "&")
		b.WriteString(before)
		if !more {
			return b.String(), true
		}
		name, rest, end := strings.Cut(after, ";")
		if !end {
			return "", false
		}
		switch name {
		case "amp":
			b.WriteByte('&')
		case "lt":
			b.WriteByte('<')
		case "quot":
			b.WriteByte('"')
		case "#10":
			b.WriteByte('\n')
		case "#13":
			b.WriteByte('\r')
		default:
			return "", false
		}
		s = rest
	}
}
