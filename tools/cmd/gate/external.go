package main

import (
	"context"
	"path/filepath"
)

// tidy runs tidy.sh, which works on copies.
func tidy(ctx context.Context, e *env) error {
	_, err := command(ctx, e.tree.Root, []string{"LEXIGRAM_ROOT=" + e.tree.Root}, "bash", filepath.Join(e.tools, "tidy.sh"), "-diff")
	return err
}

// catalogue runs the command of that name.
func catalogue(ctx context.Context, e *env) error {
	args := []string{"run", "./cmd/catalogue", "-root", e.tree.Root}
	if e.write {
		args = append(args, "-write")
	}
	_, err := e.alone(ctx, e.tools, nil, args...)
	return err
}
