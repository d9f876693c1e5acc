package main

import (
	"context"
	"strings"
)

// format checks that every file is as gofumpt, which is stricter than gofmt, would write it.
func format(ctx context.Context, e *env) error {
	out, err := e.alone(ctx, e.tools, nil, "tool", "gofumpt", "-l", e.tree.Root)
	if err != nil {
		return err
	}
	if out = strings.TrimSpace(out); out != "" {
		return problems([]string{"make format would change", out})
	}
	return nil
}
