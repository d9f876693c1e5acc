package openai

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// fast reads the event that nearly all of a stream's are: one choice whose delta
// has a role and a text. It reports false, and d is to be ignored, for
// everything else, encoding/json's peculiarities included: what both accept they
// read alike (fuzzed).
func (d *delta) fast(data []byte) bool {
	p := scanner{in: data}
	choices := false
	ok := p.object(func(key []byte) bool {
		switch string(key) {
		case "choices":
			if choices {
				return false
			}
			choices = true
			return d.choices(&p)
		case "error", "usage":
			return p.null()
		}
		return p.skip(0)
	})
	return ok && choices && p.end()
}

func (d *delta) choices(p *scanner) bool {
	if !p.take('[') {
		return false
	}
	seen := false
	return p.object(func(key []byte) bool {
		switch string(key) {
		case "delta":
			if seen {
				return false
			}
			seen = true
			return p.object(func(key []byte) bool { return d.member(p, key) })
		case "finish_reason":
			if p.null() {
				return d.finish == ""
			}
			var ok bool
			d.finish, ok = p.text()
			return ok
		case "message":
			return false
		}
		return p.skip(0)
	}) && seen && p.take(']')
}

func (d *delta) member(p *scanner, key []byte) (ok bool) {
	switch string(key) {
	case "content":
		if p.null() {
			return d.text == ""
		}
		d.text, ok = p.text()
		return ok
	case "reasoning_content":
		if p.null() {
			return d.thinking == ""
		}
		d.thinking, ok = p.text()
		return ok
	case "refusal", "tool_calls":
		return p.null()
	}
	return p.skip(0)
}

// A scanner moves over JSON. Every method reports false where the input is not
// what it expects; the scanner is then of no more use.
type scanner struct {
	in []byte
	at int
}

func (p *scanner) space() {
	for p.at < len(p.in) && (p.in[p.at] == ' ' || p.in[p.at] == '\n' || p.in[p.at] == '\t' || p.in[p.at] == '\r') {
		p.at++
	}
}

func (p *scanner) peek() byte {
	p.space()
	if p.at == len(p.in) {
		return 0
	}
	return p.in[p.at]
}

func (p *scanner) take(c byte) bool {
	if p.peek() != c || c == 0 {
		return false
	}
	p.at++
	return true
}

func (p *scanner) end() bool { p.space(); return p.at == len(p.in) }

func (p *scanner) word(w string) bool {
	p.space()
	if !bytes.HasPrefix(p.in[p.at:], []byte(w)) {
		return false
	}
	p.at += len(w)
	return true
}

func (p *scanner) null() bool { return p.word("null") }

// object calls member for each key, which is of small letters and "_" only:
// encoding/json takes keys in any case and with escapes.
func (p *scanner) object(member func(key []byte) bool) bool {
	if !p.take('{') {
		return false
	}
	if p.take('}') {
		return true
	}
	for {
		key, plain := p.str()
		if key == nil || !plain || !smallKey(key) || !p.take(':') || !member(key) {
			return false
		}
		if p.take('}') {
			return true
		}
		if !p.take(',') {
			return false
		}
	}
}

func smallKey(key []byte) bool {
	for _, c := range key {
		if (c < 'a' || c > 'z') && c != '_' && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// str returns what stands between the quotes of a string, or nil if there is
// none; plain says that it has no escape.
func (p *scanner) str() (body []byte, plain bool) {
	if !p.take('"') {
		return nil, false
	}
	start := p.at
	plain = true
	for ; p.at < len(p.in); p.at++ {
		switch c := p.in[p.at]; {
		case c == '"':
			p.at++
			return p.in[start : p.at-1 : p.at-1], plain
		case c < ' ':
			return nil, false
		case c == '\\':
			plain = false
			if !p.escape() {
				return nil, false
			}
		}
	}
	return nil, false
}

// escape moves to the last byte of an escape sequence.
func (p *scanner) escape() bool {
	p.at++
	if p.at >= len(p.in) {
		return false
	}
	if p.in[p.at] != 'u' {
		return bytes.IndexByte([]byte(`"\/bfnrt`), p.in[p.at]) >= 0
	}
	if p.at+4 >= len(p.in) {
		return false
	}
	if _, err := strconv.ParseUint(string(p.in[p.at+1:p.at+5]), 16, 16); err != nil {
		return false
	}
	p.at += 4
	return true
}

// text returns a string. Escapes by number and invalid UTF-8 are left to slow.
func (p *scanner) text() (string, bool) {
	body, plain := p.str()
	if body == nil || !utf8.Valid(body) {
		return "", false
	}
	if plain {
		return string(body), true
	}
	if bytes.Contains(body, []byte(`\u`)) {
		return "", false
	}
	return unescape(body), true
}

func unescape(body []byte) string {
	out := make([]byte, 0, len(body))
	for i := 0; i < len(body); i++ {
		c := body[i]
		if c == '\\' {
			i++
			switch c = body[i]; c {
			case 'b':
				c = '\b'
			case 'f':
				c = '\f'
			case 'n':
				c = '\n'
			case 'r':
				c = '\r'
			case 't':
				c = '\t'
			}
		}
		out = append(out, c)
	}
	return string(out)
}

// skip moves over any value, nested at most 16 deep.
func (p *scanner) skip(depth int) bool {
	switch c := p.peek(); {
	case c == '"':
		body, _ := p.str()
		return body != nil
	case c == 'n':
		return p.null()
	case c == 't':
		return p.word("true")
	case c == 'f':
		return p.word("false")
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	case depth > 16:
		return false
	case c == '{':
		return p.object(func([]byte) bool { return p.skip(depth + 1) })
	case c == '[':
		return p.array(depth)
	}
	return false
}

func (p *scanner) array(depth int) bool {
	p.at++
	if p.take(']') {
		return true
	}
	for p.skip(depth + 1) {
		if p.take(']') {
			return true
		}
		if !p.take(',') {
			return false
		}
	}
	return false
}

func (p *scanner) number() bool {
	if p.in[p.at] == '-' {
		p.at++
	}
	switch {
	case p.at < len(p.in) && p.in[p.at] == '0':
		p.at++
	case !p.digits():
		return false
	}
	if p.at < len(p.in) && p.in[p.at] == '.' {
		p.at++
		if !p.digits() {
			return false
		}
	}
	if p.at < len(p.in) && p.in[p.at]|0x20 == 'e' {
		p.at++
		if p.at < len(p.in) && (p.in[p.at] == '+' || p.in[p.at] == '-') {
			p.at++
		}
		return p.digits()
	}
	return true
}

func (p *scanner) digits() bool {
	start := p.at
	for p.at < len(p.in) && p.in[p.at] >= '0' && p.in[p.at] <= '9' {
		p.at++
	}
	return p.at > start
}
