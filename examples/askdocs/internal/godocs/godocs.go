// Package godocs finds the documents that every Go distribution carries: its
// doc directory and the sources of the standard library's public packages.
package godocs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// Root returns the directory of the Go distribution: $GOROOT, what the go
// command says, or the one that built this program.
func Root(ctx context.Context) (string, error) {
	candidates := []string{os.Getenv("GOROOT")}
	cmd := exec.CommandContext(ctx, "go", "env", "GOROOT")
	cmd.Env = append(os.Environ(), "GOTOOLCHAIN=local") // whatever the working directory wants: nothing is downloaded
	if out, err := cmd.Output(); err == nil {
		candidates = append(candidates, strings.TrimSpace(string(out)))
	}
	candidates = append(candidates, filepath.Join("/usr/local", "go"))
	for _, dir := range candidates {
		if dir == "" {
			continue
		}
		if info, err := os.Stat(filepath.Join(dir, "src", "sync")); err == nil && info.IsDir() {
			return dir, nil
		}
	}
	return "", errors.New("no Go distribution found: set GOROOT to one, or use --no-import")
}

// Version names the distribution in root, such as "go1.26.0".
func Version(root string) string {
	data, err := os.ReadFile(filepath.Join(root, "VERSION"))
	if err != nil {
		return runtime.Version() // a distribution without the file is one built from source
	}
	line, _, _ := strings.Cut(string(data), "\n")
	return strings.TrimSpace(line)
}

// List returns the documents of a distribution, sorted: HTML, Markdown and text
// of doc, and the Go files of src that may hold public documentation.
func List(root fs.FS) ([]string, error) {
	var names []string
	for _, dir := range []string{"doc", "src"} {
		err := fs.WalkDir(root, dir, func(name string, e fs.DirEntry, err error) error {
			switch {
			case errors.Is(err, fs.ErrNotExist) && name == dir:
				return nil // some packagers ship doc separately
			case err != nil:
				return err
			case e.IsDir() && private(name):
				return fs.SkipDir
			case !e.IsDir() && wanted(name):
				names = append(names, name)
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("list %s: %w", dir, err)
		}
	}
	if len(names) == 0 {
		return nil, errors.New("the Go distribution has no documents")
	}
	slices.Sort(names) // a walk has src/a/b before src/a.go
	return names, nil
}

func private(dir string) bool {
	switch path.Base(dir) {
	case "internal", "vendor", "testdata":
		return true
	}
	return dir == "src/cmd"
}

func wanted(name string) bool {
	switch path.Ext(name) {
	case ".go":
		base := path.Base(name)
		return strings.HasPrefix(name, "src/") && !strings.HasSuffix(name, "_test.go") &&
			!strings.HasPrefix(base, "zerrors_") && !strings.HasPrefix(base, "zsys") && !strings.HasPrefix(base, "ztypes_")
	case ".html", ".md", ".txt":
		return strings.HasPrefix(name, "doc/")
	}
	return false
}
