package main

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lexigram/lexigram-go/tools/internal/gomods"
)

// readme checks that what documents show compiles. The first Go block of a
// published module's README is a program, which the gate goget runs, or stands
// in an example of the module; every other Go block stands in an example of any
// module. CONTRIBUTING.md has a gate of its own.
func readme(_ context.Context, e *env) error {
	examples, err := readExamples(e)
	if err != nil {
		return err
	}
	var bad []string
	for _, m := range e.tree.Published() {
		text, err := os.ReadFile(filepath.Join(e.dir(m), "README.md"))
		if err != nil {
			continue // the gate papers says so
		}
		blocks := goBlocks(string(text))
		switch {
		case len(blocks) == 0:
			bad = append(bad, m.Dir+"/README.md has no Go block")
		case !isProgram(blocks[0]) && !examples.show(blocks[0], m):
			bad = append(bad, m.Dir+"/README.md: the first Go block is neither a program nor part of an example of the module")
		}
	}
	err = e.files(".md", func(name string) error {
		if name == "CONTRIBUTING.md" {
			return nil
		}
		text, err := os.ReadFile(filepath.Join(e.tree.Root, filepath.FromSlash(name)))
		if err != nil {
			return err
		}
		blocks := goBlocks(string(text))
		if name == "README.md" && len(blocks) == 0 {
			bad = append(bad, "README.md has no Go block")
		}
		for i, block := range blocks {
			if (i > 0 || !isProgram(block)) && !examples.show(block, e.tree.Modules...) {
				first, _, _ := strings.Cut(block, "\n")
				bad = append(bad, fmt.Sprintf("%s: the Go block that begins with %q is neither a program nor part of an example", name, first))
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return sorted(bad)
}

// goBlocks returns the fenced blocks of Go in Markdown.
func goBlocks(text string) []string {
	var blocks []string
	for rest := "\n" + text; ; {
		_, after, ok := strings.Cut(rest, "\n```go\n")
		if !ok {
			return blocks
		}
		block, after, ok := strings.Cut(after, "\n```")
		if !ok {
			return blocks
		}
		blocks, rest = append(blocks, block+"\n"), after
	}
}

// isProgram reports whether a block of Go is a whole program.
func isProgram(block string) bool {
	return strings.HasPrefix(block, "package main\n") || strings.Contains(block, "\npackage main\n")
}

// exampleTexts are the texts of the tests with examples, by the directory of
// the module that they are about: a module named …sqltest tests its parent.
type exampleTexts map[string][]string

func readExamples(e *env) (exampleTexts, error) {
	texts := exampleTexts{}
	err := e.files("_test.go", func(name string) error {
		text, err := os.ReadFile(filepath.Join(e.tree.Root, filepath.FromSlash(name)))
		if err != nil || !strings.Contains(string(text), "\nfunc Example") && !strings.Contains(name, "sqltest/") {
			return err
		}
		dir := path.Dir(name)
		if base, _, ok := strings.Cut(dir, "sqltest"); ok {
			dir = path.Dir(base)
		}
		for dir != "." && !hasModule(filepath.Join(e.tree.Root, filepath.FromSlash(dir))) {
			dir = path.Dir(dir)
		}
		texts[dir] = append(texts[dir], string(text))
		return nil
	})
	return texts, err
}

// show reports whether an example of one of the modules has the lines of block.
func (x exampleTexts) show(block string, of ...gomods.Module) bool {
	for _, m := range of {
		if slices.ContainsFunc(x[m.Dir], func(text string) bool { return hasLines(text, block) }) {
			return true
		}
	}
	return false
}

// hasModule reports whether dir is a module of its own.
func hasModule(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

// hasLines reports whether the lines of part stand in text in their order,
// whatever their indentation. Package clauses and imports differ by nature.
func hasLines(text, part string) bool {
	have := strings.Split(text, "\n")
	for line := range strings.Lines(part) {
		line = strings.TrimSpace(line)
		if line == "" || line == ")" || strings.HasPrefix(line, "import") || strings.HasPrefix(line, `"`) || strings.HasPrefix(line, "package ") {
			continue
		}
		i := 0
		for i < len(have) && strings.TrimSpace(have[i]) != line {
			i++
		}
		if i == len(have) {
			return false
		}
		have = have[i+1:]
	}
	return true
}
