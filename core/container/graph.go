package container

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/di"
)

// A Graph is who registered what, and who needs it. It is a copy: the caller owns it.
type Graph struct {
	// Nodes are the services in the order of registration, then the consumers
	// in the order of their declaration.
	Nodes []Node
}

// A Node is a service, or a [Consumer] if Key is zero.
type Node struct {
	Key      di.Key
	Lifetime di.Lifetime
	Module   string // "" is the application itself
	Provider string // "" if unknown
	Exported bool
	Needs    []int // indexes of Nodes, in the order of the declared needs
	Collects []int // indexes of Nodes that needs named "*" stand for
}

// Graph returns the frozen graph. Of a container that is not frozen, or
// closed, it is empty.
func (c *Container) Graph() Graph {
	g := c.live.Load()
	if g == nil {
		return Graph{}
	}
	index := make(map[*entry]int, len(g.entries))
	for i, e := range g.entries {
		index[e] = i
	}
	edges := func(n *Node, deps []dep) {
		for _, d := range deps {
			to := &n.Needs
			if d.key.Name == "*" {
				to = &n.Collects
			}
			for _, e := range d.entries {
				*to = append(*to, index[e])
			}
		}
	}
	nodes := make([]Node, 0, len(g.entries)+len(c.consumers)) // consumers do not change once frozen
	for _, e := range g.entries {
		n := Node{
			Key: e.reg.Key, Lifetime: e.reg.Lifetime, Module: e.module.name, Provider: e.provider,
			Exported: e.module.exportsKey(e.reg.Key),
		}
		edges(&n, e.deps)
		nodes = append(nodes, n)
	}
	for _, u := range c.consumers {
		n := Node{Module: u.m.name, Provider: u.provider}
		edges(&n, u.deps)
		nodes = append(nodes, n)
	}
	return Graph{Nodes: nodes}
}

// String returns the frozen graph as text; see [Graph.String].
func (c *Container) String() string { return c.Graph().String() }

var lifetimes = [...]string{di.SingletonLifetime: "singleton", di.ScopedLifetime: "scoped", di.TransientLifetime: "transient"}

// label names the node.
func (n Node) label() string {
	if n.Key.Type == nil {
		return "boot of " + n.Provider
	}
	return n.Key.String()
}

// String returns the graph as text for people: a line for each node, under its
// module, and what it needs.
func (g Graph) String() string {
	var b strings.Builder
	for _, m := range g.modules() {
		if m == "" {
			b.WriteString("application\n")
		} else {
			b.WriteString("module " + m + "\n")
		}
		for _, n := range g.Nodes {
			if n.Module == m {
				g.line(&b, n)
			}
		}
	}
	return b.String()
}

func (g Graph) line(b *strings.Builder, n Node) {
	b.WriteString("  " + n.label())
	if n.Key.Type != nil {
		b.WriteString(" " + lifetimes[n.Lifetime])
		if !n.Exported {
			b.WriteString(" private")
		}
		if n.Provider != "" {
			b.WriteString(" by " + n.Provider)
		}
	}
	for i, to := range slices.Concat(n.Needs, n.Collects) {
		if i == 0 {
			b.WriteString(" <- ")
		} else {
			b.WriteString(", ")
		}
		b.WriteString(g.Nodes[to].label())
	}
	b.WriteByte('\n')
}

// modules returns the names of modules in the order of their first node.
func (g Graph) modules() []string {
	var names []string
	seen := map[string]bool{}
	for _, n := range g.Nodes {
		if !seen[n.Module] {
			seen[n.Module] = true
			names = append(names, n.Module)
		}
	}
	return names
}

// DOT returns the graph in the language of Graphviz: a cluster for each module,
// an arrow from who needs to what is needed, dashed where it is collected.
func (g Graph) DOT() string {
	var b strings.Builder
	b.WriteString("digraph services {\n\trankdir=LR;\n\tnode [shape=box];\n")
	for c, m := range g.modules() {
		fmt.Fprintf(&b, "\tsubgraph cluster_%d {\n\t\tlabel=%s;\n", c, strconv.Quote(m))
		for i, n := range g.Nodes {
			if n.Module != m {
				continue
			}
			style := ""
			switch {
			case n.Key.Type == nil:
				style = ", shape=ellipse"
			case !n.Exported:
				style = ", style=dashed"
			}
			fmt.Fprintf(&b, "\t\tn%d [label=%s%s];\n", i, strconv.Quote(n.label()), style)
		}
		b.WriteString("\t}\n")
	}
	for i, n := range g.Nodes {
		for _, to := range n.Needs {
			fmt.Fprintf(&b, "\tn%d -> n%d;\n", i, to)
		}
		for _, to := range n.Collects {
			fmt.Fprintf(&b, "\tn%d -> n%d [style=dashed];\n", i, to)
		}
	}
	b.WriteString("}\n")
	return b.String()
}
