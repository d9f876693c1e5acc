package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
)

// named is a file name on a line of its own, and the block of Go below it.
var named = regexp.MustCompile("(?s)\n`([a-z_]+\\.go)`\n\n```go\n(.*?\n)```\n")

// contributing compiles the adapter that CONTRIBUTING.md shows, as a module of
// somebody else, and runs its test.
func contributing(ctx context.Context, e *env) error {
	text, err := os.ReadFile(filepath.Join(e.tree.Root, "CONTRIBUTING.md"))
	if err != nil {
		return err
	}
	files := named.FindAllStringSubmatch(string(text), -1)
	if len(files) < 2 {
		return errors.New("CONTRIBUTING.md does not show an adapter and its test")
	}
	tmp, err := os.MkdirTemp("", "contributing")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	contracts := e.tree.Base + "/contracts"
	mod := fmt.Sprintf("module example.com/mapcache\n\ngo %s\n\nrequire %s v0.1.0\n\nreplace %s => %q\n",
		goVersion, contracts, contracts, filepath.Join(e.tree.Root, "contracts"))
	if err := os.WriteFile(filepath.Join(tmp, "go.mod"), []byte(mod), 0o600); err != nil {
		return err
	}
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(tmp, f[1]), []byte(f[2]), 0o600); err != nil {
			return err
		}
	}
	if out, err := e.alone(ctx, e.tools, nil, "tool", "gofumpt", "-l", tmp); err != nil || out != "" {
		return errors.Join(err, fmt.Errorf("gofumpt would change %q", out))
	}
	_, err = e.alone(ctx, tmp, nil, "vet", "./...")
	if err == nil {
		_, err = e.alone(ctx, tmp, nil, "test", "-race", "./...")
	}
	return err
}
