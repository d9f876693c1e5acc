package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/lexigram/lexigram-go/tools/internal/gomods"
)

// alone vets and tests each published module outside the workspace, with the
// modules of the working tree in place of the pinned ones. It finds what only
// an outsider would miss: a requirement that go.work supplied.
func alone(ctx context.Context, e *env) error {
	var errs []error
	for _, m := range e.tree.Published() {
		if err := e.testAlone(ctx, m); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", m.Dir, err))
		}
	}
	return errors.Join(errs...)
}

func (e *env) testAlone(ctx context.Context, m gomods.Module) error {
	tmp, err := os.MkdirTemp("", "alone")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	modfile := filepath.Join(tmp, "go.mod")
	if err := e.writeReplaced(m, modfile); err != nil {
		return err
	}
	vars := []string{"GOFLAGS=" + os.Getenv("GOFLAGS") + " -trimpath"}
	if _, err := e.alone(ctx, e.dir(m), vars, "vet", "-modfile="+modfile, "./..."); err != nil {
		return err
	}
	_, err = e.alone(ctx, e.dir(m), vars, "test", "-modfile="+modfile, "./...")
	return err
}

// writeReplaced writes m's go.mod, with a replace for each of our modules, to
// modfile, and its go.sum beside it.
func (e *env) writeReplaced(m gomods.Module, modfile string) error {
	text, err := os.ReadFile(filepath.Join(e.dir(m), "go.mod"))
	if err != nil {
		return err
	}
	for _, other := range e.tree.Modules {
		if other.Dir != m.Dir {
			text = fmt.Appendf(text, "\nreplace %s => %q\n", other.Path, e.dir(other))
		}
	}
	sum, err := os.ReadFile(filepath.Join(e.dir(m), "go.sum"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return errors.Join(
		os.WriteFile(modfile, text, 0o600),
		os.WriteFile(filepath.Join(filepath.Dir(modfile), "go.sum"), sum, 0o600),
	)
}
