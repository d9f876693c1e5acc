package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// readme checks that the example at the front door compiles: the first Go
// block of a published module's README is a program, which the gate goget
// runs, or its lines stand in this order in an example of the module.
func readme(_ context.Context, e *env) error {
	var bad []string
	for _, m := range e.tree.Published() {
		text, err := os.ReadFile(filepath.Join(e.dir(m), "README.md"))
		if err != nil {
			continue // the gate papers says so
		}
		block, ok := goBlock(string(text))
		if !ok {
			bad = append(bad, m.Dir+"/README.md has no Go block")
			continue
		}
		if isProgram(block) {
			continue
		}
		found, err := inExample(e.dir(m), block)
		if err != nil {
			return err
		}
		if !found {
			bad = append(bad, fmt.Sprintf("%s/README.md: the first Go block is neither a program nor part of an example in a _test.go file", m.Dir))
		}
	}
	if err := frontDoor(e); err != nil {
		bad = append(bad, err.Error())
	}
	return sorted(bad)
}

// frontDoor checks the repository's own README, whose first Go block stands in
// an example of the module that it advertises.
func frontDoor(e *env) error {
	text, err := os.ReadFile(filepath.Join(e.tree.Root, "README.md"))
	if err != nil {
		return err
	}
	block, ok := goBlock(string(text))
	if !ok {
		return errors.New("README.md has no Go block")
	}
	for _, m := range e.tree.Published() {
		if found, err := inExample(e.dir(m), block); found || err != nil {
			return err
		}
	}
	return errors.New("README.md: the first Go block is in no example of a published module")
}

// goBlock returns the first fenced block of Go in Markdown.
func goBlock(text string) (string, bool) {
	_, rest, ok := strings.Cut("\n"+text, "\n```go\n")
	if !ok {
		return "", false
	}
	block, _, ok := strings.Cut(rest, "\n```")
	return block + "\n", ok
}

// isProgram reports whether a block of Go is a whole program.
func isProgram(block string) bool {
	return strings.HasPrefix(block, "package main\n") || strings.Contains(block, "\npackage main\n")
}

// inExample reports whether an example file below dir has the lines of block.
func inExample(dir, block string) (bool, error) {
	found := false
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != dir && hasModule(name) && !strings.HasSuffix(name, "sqltest"): // which tests its parent
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, "_test.go"):
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if strings.Contains(string(text), "\nfunc Example") && hasLines(string(text), block) {
			found = true
			return fs.SkipAll
		}
		return nil
	})
	return found, err
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
