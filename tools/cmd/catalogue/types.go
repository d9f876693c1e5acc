package main

import (
	"context"
	"fmt"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/lexigram/lexigram-go/tools/internal/gomods"
)

// checkTypes returns what the table says that the code does not.
func checkTypes(ctx context.Context, tree *gomods.Tree, t table) ([]string, error) {
	c := checker{base: tree.Base}
	var err error
	if c.pkgs, err = load(ctx, tree, t); err != nil {
		return nil, err
	}
	if c.uses, err = readImports(tree); err != nil {
		return nil, err
	}
	var bad []string
	for _, l := range t.lines {
		for _, why := range c.line(l) {
			bad = append(bad, l.entry+": "+why)
		}
	}
	for _, s := range t.supporting {
		for _, name := range s.pieces {
			if obj, why := c.object(name); obj == nil {
				bad = append(bad, s.name+": "+why)
			}
		}
	}
	return bad, nil
}

// load type-checks every package that the table names.
func load(ctx context.Context, tree *gomods.Tree, t table) (map[string]*packages.Package, error) {
	paths := make(map[string]bool)
	for _, s := range t.supporting {
		for _, name := range s.pieces {
			paths[pathOf(tree.Base, name)] = true
		}
	}
	for _, l := range t.lines {
		for _, name := range append([]string{l.identifier}, l.impls...) {
			paths[pathOf(tree.Base, name)] = true
		}
		if l.suite != "" {
			paths[tree.Base+"/"+l.suite] = true
		}
	}
	byPath := make(map[string]*packages.Package)
	if len(paths) == 0 {
		return byPath, nil
	}
	cfg := &packages.Config{
		Context: ctx,
		Mode:    packages.NeedName | packages.NeedTypes | packages.NeedImports | packages.NeedDeps | packages.NeedExportFile,
		Dir:     tree.Root,
		Env:     append(os.Environ(), "GOWORK="+filepath.Join(tree.Root, "go.work")),
	}
	pkgs, err := packages.Load(cfg, slices.Sorted(maps.Keys(paths))...)
	if err != nil {
		return nil, err
	}
	for _, p := range pkgs {
		byPath[p.PkgPath] = p
	}
	return byPath, nil
}

// A checker knows the packages that a table names.
type checker struct {
	base string
	pkgs map[string]*packages.Package
	uses map[string]map[string]bool // directory to what its files, tests too, import
}

// line returns what is wrong with l.
func (c *checker) line(l line) (bad []string) {
	if strings.HasPrefix(l.identifier, stdPrefix) {
		return []string{l.identifier + " is not ours, and an entry is"}
	}
	obj, why := c.object(l.identifier)
	if obj == nil {
		return []string{why}
	}
	if !types.IsInterface(obj.Type()) || !isType(obj) {
		if len(l.impls) > 0 || l.suite != "" {
			return []string{l.identifier + " is no interface: its other columns are -"}
		}
		return nil
	}
	if len(l.impls) == 0 || l.suite == "" {
		return []string{l.identifier + " is an interface: it needs an implementation and a suite"}
	}
	if why := c.suite(l.suite); why != "" {
		bad = append(bad, why)
	}
	for _, name := range l.impls {
		impl, why := c.object(name)
		switch {
		case impl == nil:
			bad = append(bad, why)
		case strings.HasPrefix(name, "contracts/") && strings.HasSuffix(impl.Pkg().Name(), "test"):
			bad = append(bad, name+" is for tests")
		default:
			if why := satisfies(impl, obj); why != "" {
				bad = append(bad, fmt.Sprintf("%s does not implement %s: %s", name, l.identifier, why))
			}
			if !c.proved(name, l.suite) {
				bad = append(bad, fmt.Sprintf("no test runs %s on %s", l.suite, name))
			}
		}
	}
	return bad
}

// object finds the exported identifier that name means, or says why there is none.
func (c *checker) object(name string) (types.Object, string) {
	_, ident := split(name)
	p := c.pkgs[pathOf(c.base, name)]
	switch {
	case ident == "" || p == nil || p.Types == nil:
		return nil, name + ": there is no such package"
	case len(p.Errors) > 0:
		return nil, fmt.Sprintf("%s: %v", name, p.Errors[0])
	}
	obj := p.Types.Scope().Lookup(ident)
	if obj == nil || !obj.Exported() {
		return nil, name + " does not exist"
	}
	return obj, ""
}

// suite says why dir is no conformance suite, "" if it is one.
func (c *checker) suite(dir string) string {
	p := c.pkgs[c.base+"/"+dir]
	if p == nil || p.Types == nil || len(p.Errors) > 0 {
		return dir + ": there is no such suite"
	}
	for _, name := range p.Types.Scope().Names() {
		if _, ok := p.Types.Scope().Lookup(name).(*types.Func); ok && strings.HasPrefix(name, "Run") {
			return ""
		}
	}
	return dir + " has no function Run"
}

// proved reports whether a package imports the suite and is, or imports, the
// package of the implementation.
func (c *checker) proved(impl, suite string) bool {
	dir, _ := split(impl)
	for user, imports := range c.uses {
		if imports[c.base+"/"+suite] && (user == dir || imports[c.base+"/"+dir]) {
			return true
		}
	}
	return false
}

// pathOf returns the import path of the package that name is in.
func pathOf(base, name string) string {
	dir, _ := split(name)
	if std, ok := strings.CutPrefix(dir, stdPrefix); ok {
		return std
	}
	return base + "/" + dir
}

// split cuts contracts/cache.Store into the directory and the identifier.
func split(name string) (dir, ident string) {
	i := strings.LastIndex(name, ".")
	if i < 0 {
		return name, ""
	}
	return name[:i], name[i+1:]
}
