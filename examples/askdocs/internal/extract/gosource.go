package extract

import (
	"go/ast"
	"go/doc/comment"
	"go/parser"
	"go/token"
	"path"
	"strings"
)

// parseGo takes what a user of the package reads: the package comment and the
// documented exported declarations, each a section named for its symbol.
func parseGo(name string, src []byte) (Document, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return parseText(name, src) // a document that does not parse can still be read
	}
	g := &gosource{pkg: file.Name.Name, fset: fset, src: src, doc: Document{Title: "package " + file.Name.Name + " (" + path.Base(name) + ")"}}
	if file.Doc != nil {
		g.add("package-"+g.pkg, "package "+g.pkg, "", file.Doc)
	}
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			g.function(d)
		case *ast.GenDecl:
			g.declaration(d)
		}
	}
	return g.doc, nil
}

type gosource struct {
	pkg  string
	fset *token.FileSet
	src  []byte
	doc  Document
}

// add appends a section of documentation and the declaration that it is about.
func (g *gosource) add(anchor, title, code string, docs ...*ast.CommentGroup) {
	var text strings.Builder
	for _, d := range docs {
		if d != nil {
			text.WriteString(plain(d.Text()))
			text.WriteString("\n\n")
		}
	}
	if t := tidy(text.String()); t != "" {
		g.doc.Sections = append(g.doc.Sections, Section{Anchor: anchor, Title: title, Text: t, Code: code})
	}
}

func (g *gosource) function(d *ast.FuncDecl) {
	if !d.Name.IsExported() || d.Doc == nil {
		return
	}
	name := d.Name.Name
	if d.Recv != nil && len(d.Recv.List) == 1 {
		recv := receiver(d.Recv.List[0].Type)
		if !ast.IsExported(recv) {
			return
		}
		name = recv + "." + name
	}
	end := d.End()
	if d.Body != nil {
		end = d.Body.Lbrace
	}
	g.add(name, "func "+g.pkg+"."+name, g.code(d.Pos(), end), d.Doc)
}

func (g *gosource) declaration(d *ast.GenDecl) {
	if d.Tok == token.TYPE {
		for _, spec := range d.Specs {
			if s := spec.(*ast.TypeSpec); s.Name.IsExported() {
				g.add(s.Name.Name, "type "+g.pkg+"."+s.Name.Name, g.code(d.Pos(), d.End()), d.Doc, s.Doc, s.Comment)
			}
		}
		return
	}
	if d.Tok == token.IMPORT {
		return
	}
	var names []string
	docs := []*ast.CommentGroup{d.Doc}
	for _, spec := range d.Specs {
		s := spec.(*ast.ValueSpec)
		for _, n := range s.Names {
			if n.IsExported() {
				names = append(names, n.Name)
				docs = append(docs, s.Doc, s.Comment)
				break
			}
		}
	}
	if len(names) > 0 {
		g.add(names[0], d.Tok.String()+" "+g.pkg+"."+names[0], g.code(d.Pos(), d.End()), docs...)
	}
}

// maxCode bounds how much of a declaration a section shows.
const maxCode = 1500

// code returns the source between two places, as it is written.
func (g *gosource) code(from, to token.Pos) string {
	a, b := g.fset.Position(from).Offset, g.fset.Position(to).Offset
	if b-a > maxCode {
		cut := strings.LastIndexByte(string(g.src[a:a+maxCode]), '\n')
		b = a + max(cut, 0)
	}
	return strings.TrimSpace(string(g.src[a:b]))
}

func receiver(t ast.Expr) string {
	switch t := t.(type) {
	case *ast.StarExpr:
		return receiver(t.X)
	case *ast.IndexExpr:
		return receiver(t.X)
	case *ast.IndexListExpr:
		return receiver(t.X)
	case *ast.Ident:
		return t.Name
	}
	return ""
}

// plain renders a doc comment without its markup and with its paragraphs on one
// line each, so that sentences can be quoted.
func plain(text string) string {
	var p comment.Parser
	pr := comment.Printer{TextWidth: -1}
	return string(pr.Text(p.Parse(text)))
}
