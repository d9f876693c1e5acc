package main

import (
	"context"
	"fmt"
	"strings"
)

// names checks that every package can be imported beside every other one
// without an alias.
func names(ctx context.Context, e *env) error {
	ps, err := e.packages(ctx)
	if err != nil {
		return err
	}
	paths := make(map[string][]string)
	for _, p := range ps {
		if p.Name != "main" && p.Name != "" {
			paths[p.Name] = append(paths[p.Name], p.ImportPath)
		}
	}
	var bad []string
	for name, same := range paths {
		if len(same) > 1 {
			bad = append(bad, fmt.Sprintf("%s is the name of %s", name, strings.Join(same, " and of ")))
		}
	}
	return sorted(bad)
}
