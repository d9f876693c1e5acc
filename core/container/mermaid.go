package container

import (
	"fmt"
	"strings"
	"unicode"
)

// Mermaid returns the graph as a Mermaid flowchart, which Markdown viewers
// draw: a subgraph for each module, an arrow from who needs to what is needed,
// dotted where it is collected, and so labelled where the need is optional.
func (g Graph) Mermaid() string {
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	for at, c := range g.modules() {
		fmt.Fprintf(&b, "  subgraph m%d[\"%s\"]\n", at, mermaidText(c.title()))
		for _, i := range c.nodes {
			open, end := "[", "]"
			if g.Nodes[i].Key.Type == nil {
				open, end = "([", "])"
			}
			fmt.Fprintf(&b, "    n%d%s\"%s\"%s\n", i, open, mermaidText(g.Nodes[i].label()), end)
		}
		b.WriteString("  end\n")
	}
	arrow := [...]string{needed: "-->", optionally: "-. optional .->", collected: "-.->"}
	g.edges(func(from, to int, how edge) { fmt.Fprintf(&b, "  n%d %s n%d\n", from, arrow[how], to) })
	return b.String()
}

// mermaidText writes everything that might mean something to Mermaid, or to the
// HTML that it makes, as a character code.
func mermaidText(s string) string {
	var b strings.Builder
	for _, r := range printable(s) {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), strings.ContainsRune(" .,_/*[]", r):
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, "#%d;", r)
		}
	}
	return b.String()
}

// printable replaces what cannot be seen, such as controls and marks that turn
// the direction of text.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, s)
}
