// Package gomods finds the modules of a repository that has a go.work at its root.
package gomods

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
)

// A Tree is a repository with a go.work at its root.
type Tree struct {
	Root    string   // absolute
	Base    string   // what the path of every module begins with, without a slash at its end
	Modules []Module // ordered by Dir
}

// A Module is a directory with a go.mod.
type Module struct {
	Dir    string // slash-separated, relative to the root
	Path   string
	InWork bool // go.work uses it
	File   *modfile.File
}

// Published reports whether the module is one that others may require: all
// but examples, the sqltest modules and the repository's own tools, of which
// only the command that users install is published.
func (m Module) Published() bool {
	top, _, _ := strings.Cut(m.Dir, "/")
	switch {
	case m.Dir == "tools/lexigram":
		return true
	case top == "tools", top == "examples", strings.HasSuffix(m.Dir, "sqltest"):
		return false
	}
	return true
}

// FindRoot returns the nearest directory, from dir upwards, that holds a go.work.
func FindRoot(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for d := dir; ; d = filepath.Dir(d) {
		if _, err := os.Stat(filepath.Join(d, "go.work")); err == nil {
			return d, nil
		}
		if d == filepath.Dir(d) {
			return "", fmt.Errorf("gomods: no go.work in %s or above it", dir)
		}
	}
}

// Load reads the go.work of root and every go.mod below it, but those in
// testdata, vendor and directories whose name begins with "." or "_".
func Load(root string) (*Tree, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	used, err := workUses(root)
	if err != nil {
		return nil, err
	}
	t := &Tree{Root: root}
	err = filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != root && skipped(d.Name()):
			return fs.SkipDir
		case d.Name() != "go.mod" || filepath.Dir(name) == root:
			return nil
		}
		m, err := read(root, filepath.Dir(name))
		m.InWork = used[m.Dir]
		t.Modules = append(t.Modules, m)
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(t.Modules, func(a, b Module) int { return strings.Compare(a.Dir, b.Dir) })
	if err := t.setBase(); err != nil {
		return nil, err
	}
	return t, nil
}

// skipped reports whether the go command ignores a directory of that name too.
func skipped(name string) bool {
	return name == "testdata" || name == "vendor" || name == "node_modules" || name[0] == '.' || name[0] == '_'
}

func workUses(root string) (map[string]bool, error) {
	name := filepath.Join(root, "go.work")
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	work, err := modfile.ParseWork(name, data, nil)
	if err != nil {
		return nil, err
	}
	used := make(map[string]bool)
	for _, u := range work.Use {
		used[path.Clean(u.Path)] = true
	}
	return used, nil
}

func read(root, dir string) (Module, error) {
	name := filepath.Join(dir, "go.mod")
	data, err := os.ReadFile(name)
	if err != nil {
		return Module{}, err
	}
	file, err := modfile.Parse(name, data, nil)
	if err != nil {
		return Module{}, err
	}
	rel, err := filepath.Rel(root, dir)
	if err != nil || file.Module == nil {
		return Module{}, errors.Join(err, fmt.Errorf("gomods: %s has no module line", name))
	}
	return Module{Dir: filepath.ToSlash(rel), Path: file.Module.Mod.Path, File: file}, nil
}

// setBase finds what all module paths have in common beside their directory.
func (t *Tree) setBase() error {
	if len(t.Modules) == 0 {
		return fmt.Errorf("gomods: no go.mod below %s", t.Root)
	}
	for _, m := range t.Modules {
		base, ok := strings.CutSuffix(m.Path, "/"+m.Dir)
		if !ok || t.Base != "" && base != t.Base {
			return fmt.Errorf("gomods: module path %s does not end in its directory %s after %s", m.Path, m.Dir, t.Base)
		}
		t.Base = base
	}
	return nil
}

// Owner returns the module that holds the package importPath, the one with
// the longest path that prefixes it, and whether there is one.
func (t *Tree) Owner(importPath string) (Module, bool) {
	var owner Module
	for _, m := range t.Modules {
		if (importPath == m.Path || strings.HasPrefix(importPath, m.Path+"/")) && len(m.Path) > len(owner.Path) {
			owner = m
		}
	}
	return owner, owner.Path != ""
}

// Published returns the modules that others may require.
func (t *Tree) Published() []Module {
	return t.filter(Module.Published)
}

// Outside returns the modules that go.work does not use.
func (t *Tree) Outside() []Module {
	return t.filter(func(m Module) bool { return !m.InWork })
}

func (t *Tree) filter(keep func(Module) bool) []Module {
	var ms []Module
	for _, m := range t.Modules {
		if keep(m) {
			ms = append(ms, m)
		}
	}
	return ms
}
