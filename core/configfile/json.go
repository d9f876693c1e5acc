package configfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/lexigram/lexigram-go/contracts/config"
)

// JSON reads ".json" files: RFC 8259, without comments. A number is an int64 if
// it is written as one, else a float64; one that does not fit is refused. The
// zero value is ready to use and safe for concurrent use.
type JSON struct{}

var _ config.Format = JSON{}

// Extensions returns ".json".
func (JSON) Extensions() []string { return []string{".json"} }

// Parse reads one document; see [config.Format].
func (JSON) Parse(data []byte) (*config.Node, error) {
	if !utf8.Valid(data) {
		return nil, malformed(lineAt(data, invalidAt(data)), "", "is not UTF-8")
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return &config.Node{Type: config.Map, Line: 1}, nil
	}
	var raw json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		at := len(data)
		if s, ok := errors.AsType[*json.SyntaxError](err); ok {
			at = int(s.Offset)
		}
		return nil, malformed(lineAt(data, max(0, at-1)), "", err.Error())
	}
	p := jsonParser{data: data, dec: json.NewDecoder(bytes.NewReader(data)), line: 1}
	p.dec.UseNumber()
	root, err := p.value("", 0)
	if err == nil && root.Type != config.Map {
		err = malformed(root.Line, "", "the document is not an object")
	}
	if err != nil {
		return nil, err
	}
	return root, nil
}

// jsonParser reads tokens of a document whose syntax is known to be right.
type jsonParser struct {
	data   []byte
	dec    *json.Decoder
	offset int // up to which line was counted
	line   int
}

func (p *jsonParser) token() (json.Token, error) {
	tok, err := p.dec.Token()
	if err != nil {
		return nil, malformed(p.line, "", err.Error())
	}
	at := int(p.dec.InputOffset())
	p.line += bytes.Count(p.data[p.offset:at], []byte("\n")) // a token holds no line break
	p.offset = at
	return tok, nil
}

func (p *jsonParser) value(key string, depth int) (*config.Node, error) {
	tok, err := p.token()
	if err != nil {
		return nil, err
	}
	n := &config.Node{Line: p.line}
	if depth > MaxDepth {
		return nil, malformed(p.line, key, fmt.Sprintf("deeper than %d levels", MaxDepth))
	}
	switch tok := tok.(type) {
	case json.Delim:
		if tok == '{' {
			n.Type = config.Map
			return n, p.object(n, key, depth)
		}
		n.Type = config.List
		return n, p.array(n, key, depth)
	case json.Number:
		n.Scalar, err = number(tok.String())
		if err != nil {
			return nil, malformed(p.line, key, err.Error())
		}
	default:
		n.Scalar = tok
	}
	return n, nil
}

func (p *jsonParser) object(n *config.Node, key string, depth int) error {
	seen := map[string]bool{}
	for p.dec.More() {
		tok, err := p.token()
		if err != nil {
			return err
		}
		name, _ := tok.(string) // the syntax was checked
		e := config.Entry{Key: name, Line: p.line}
		if seen[name] {
			return malformed(p.line, join(key, name), "given twice")
		}
		seen[name] = true
		if e.Value, err = p.value(join(key, name), depth+1); err != nil {
			return err
		}
		n.Map = append(n.Map, e)
	}
	_, err := p.token()
	return err
}

func (p *jsonParser) array(n *config.Node, key string, depth int) error {
	for p.dec.More() {
		e, err := p.value(fmt.Sprintf("%s[%d]", key, len(n.List)), depth+1)
		if err != nil {
			return err
		}
		n.List = append(n.List, e)
	}
	_, err := p.token()
	return err
}

// number reads an integer as one, so that large ones are not rounded.
func number(s string) (any, error) {
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		return i, nil
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || bytes.IndexAny([]byte(s), ".eE") < 0 {
		return nil, errors.New("is too large a number")
	}
	return f, nil
}

func malformed(line int, key, problem string) error {
	return &config.KeyError{Line: line, Key: key, Problem: problem, Sentinel: config.ErrSyntax}
}

func lineAt(data []byte, offset int) int {
	return 1 + bytes.Count(data[:min(offset, len(data))], []byte("\n"))
}

// invalidAt returns where data stops being UTF-8.
func invalidAt(data []byte) int {
	at := 0
	for at < len(data) {
		r, size := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	return at
}
