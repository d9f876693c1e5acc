package yamlconfig

import (
	"fmt"
	"strconv"

	"go.yaml.in/yaml/v3"

	"github.com/lexigram/lexigram-go/contracts/config"
)

// Limits of a document.
const (
	MaxDepth = 64      // levels of mappings and lists
	MaxNodes = 1 << 16 // values, those that aliases repeat included
)

// converter turns the parser's nodes into those of the contract.
type converter struct {
	nodes int
	open  map[*yaml.Node]bool // anchored values that are being converted
}

func (c *converter) convert(n *yaml.Node, key string, depth int) (*config.Node, error) {
	if depth > MaxDepth {
		return nil, malformed(n.Line, key, fmt.Sprintf("deeper than %d levels", MaxDepth))
	}
	if c.nodes++; c.nodes > MaxNodes {
		return nil, malformed(n.Line, key, fmt.Sprintf("more than %d values, with what aliases repeat", MaxNodes))
	}
	if n.Anchor != "" {
		c.open[n] = true
		defer delete(c.open, n)
	}
	switch n.Kind {
	case yaml.ScalarNode:
		return c.scalar(n, key)
	case yaml.SequenceNode:
		return c.list(n, key, depth)
	case yaml.MappingNode:
		return c.mapping(n, key, depth)
	case yaml.AliasNode:
		return c.alias(n, key, depth)
	default:
		return nil, malformed(n.Line, key, "is nothing that configuration holds")
	}
}

func (c *converter) scalar(n *yaml.Node, key string) (*config.Node, error) {
	value, problem := resolve(n)
	if problem != "" {
		return nil, malformed(n.Line, key, problem)
	}
	return &config.Node{Line: n.Line, Scalar: value}, nil
}

func (c *converter) alias(n *yaml.Node, key string, depth int) (*config.Node, error) {
	if n.Alias == nil || c.open[n.Alias] {
		return nil, malformed(n.Line, key, "the alias *"+n.Value+" contains itself")
	}
	return c.convert(n.Alias, key, depth)
}

func (c *converter) list(n *yaml.Node, key string, depth int) (*config.Node, error) {
	if !tagIs(n, "!!seq") {
		return nil, malformed(n.Line, key, badTag(n))
	}
	out := &config.Node{Type: config.List, Line: n.Line}
	for i, e := range n.Content {
		child, err := c.convert(e, key+"["+strconv.Itoa(i)+"]", depth+1)
		if err != nil {
			return nil, err
		}
		out.List = append(out.List, child)
	}
	return out, nil
}

func (c *converter) mapping(n *yaml.Node, key string, depth int) (*config.Node, error) {
	if !tagIs(n, "!!map") {
		return nil, malformed(n.Line, key, badTag(n))
	}
	out := &config.Node{Type: config.Map, Line: n.Line}
	seen := make(map[string]bool, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		at := join(key, k.Value)
		if problem := keyProblem(k); problem != "" {
			return nil, malformed(k.Line, at, problem)
		}
		if seen[k.Value] {
			return nil, malformed(k.Line, at, "given twice")
		}
		seen[k.Value] = true
		child, err := c.convert(n.Content[i+1], at, depth+1)
		if err != nil {
			return nil, err
		}
		out.Map = append(out.Map, config.Entry{Key: k.Value, Line: k.Line, Value: child})
	}
	return out, nil
}

// keyProblem says why k cannot be a key. Scalars of every type can: 8080 is the
// key "8080".
func keyProblem(k *yaml.Node) string {
	switch {
	case k.Kind != yaml.ScalarNode:
		return "has a key that is not a word"
	case k.Style&yaml.TaggedStyle != 0 && k.ShortTag() != "!!str":
		return "has a key with " + tagOf(k)
	case k.Value == "<<" && plain(k):
		return "the merge key << is not supported: repeat the keys, or use another file or profile"
	case k.Value == "" && plain(k):
		return "has an empty key; write \"\" if you mean it"
	}
	return ""
}

func join(key, name string) string {
	if key == "" {
		return name
	}
	return key + "." + name
}
