package container

import (
	"fmt"
	"strconv"
	"strings"
)

// DOT returns the graph in the language of Graphviz: a cluster for each module,
// an arrow from who needs to what is needed, dotted where the need is optional
// and dashed where it is collected. What is private has a dashed frame.
func (g Graph) DOT() string {
	var b strings.Builder
	b.WriteString("digraph services {\n\trankdir=LR;\n\tnode [shape=box];\n")
	for at, c := range g.modules() {
		fmt.Fprintf(&b, "\tsubgraph cluster_%d {\n\t\tlabel=%s;\n", at, dotText(c.title()))
		for _, i := range c.nodes {
			style := ""
			switch n := g.Nodes[i]; {
			case n.Key.Type == nil:
				style = ", shape=ellipse"
			case !n.Exported:
				style = ", style=dashed"
			}
			fmt.Fprintf(&b, "\t\tn%d [label=%s%s];\n", i, dotText(g.Nodes[i].label()), style)
		}
		b.WriteString("\t}\n")
	}
	style := [...]string{needed: "", optionally: " [style=dotted]", collected: " [style=dashed]"}
	g.edges(func(from, to int, how edge) { fmt.Fprintf(&b, "\tn%d -> n%d%s;\n", from, to, style[how]) })
	b.WriteString("}\n")
	return b.String()
}

func dotText(s string) string { return strconv.Quote(printable(s)) }
