package main

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/lexigram/lexigram-go/tools/internal/gomods"
)

// imports checks that modules meet in contracts alone. The compiler cannot: in
// a workspace every module sees every other one, and internal/ is about paths.
func imports(ctx context.Context, e *env) error {
	ps, err := e.packages(ctx)
	if err != nil {
		return err
	}
	var bad []string
	for _, p := range ps {
		from, ok := e.tree.Owner(p.ImportPath)
		if !ok {
			continue
		}
		for _, imp := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			if to, ok := e.tree.Owner(imp); ok && !mayImport(from, to) {
				bad = append(bad, p.ImportPath+" imports "+imp)
			}
		}
	}
	slices.Sort(bad)
	return problems(slices.Compact(bad))
}

// mayImport is the rule with all its exceptions: what is never published may
// use everything, a sqltest module the module that it tests and SQLite, and
// the command that users install may use core and what nests in it.
func mayImport(from, to gomods.Module) bool {
	switch {
	case from.Dir == to.Dir || to.Dir == "contracts":
		return true
	case strings.HasPrefix(from.Dir, "examples/") || from.Dir == "tools/integration" || from.Dir == "tools/bench":
		return true
	case strings.HasSuffix(from.Dir, "sqltest"):
		return to.Dir == path.Dir(from.Dir) || to.Dir == "lexigram-sql/sqlite"
	case from.Dir == "tools/lexigram":
		return to.Dir == "core" || strings.HasPrefix(to.Dir, "core/")
	}
	return false
}
