package tomlconfig

import (
	"fmt"
	"sort"

	"github.com/pelletier/go-toml/v2/unstable"

	"github.com/lexigram/lexigram-go/contracts/config"
)

// reader builds the tree of a document from the parser's expressions. What may
// be defined where, and once, is decided here and not by the module's decoder,
// which keeps neither lines nor the order of keys and takes a time that grows
// with the square of their number.
type reader struct {
	data   []byte
	parser unstable.Parser
	breaks []int // offsets of line breaks
	root   *config.Node
	table  place // to which keys belong
	facts  map[*config.Node]*fact
	nodes  int
}

// A fact is what is known of a mapping or list beside what is in it.
type fact struct {
	how  how
	keys map[string]*config.Node
}

// how a mapping or list was defined.
type how uint8

const (
	implied how = iota // on the way to a [header]
	headed             // by a [header] of its own, or as the root
	dotted             // on the way of a dotted key
	tables             // a list, by a [[header]]
	inline             // as a value, to which nothing is added
)

// A place is a mapping or list and where it is.
type place struct {
	node  *config.Node
	key   string
	depth int
}

func newReader(data []byte) *reader {
	r := &reader{data: data, root: &config.Node{Type: config.Map, Line: 1}, facts: map[*config.Node]*fact{}}
	for i, b := range data {
		if b == '\n' {
			r.breaks = append(r.breaks, i)
		}
	}
	r.facts[r.root] = &fact{how: headed}
	r.table = place{node: r.root}
	r.parser.Reset(data)
	return r
}

func (r *reader) lineAt(offset int) int { return 1 + sort.SearchInts(r.breaks, offset) }

// line returns where a node begins; one that does not say stands on line at.
func (r *reader) line(n *unstable.Node, at int) int {
	if n.Raw.Length == 0 {
		return at
	}
	return r.lineAt(int(n.Raw.Offset))
}

func (r *reader) document() error {
	for r.parser.NextExpression() {
		var err error
		switch e := r.parser.Expression(); e.Kind {
		case unstable.KeyValue:
			err = r.keyValue(r.table, e)
		case unstable.Table, unstable.ArrayTable:
			err = r.header(e)
		}
		if err != nil {
			return err
		}
	}
	return r.parser.Error()
}

// made counts a new node, within the limits.
func (r *reader) made(n *config.Node, h how, at place) error {
	if r.nodes++; r.nodes > MaxNodes {
		return malformed(n.Line, at.key, fmt.Sprintf("more than %d values", MaxNodes))
	}
	if at.depth > MaxDepth {
		return malformed(n.Line, at.key, fmt.Sprintf("deeper than %d levels", MaxDepth))
	}
	if n.Type != config.Scalar {
		r.facts[n] = &fact{how: h}
	}
	return nil
}

// child returns the place of a name in a mapping; its node is nil if there is none.
func (r *reader) child(in place, name string) place {
	return place{r.facts[in.node].keys[name], join(in.key, name), in.depth + 1}
}

// add gives a mapping a further key and returns its place.
func (r *reader) add(in place, name string, n *config.Node, h how) (place, error) {
	at := r.child(in, name)
	at.node = n
	if err := r.made(n, h, at); err != nil {
		return at, err
	}
	in.node.Map = append(in.node.Map, config.Entry{Key: name, Line: n.Line, Value: n})
	f := r.facts[in.node]
	if f.keys == nil {
		f.keys = map[string]*config.Node{}
	}
	f.keys[name] = n
	return at, nil
}

// header makes the table of a [header], or a further one of a [[header]], the one
// to which keys belong.
func (r *reader) header(e *unstable.Node) error {
	at, err := place{node: r.root}, error(nil)
	for it := e.Key(); it.Next(); {
		name, line := string(it.Node().Data), r.line(it.Node(), 1)
		switch {
		case !it.IsLast():
			at, err = r.through(at, name, line)
		case e.Kind == unstable.Table:
			at, err = r.define(at, name, line)
		default:
			at, err = r.further(at, name, line)
		}
		if err != nil {
			return err
		}
	}
	r.table = at
	return nil
}

