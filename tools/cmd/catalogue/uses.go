package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/lexigram/lexigram-go/tools/internal/gomods"
)

// readImports returns what the Go files of each directory import, tests
// included, slash-separated and relative to the root.
func readImports(tree *gomods.Tree) (map[string]map[string]bool, error) {
	uses := make(map[string]map[string]bool)
	err := filepath.WalkDir(tree.Root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != tree.Root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata"):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go"):
			return nil
		}
		dir, err := filepath.Rel(tree.Root, filepath.Dir(name))
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		dir = filepath.ToSlash(dir)
		if uses[dir] == nil {
			uses[dir] = make(map[string]bool)
		}
		for _, spec := range file.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			uses[dir][path] = true
		}
		return nil
	})
	return uses, err
}
