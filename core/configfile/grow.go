package configfile

import (
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/config"
)

// grower turns the nodes of one file into values, within the limits: a format
// may share nodes, or be somebody else's.
type grower struct {
	path  string
	layer Layer
	nodes int
}

func (g *grower) grow(n *config.Node, key string, depth int) (*value, error) {
	if n == nil {
		return nil, g.fault(&config.Node{}, key, "the format returned no node")
	}
	if depth > MaxDepth {
		return nil, g.fault(n, key, fmt.Sprintf("deeper than %d levels", MaxDepth))
	}
	if g.nodes++; g.nodes > MaxNodes {
		return nil, g.fault(n, key, fmt.Sprintf("more than %d values", MaxNodes))
	}
	v := &value{origin: origin{source: g.path, line: n.Line, layer: g.layer}, kind: n.Type}
	switch n.Type {
	case config.Scalar:
		return v, g.scalar(v, n, key)
	case config.List:
		return v, g.list(v, n, key, depth)
	case config.Map:
		return v, g.mapping(v, n, key, depth)
	default:
		return nil, g.fault(n, key, fmt.Sprintf("the format returned a node of type %d", n.Type))
	}
}

func (g *grower) scalar(v *value, n *config.Node, key string) error {
	switch n.Scalar.(type) {
	case nil, string, bool, int64, float64:
		v.scalar = n.Scalar
		return nil
	default:
		return g.fault(n, key, fmt.Sprintf("the format returned a %T", n.Scalar))
	}
}

func (g *grower) list(v *value, n *config.Node, key string, depth int) error {
	v.list = make([]*value, len(n.List))
	for i, e := range n.List {
		child, err := g.grow(e, fmt.Sprintf("%s[%d]", key, i), depth+1)
		if err != nil {
			return err
		}
		v.list[i] = child
	}
	return nil
}

func (g *grower) mapping(v *value, n *config.Node, key string, depth int) error {
	v.keys = make(map[string]*value, len(n.Map))
	for _, e := range n.Map {
		name := join(key, e.Key)
		if v.keys[e.Key] != nil {
			return g.fault(&config.Node{Line: e.Line}, name, "given twice")
		}
		child, err := g.grow(e.Value, name, depth+1)
		if err != nil {
			return err
		}
		if e.Line > 0 {
			child.line = e.Line // people look for the key, not for where its block begins
		}
		v.keys[e.Key] = child
	}
	return nil
}

func (g *grower) fault(n *config.Node, key, problem string) error {
	return &config.KeyError{Source: g.path, Line: n.Line, Key: key, Problem: problem, Sentinel: config.ErrSyntax}
}
