package main

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/lexigram/lexigram-go/tools/internal/gomods"
)

const budgetHead = `# Third-party modules of each published module: those that its go.mod requires
# directly, and those that a binary with all of its packages links.
# The last line is how many lines of Go contracts has, its tests and suites apart,
# rounded up to full hundreds: what everybody imports stays small.
# Written by make budget; a line that grows is a decision.
# module	direct	linked
`

// budget compares tools/budget.txt with what each published module requires
// and links today, or rewrites it.
func budget(ctx context.Context, e *env) error {
	var b strings.Builder
	b.WriteString(budgetHead)
	all, err := e.packages(ctx)
	if err != nil {
		return err
	}
	for _, m := range e.tree.Published() {
		linked, err := e.linked(ctx, m, all)
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "%s\t%d\t%d\n", m.Dir, e.direct(m), linked)
	}
	lines, err := contractLines(filepath.Join(e.tree.Root, "contracts"))
	if err != nil {
		return err
	}
	fmt.Fprintf(&b, "contracts lines\t%d\n", (lines+99)/100*100)
	name := filepath.Join(e.tree.Root, "tools", "budget.txt")
	if e.write {
		return os.WriteFile(name, []byte(b.String()), 0o644)
	}
	have, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	return diffLines(string(have), b.String(), "tools/budget.txt", "make budget")
}

// contractLines counts the lines of the Go files below dir that users compile:
// neither tests nor suites, which stand in a folder <name>test below <name>.
func contractLines(dir string) (int, error) {
	n := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() == filepath.Base(filepath.Dir(path))+"test":
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		text, err := os.ReadFile(path)
		n += bytes.Count(text, []byte("\n"))
		return err
	})
	return n, err
}

// direct counts the requirements of m that are neither ours nor indirect.
func (e *env) direct(m gomods.Module) int {
	n := 0
	for _, r := range m.File.Require {
		if _, ours := e.tree.Owner(r.Mod.Path); !ours && !r.Indirect {
			n++
		}
	}
	return n
}

// linked counts the third-party modules that m's packages, not their tests,
// import. The pattern m.Path/... would name the packages of nested modules too.
func (e *env) linked(ctx context.Context, m gomods.Module, all []pkg) (int, error) {
	args := []string{"list", "-e", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}"}
	n := len(args)
	for _, p := range all {
		if owner, ok := e.tree.Owner(p.ImportPath); ok && owner.Dir == m.Dir {
			args = append(args, p.ImportPath)
		}
	}
	if len(args) == n {
		return 0, nil
	}
	out, err := e.work(ctx, args...)
	if err != nil {
		return 0, err
	}
	third := make(map[string]bool)
	for path := range strings.FieldsSeq(out) {
		if _, ours := e.tree.Owner(path); !ours {
			third[path] = true
		}
	}
	return len(third), nil
}

// diffLines returns an error with the lines that only one of the texts has.
func diffLines(have, want, name, remedy string) error {
	var bad []string
	in := func(line, text string) bool { return strings.Contains("\n"+text, "\n"+line) }
	for line := range strings.Lines(have) {
		if !in(line, want) {
			bad = append(bad, "- "+strings.TrimSuffix(line, "\n"))
		}
	}
	for line := range strings.Lines(want) {
		if !in(line, have) {
			bad = append(bad, "+ "+strings.TrimSuffix(line, "\n"))
		}
	}
	if len(bad) == 0 && have == want {
		return nil
	}
	return problems(append([]string{name + " is out of date; if that is meant: " + remedy}, bad...))
}