// through goes on to a table on the way of a header: in an array of tables to
// its last one.
func (r *reader) through(in place, name string, line int) (place, error) {
	at := r.child(in, name)
	if at.node == nil {
		return r.add(in, name, &config.Node{Type: config.Map, Line: line}, implied)
	}
	f := r.facts[at.node]
	if f == nil || f.how == inline {
		return at, malformed(line, at.key, "is a value, so it cannot be a table")
	}
	if f.how == tables {
		return last(at), nil
	}
	return at, nil
}

// last returns the last element of a list.
func last(list place) place {
	i := len(list.node.List) - 1
	return place{list.node.List[i], fmt.Sprintf("%s[%d]", list.key, i), list.depth + 1}
}

func (r *reader) define(in place, name string, line int) (place, error) {
	at := r.child(in, name)
	if at.node == nil {
		return r.add(in, name, &config.Node{Type: config.Map, Line: line}, headed)
	}
	f := r.facts[at.node]
	if f == nil || f.how != implied {
		return at, malformed(line, at.key, "given twice")
	}
	f.how = headed
	return at, nil
}

func (r *reader) further(in place, name string, line int) (place, error) {
	list := r.child(in, name)
	if list.node == nil {
		var err error
		if list, err = r.add(in, name, &config.Node{Type: config.List, Line: line}, tables); err != nil {
			return list, err
		}
	}
	if f := r.facts[list.node]; f == nil || f.how != tables {
		return list, malformed(line, list.key, "given twice, and not as [["+list.key+"]] before")
	}
	list.node.List = append(list.node.List, &config.Node{Type: config.Map, Line: line})
	at := last(list)
	return at, r.made(at.node, headed, at)
}

// keyValue adds a value to a table.
func (r *reader) keyValue(table place, e *unstable.Node) error {
	at := table
	for it := e.Key(); it.Next(); {
		name, line := string(it.Node().Data), r.line(it.Node(), at.node.Line)
		next := r.child(at, name)
		var err error
		switch {
		case it.IsLast() && next.node != nil:
			err = malformed(line, next.key, "given twice")
		case it.IsLast():
			err = r.assign(at, name, e.Value(), line)
		case next.node == nil:
			next, err = r.add(at, name, &config.Node{Type: config.Map, Line: line}, dotted)
		case r.facts[next.node] == nil || r.facts[next.node].how != dotted:
			err = malformed(line, next.key, "given twice")
		}
		if err != nil {
			return err
		}
		at = next
	}
	return nil
}

func (r *reader) assign(in place, name string, v *unstable.Node, line int) error {
	n := &config.Node{Line: r.line(v, line)}
	at, err := r.add(in, name, n, inline)
	if err != nil {
		return err
	}
	in.node.Map[len(in.node.Map)-1].Line = line
	return r.value(at, v)
}

// value fills the node at a place.
func (r *reader) value(at place, v *unstable.Node) error {
	n := at.node
	switch v.Kind {
	case unstable.Array:
		n.Type = config.List
		for it := v.Children(); it.Next(); {
			e := &config.Node{Line: r.line(it.Node(), n.Line)}
			n.List = append(n.List, e)
			element := last(at)
			if err := r.made(e, inline, element); err != nil {
				return err
			}
			if err := r.value(element, it.Node()); err != nil {
				return err
			}
		}
	case unstable.InlineTable:
		n.Type = config.Map
		r.facts[n] = &fact{how: dotted} // while it is open, dotted keys go on in it
		for it := v.Children(); it.Next(); {
			if err := r.keyValue(at, it.Node()); err != nil {
				return err
			}
		}
		r.facts[n].how = inline
	default:
		value, problem := scalar(v)
		if problem != "" {
			return malformed(n.Line, at.key, problem)
		}
		n.Scalar = value
	}
	if v.Kind == unstable.Array {
		r.facts[n] = &fact{how: inline}
	}
	return nil
}

func join(key, name string) string {
	if key == "" {
		return name
	}
	return key + "." + name
}
