package container

import (
	"crypto/sha256"
	_ "embed" // for the style and the script
	"encoding/base64"
	"fmt"
	"html"
	"slices"
	"strings"
	"unicode/utf8"
)

//go:embed graph.css
var graphStyle string

//go:embed graph.js
var graphScript string

// HTML returns the graph as a page that needs nothing else: a drawing, in which
// a service is clicked to see what it needs and who needs it, a search, and a
// table. It loads nothing and sends nothing; names that look like markup are
// shown as they are, and the page's own policy lets no other script run.
func (g Graph) HTML(title string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src %s; script-src %s; base-uri 'none'; form-action 'none'">
<title>%s</title>
<style>%s</style>
</head>
<body>
`, hashOf(graphStyle), hashOf(graphScript), esc(title), graphStyle)
	p := page{Graph: g, b: &b, clusters: g.modules(), color: make([]int, len(g.Nodes)), neededBy: make([][]int, len(g.Nodes))}
	for i, c := range p.clusters {
		for _, n := range c.nodes {
			p.color[n] = i % colors
		}
	}
	g.edges(func(from, to int, _ edge) { p.neededBy[to] = append(p.neededBy[to], from) })
	p.header(title)
	p.drawing()
	p.table()
	fmt.Fprintf(&b, "<script>%s</script>\n</body>\n</html>\n", graphScript)
	return b.String()
}

// hashOf is how a Content-Security-Policy names an inline text.
func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

func esc(s string) string { return html.EscapeString(printable(s)) }

// colors is how many classes c0, c1 … the style has.
const colors = 8

// A page is a graph that is being written as HTML.
type page struct {
	Graph
	b        *strings.Builder
	clusters []*cluster
	color    []int   // of each node
	neededBy [][]int // of each node
}

func (p *page) printf(format string, args ...any) { fmt.Fprintf(p.b, format, args...) }

func (p *page) header(title string) {
	services, modules := 0, 0
	for _, n := range p.Nodes {
		if n.Key.Type != nil {
			services++
		}
	}
	for _, c := range p.clusters {
		if c.name != "" {
			modules++
		}
	}
	p.printf("<header>\n<h1>%s</h1>\n<p>%s in %s</p>\n", esc(title), count(services, "service"), count(modules, "module"))
	p.printf("<input id=\"search\" type=\"search\" placeholder=\"Search services, modules, providers\" aria-label=\"Search\" autocomplete=\"off\">\n<button type=\"button\" id=\"fit\" aria-pressed=\"false\">fit to width</button>\n<output id=\"found\" for=\"search\"></output>\n")
	p.printf("<ul class=\"legend\">\n")
	for i, c := range p.clusters {
		p.printf("<li><button type=\"button\" class=\"c%d\" data-cluster=\"%d\"><i></i>%s</button></li>\n", i%colors, i, esc(c.title()))
	}
	p.printf("</ul>\n<p class=\"key\"><span>needs</span><span class=\"optional\">needs if there</span><span class=\"collected\">collects</span>" +
		"<span class=\"private\">private</span></p>\n</header>\n")
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func (p *page) drawing() {
	l := p.layout()
	p.printf("<main>\n<svg width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\" role=\"group\" aria-label=\"Services and what they need\">\n", l.width, l.height, l.width, l.height)
	p.printf("<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\"/></marker></defs>\n")
	class := [...]string{needed: "", optionally: " optional", collected: " collected"}
	for _, ln := range l.lines {
		p.printf("<path class=\"line%s\" data-from=\"%d\" data-to=\"%d\" d=\"%s\" marker-end=\"url(#tip)\"/>\n", class[ln.how], ln.from, ln.to, l.path(ln))
	}
	for i, s := range l.spots {
		p.box(i, s)
	}
	p.printf("</svg>\n</main>\n")
}

// path draws a line from the right side of a box to the left side of another.
func (l *layout) path(ln line) string {
	var b strings.Builder
	from, to := l.spots[ln.from], l.spots[ln.to]
	x, y := from.x+from.width, from.y
	fmt.Fprintf(&b, "M%.1f %.1f", x, y)
	curve := func(toX, toY float64) {
		middle := (x + toX) / 2
		fmt.Fprintf(&b, "C%.1f %.1f %.1f %.1f %.1f %.1f", middle, y, middle, toY, toX, toY)
		x, y = toX, toY
	}
	for _, bend := range ln.through {
		curve(bend.x, bend.y)
		x = bend.x + bend.width
		fmt.Fprintf(&b, "L%.1f %.1f", x, y)
	}
	curve(to.x-2, to.y)
	return b.String()
}

func (p *page) box(i int, s *spot) {
	n := p.Nodes[i]
	class, radius := "box c"+fmt.Sprint(p.color[i]), 5
	if n.Key.Type == nil {
		radius = boxHeight / 2
	} else if !n.Exported {
		class += " private"
	}
	p.printf("<g id=\"n%d\" class=\"%s\" data-node=\"%d\" tabindex=\"0\" role=\"button\" aria-pressed=\"false\"><title>%s</title>", i, class, i, esc(n.label()+"\n"+n.note()))
	p.printf("<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\" rx=\"%d\"/>", s.x, s.y-boxHeight/2, s.width, boxHeight, radius)
	p.printf("<text x=\"%.1f\" y=\"%.1f\">%s</text>", s.x+boxPadding/2, s.y-3, esc(shorten(n.label())))
	p.printf("<text class=\"note\" x=\"%.1f\" y=\"%.1f\">%s</text></g>\n", s.x+boxPadding/2, s.y+12, esc(shorten(n.note())))
}

// note says what the label does not.
func (n Node) note() string {
	var parts []string
	if n.Key.Type != nil {
		parts = append(parts, lifetimes[n.Lifetime])
	}
	if n.Module != "" {
		parts = append(parts, n.Module)
	} else {
		parts = append(parts, "application")
	}
	if n.Key.Type != nil && n.Provider != "" && n.Provider != n.Module {
		parts = append(parts, n.Provider)
	}
	if n.Inherited {
		parts = append(parts, "of the parent")
	}
	return strings.Join(parts, " · ")
}

// shorten leaves out the middle of what is too long for a box.
func shorten(s string) string {
	if utf8.RuneCountInString(s) <= maxChars {
		return s
	}
	r := []rune(s)
	return string(r[:maxChars/2-1]) + "…" + string(r[len(r)-maxChars/2:])
}

func (p *page) table() {
	p.printf("<table>\n<thead><tr><th>Service</th><th>Lifetime</th><th>Module</th><th>Provider</th><th>Seen by</th><th>Needs</th><th>Needed by</th></tr></thead>\n<tbody>\n")
	for at, c := range p.clusters {
		for _, i := range c.nodes {
			p.row(at, c, i)
		}
	}
	p.printf("</tbody>\n</table>\n")
}

func (p *page) row(at int, c *cluster, i int) {
	n := p.Nodes[i]
	lifetime, seen, module := "", "", n.Module
	if c.name == "" || c.inherited {
		module = c.title()
	}
	if n.Key.Type != nil {
		lifetime, seen = lifetimes[n.Lifetime], "its module"
		if n.Exported {
			seen = "all"
		}
	}
	p.printf("<tr data-row=\"%d\" data-cluster=\"%d\"><td><code>%s</code></td><td class=\"word\">%s</td><td>%s</td><td>%s</td><td class=\"word\">%s</td><td>",
		i, at, esc(n.label()), lifetime, esc(module), esc(n.Provider), seen)
	p.links(slices.Concat(n.Needs, n.Collects))
	p.printf("</td><td>")
	p.links(p.neededBy[i])
	p.printf("</td></tr>\n")
}

func (p *page) links(nodes []int) {
	for i, to := range nodes {
		if i > 0 {
			p.printf("<br>")
		}
		p.printf("<a href=\"#n%d\">%s</a>", to, esc(p.Nodes[to].label()))
	}
}
