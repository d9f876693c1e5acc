package configtest

import (
	"bytes"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/config"
)

// lineFormat is the smallest format that keeps every rule: a line is
// "dotted.key type text"; lists are written out.
type lineFormat struct{}

func (lineFormat) Extensions() []string { return []string{".lines"} }

var lineSamples = Samples{
	Values: []byte("# sample\n" +
		"text str hello\ndigits str 8080\nyes bool true\nno bool false\nport int 8080\nlarge int 9007199254740993\n" +
		"ratio float 0.5\nnone null\nlist list\nnested.a.b str ü\n"),
	Begins:    2,
	Duplicate: []byte("a.c str x\na.b str x\na.b str y\n"),
	Malformed: [][]byte{[]byte("text"), []byte("port int x")},
	Refused:   [][]byte{[]byte("ratio float inf"), []byte("date date 2026-01-02")},
	Empty:     [][]byte{[]byte("\n"), []byte("# nothing")},
}

func (lineFormat) Parse(data []byte) (*config.Node, error) {
	root := &config.Node{Type: config.Map, Line: 1}
	line := 0
	for text := range strings.SplitSeq(string(data), "\n") {
		if line++; text == "" || text[0] == '#' {
			continue
		}
		key, rest, _ := strings.Cut(text, " ")
		typ, val, _ := strings.Cut(rest, " ")
		n := &config.Node{Line: line}
		if problem := lineValue(n, typ, val); problem != "" {
			return nil, lineError(line, key, problem)
		}
		if !put(root, strings.Split(key, "."), n) {
			return nil, lineError(line, key, "given twice")
		}
	}
	return root, nil
}

func lineError(line int, key, problem string) error {
	return &config.KeyError{Line: line, Key: key, Problem: problem, Sentinel: config.ErrSyntax}
}

func lineValue(n *config.Node, typ, val string) (problem string) {
	var err error
	switch typ {
	case "str":
		n.Scalar = val
	case "bool":
		n.Scalar = val == "true"
	case "int":
		n.Scalar, err = strconv.ParseInt(val, 10, 64)
	case "float":
		var f float64
		f, err = strconv.ParseFloat(val, 64)
		if f-f != 0 {
			return "not finite"
		}
		n.Scalar = f
	case "null":
	case "list": // there is only one
		n.Type = config.List
		leaf := func(v any) *config.Node { return &config.Node{Line: n.Line, Scalar: v} }
		n.List = []*config.Node{leaf(int64(1)), leaf("two"), {Type: config.List, Line: n.Line, List: []*config.Node{leaf(int64(3))}}}
	default:
		return "no such type"
	}
	if err != nil {
		return "no number"
	}
	return ""
}

// put reports whether the key was free.
func put(n *config.Node, path []string, leaf *config.Node) bool {
	for i, e := range n.Map {
		if e.Key == path[0] {
			return len(path) > 1 && e.Value.Type == config.Map && put(n.Map[i].Value, path[1:], leaf)
		}
	}
	if len(path) > 1 {
		inner := &config.Node{Type: config.Map, Line: leaf.Line}
		put(inner, path[1:], leaf)
		leaf = inner
	}
	n.Map = append(n.Map, config.Entry{Key: path[0], Line: leaf.Line, Value: leaf})
	return true
}

func TestGoodFormat(t *testing.T) { RunFormat(t, lineFormat{}, lineSamples) }

func FuzzGoodFormat(f *testing.F) { Fuzz(f, lineFormat{}, lineSamples) }

// broken is lineFormat with one fault.
type broken struct {
	lineFormat
	extensions []string
	parse      func(data []byte) (*config.Node, error)
}

func (b broken) Extensions() []string {
	if b.extensions != nil {
		return b.extensions
	}
	return b.lineFormat.Extensions()
}

func (b broken) Parse(data []byte) (*config.Node, error) {
	if b.parse != nil {
		return b.parse(data)
	}
	return b.lineFormat.Parse(data)
}

// after changes what the good format returns.
func after(change func(root *config.Node, err error) (*config.Node, error)) broken {
	return broken{parse: func(data []byte) (*config.Node, error) { return change(lineFormat{}.Parse(data)) }}
}

func TestBrokenFormat(t *testing.T) {
	var inside atomic.Int64
	faults := map[string]config.Format{
		"extensions": broken{extensions: []string{"lines"}},
		"values": after(func(root *config.Node, err error) (*config.Node, error) {
			if err == nil && len(root.Map) > 5 {
				root.Map[5].Value.Scalar = int64(float64(root.Map[5].Value.Scalar.(int64))) // through a float
			}
			return root, err
		}),
		"order": after(func(root *config.Node, err error) (*config.Node, error) {
			if err == nil && len(root.Map) > 1 {
				root.Map[0], root.Map[1] = root.Map[1], root.Map[0]
			}
			return root, err
		}),
		"lines": after(func(root *config.Node, err error) (*config.Node, error) {
			if err == nil && len(root.Map) > 1 {
				root.Map[1].Line--
			}
			return root, err
		}),
		"duplicate": broken{parse: func(data []byte) (*config.Node, error) {
			root, err := lineFormat{}.Parse(data)
			if err != nil && strings.Contains(err.Error(), "twice") { // the first one wins
				return lineFormat{}.Parse(data[:bytes.LastIndexByte(bytes.TrimSpace(data), '\n')])
			}
			return root, err
		}},
		"malformed": after(func(root *config.Node, err error) (*config.Node, error) {
			if err != nil {
				return &config.Node{Type: config.Map, Line: 1}, nil // keeps what it understood
			}
			return root, nil
		}),
		"refused": broken{parse: func(data []byte) (*config.Node, error) {
			return lineFormat{}.Parse(bytes.ReplaceAll(data, []byte(" date "), []byte(" str ")))
		}},
		"empty": after(func(root *config.Node, err error) (*config.Node, error) {
			if err == nil && len(root.Map) == 0 {
				return nil, lineError(1, "", "empty")
			}
			return root, err
		}),
		"hostile input": broken{parse: func(data []byte) (*config.Node, error) {
			if bytes.HasSuffix(data, []byte("\xff")) || bytes.IndexByte(data, 0) >= 0 {
				panic("index out of range")
			}
			return lineFormat{}.Parse(data)
		}},
		"document is the caller's": broken{parse: func(data []byte) (*config.Node, error) {
			root, err := lineFormat{}.Parse(data)
			if len(data) > 0 {
				data[0] = ' ' // a parser that uses the document as its scratch space
			}
			return root, err
		}},
		"concurrent use": broken{parse: func(data []byte) (*config.Node, error) {
			defer inside.Add(-1)
			if inside.Add(1) > 1 {
				return nil, lineError(1, "", "busy")
			}
			time.Sleep(time.Microsecond)
			return lineFormat{}.Parse(data)
		}},
	}
	for _, r := range formatRules {
		f, ok := faults[r.name]
		if !ok {
			t.Errorf("rule %q: no format breaks it, so nothing shows that its check works", r.name)
			continue
		}
		samples := lineSamples
		samples.Values = bytes.Clone(lineSamples.Values)
		if err := r.check(f, samples); err == nil {
			t.Errorf("rule %q: the format that breaks it passed", r.name)
		}
	}
}
