package extract

import (
	"bytes"
	"fmt"
	"path"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// parseHTML cuts at h1 to h4. A section's anchor is the heading's id, or that of
// an element with an id just before it.
func parseHTML(name string, src []byte) (Document, error) {
	root, err := html.Parse(bytes.NewReader(src))
	if err != nil { // elements nested too deeply
		return Document{}, fmt.Errorf("%w %q: %w", ErrContent, name, err)
	}
	w := &markup{doc: Document{Title: path.Base(name)}, seen: map[string]int{}}
	w.cur.Title = w.doc.Title
	w.walk(root)
	w.flush()
	return w.doc, nil
}

// markup collects sections while it walks a tree of HTML.
type markup struct {
	doc     Document
	cur     Section
	text    strings.Builder
	pending string // an id that stood before a heading
	pre     int    // how many elements around keep their white space
	space   bool   // the text ends with white space
	seen    map[string]int
}

func (w *markup) flush() {
	if w.cur.Text = tidy(w.text.String()); w.cur.Text != "" {
		w.doc.Sections = append(w.doc.Sections, w.cur)
	}
	w.text.Reset()
}

func (w *markup) walk(n *html.Node) {
	switch {
	case n.Type == html.TextNode:
		w.write(n.Data)
		return
	case n.Type == html.ElementNode:
		switch n.DataAtom {
		case atom.Script, atom.Style, atom.Nav, atom.Noscript, atom.Template, atom.Svg:
			return
		case atom.Title:
			if t := strings.Join(strings.Fields(content(n)), " "); t != "" {
				w.doc.Title = t
				w.cur.Title = t
			}
			return
		case atom.H1, atom.H2, atom.H3, atom.H4:
			w.heading(n)
			return
		}
		if id := attr(n, "id"); id != "" {
			w.pending = id
		}
	}
	if n.DataAtom == atom.Pre {
		w.pre++
		defer func() { w.pre-- }()
	}
	for c := range n.ChildNodes() {
		w.walk(c)
	}
	if block(n) {
		w.text.WriteString("\n")
		if n.DataAtom == atom.P || n.DataAtom == atom.Pre || n.DataAtom == atom.Li || n.DataAtom == atom.Dd {
			w.text.WriteString("\n")
		}
	}
}

// write adds text as a browser shows it: runs of white space are one space,
// but in preformatted text.
func (w *markup) write(text string) {
	for _, r := range text {
		space := unicode.IsSpace(r)
		switch {
		case w.pre > 0 || !space:
			w.text.WriteRune(r)
		case !w.space:
			w.text.WriteByte(' ')
		}
		w.space = space
	}
}

func (w *markup) heading(n *html.Node) {
	title := strings.Join(strings.Fields(content(n)), " ")
	if title == "" {
		return
	}
	w.flush()
	anchor := attr(n, "id")
	if anchor == "" {
		anchor = w.pending
	}
	if strings.ContainsFunc(anchor, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		anchor = "" // no ID in HTML, and no end of a citation's line
	}
	if anchor == "" {
		anchor = slug(title)
	}
	w.pending = ""
	w.cur = Section{Title: title, Anchor: unique(w.seen, anchor)}
}

// content returns the text below n.
func content(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func block(n *html.Node) bool {
	switch n.DataAtom {
	case atom.P, atom.Div, atom.Li, atom.Dt, atom.Dd, atom.Pre, atom.Tr, atom.Table, atom.Ul, atom.Ol, atom.Dl,
		atom.Br, atom.Section, atom.Article, atom.Blockquote, atom.Header, atom.Footer, atom.Main, atom.Aside:
		return true
	}
	return false
}
