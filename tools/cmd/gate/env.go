package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/lexigram/lexigram-go/tools/internal/gomods"
)

// An env is what gates look at: a repository, and the tools to do it with,
// which in tests belong to another repository.
type env struct {
	tree  *gomods.Tree
	tools string // directory of the module of tools
	write bool
}

// dir returns the absolute directory of m.
func (e *env) dir(m gomods.Module) string {
	return filepath.Join(e.tree.Root, filepath.FromSlash(m.Dir))
}

// work runs the go command in the workspace and returns what it printed.
func (e *env) work(ctx context.Context, args ...string) (string, error) {
	return command(ctx, e.tree.Root, []string{"GOWORK=" + filepath.Join(e.tree.Root, "go.work")}, "go", args...)
}

// alone runs the go command in dir without the workspace.
func (e *env) alone(ctx context.Context, dir string, vars []string, args ...string) (string, error) {
	return command(ctx, dir, append([]string{"GOWORK=off"}, vars...), "go", args...)
}

// command runs a program and returns its standard output; an error has both outputs.
func command(ctx context.Context, dir string, vars []string, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), vars...)
	var out, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &stderr
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("%s %s: %w\n%s%s", name, strings.Join(args, " "), err, out.Bytes(), stderr.Bytes())
	}
	return out.String(), nil
}

// files calls fn with every file of the repository whose name ends in suffix,
// slash-separated and relative to the root.
func (e *env) files(suffix string, fn func(name string) error) error {
	return filepath.WalkDir(e.tree.Root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != e.tree.Root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "node_modules"):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(d.Name(), suffix):
			return nil
		}
		rel, err := filepath.Rel(e.tree.Root, name)
		if err != nil {
			return err
		}
		return fn(filepath.ToSlash(rel))
	})
}

// problems returns an error with a line for each, nil if there is none.
func problems(lines []string) error {
	if len(lines) == 0 {
		return nil
	}
	return errors.New(strings.Join(lines, "\n"))
}
