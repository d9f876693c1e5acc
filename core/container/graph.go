package container

import (
	"slices"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/di"
)

// A Graph is who registered what, and who needs it. It is a copy: the caller owns it.
type Graph struct {
	// Nodes are the services in the order of registration, then the consumers
	// and units in the order of their declaration, then what those need of a
	// parent of the container.
	Nodes []Node
}

// A Node is a service, or, if Key is zero, a [Consumer] or [Unit].
type Node struct {
	Key       di.Key
	Lifetime  di.Lifetime
	Module    string // "" is the application itself
	Provider  string // "" if unknown; the name of a unit of the application
	Exported  bool
	Unit      bool  // a [Unit]
	Inherited bool  // of a parent
	Needs     []int // indexes of Nodes, in the order of the declared needs
	Optional  []int // those of Needs that might be absent
	Collects  []int // indexes of Nodes that needs named "*" stand for
}

// Graph returns the frozen graph. Of a container that is not frozen, or
// closed, it is empty.
func (c *Container) Graph() Graph {
	g := c.live.Load()
	if g == nil {
		return Graph{}
	}
	d := drawing{index: make(map[*entry]int, len(g.entries))}
	for _, e := range g.entries {
		d.add(e, false)
	}
	for i, e := range g.entries {
		d.connect(i, e.deps)
	}
	for _, u := range c.consumers { // they do not change once frozen
		d.nodes = append(d.nodes, Node{Module: u.m.name, Provider: u.provider, Unit: u.unit})
		d.connect(len(d.nodes)-1, u.deps)
	}
	return Graph{Nodes: d.inherit()}
}

// A drawing is a graph that is being copied.
type drawing struct {
	nodes   []Node
	index   map[*entry]int
	pending []*entry // inherited ones that have a node without needs
}

func (d *drawing) add(e *entry, inherited bool) int {
	d.index[e] = len(d.nodes)
	d.nodes = append(d.nodes, Node{
		Key: e.reg.Key, Lifetime: e.reg.Lifetime, Module: e.module.name, Provider: e.provider,
		Exported: e.module.exportsKey(e.reg.Key), Inherited: inherited,
	})
	return d.index[e]
}

// connect draws what node i needs.
func (d *drawing) connect(i int, deps []dep) {
	for _, dep := range deps {
		for _, e := range dep.entries {
			to, ok := d.index[e]
			if !ok {
				to = d.add(e, true)
				d.pending = append(d.pending, e)
			}
			n := &d.nodes[i]
			if dep.key.Name == "*" {
				n.Collects = append(n.Collects, to)
				continue
			}
			n.Needs = append(n.Needs, to)
			if dep.optional {
				n.Optional = append(n.Optional, to)
			}
		}
	}
}

// inherit draws what the inherited ones need, and returns the nodes. It moves
// them behind the others, where they were met before these.
func (d *drawing) inherit() []Node {
	for len(d.pending) > 0 {
		e := d.pending[0]
		d.pending = d.pending[1:]
		d.connect(d.index[e], e.deps)
	}
	order := make([]int, len(d.nodes)) // old indexes in the new order
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return rank(d.nodes[a]) - rank(d.nodes[b]) })
	moved := make([]int, len(order))
	nodes := make([]Node, len(order))
	for now, was := range order {
		moved[was], nodes[now] = now, d.nodes[was]
	}
	for _, n := range nodes {
		for _, list := range [][]int{n.Needs, n.Optional, n.Collects} {
			for i, to := range list {
				list[i] = moved[to]
			}
		}
	}
	return nodes
}

func rank(n Node) int {
	if n.Inherited {
		return 1
	}
	return 0
}

// String returns the frozen graph as text; see [Graph.String].
func (c *Container) String() string { return c.Graph().String() }

var lifetimes = [...]string{di.SingletonLifetime: "singleton", di.ScopedLifetime: "scoped", di.TransientLifetime: "transient"}

// kind says what the node is.
func (n Node) kind() string {
	switch {
	case n.Key.Type != nil:
		return "service"
	case n.Unit:
		return "unit"
	default:
		return "boot"
	}
}

// label names the node.
func (n Node) label() string {
	switch n.kind() {
	case "unit":
		return "unit " + printable(n.Provider)
	case "boot":
		return "boot of " + printable(n.Provider)
	default:
		return n.Key.String()
	}
}

// String returns the graph as text for people: a line for each node, under its
// module, and what it needs.
func (g Graph) String() string {
	var b strings.Builder
	for _, m := range g.modules() {
		b.WriteString(m.title() + "\n")
		for _, i := range m.nodes {
			g.line(&b, g.Nodes[i])
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
			b.WriteString(" by " + printable(n.Provider))
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

// A cluster is the nodes of one module.
type cluster struct {
	name      string // "" is the application itself
	inherited bool
	nodes     []int // indexes
}

// title names the cluster for people.
func (c cluster) title() string {
	t := "module " + printable(c.name)
	if c.name == "" {
		t = "application"
	}
	if c.inherited {
		t += " of the parent"
	}
	return t
}

// modules returns the clusters in the order of their first node.
func (g Graph) modules() []*cluster {
	type id struct {
		name      string
		inherited bool
	}
	var all []*cluster
	seen := map[id]*cluster{}
	for i, n := range g.Nodes {
		c := seen[id{n.Module, n.Inherited}]
		if c == nil {
			c = &cluster{name: n.Module, inherited: n.Inherited}
			seen[id{n.Module, n.Inherited}] = c
			all = append(all, c)
		}
		c.nodes = append(c.nodes, i)
	}
	return all
}

// edges calls yield for each need, with how it was declared.
func (g Graph) edges(yield func(from, to int, how edge)) {
	for i, n := range g.Nodes {
		for _, to := range n.Needs {
			how := needed
			if slices.Contains(n.Optional, to) {
				how = optionally
			}
			yield(i, to, how)
		}
		for _, to := range n.Collects {
			yield(i, to, collected)
		}
	}
}

// An edge says how a need was declared.
type edge uint8

const (
	needed     edge = iota
	optionally      // with di.Optional
	collected       // with the name "*"
)
