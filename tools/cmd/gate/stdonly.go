package main

import (
	"context"
	"fmt"
	"strings"
)

// stdOnly checks that whoever requires contracts requires nothing else.
func stdOnly(ctx context.Context, e *env) error {
	contracts := e.tree.Base + "/contracts"
	out, err := e.work(ctx, "list", "-deps", "-test", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", contracts+"/...")
	if err != nil {
		return err
	}
	var bad []string
	seen := 0
	for path := range strings.FieldsSeq(out) {
		if path[0] == '[' { // of "p [p.test]", which was printed without too
			continue
		}
		seen++
		if !strings.HasPrefix(path, contracts+"/") {
			bad = append(bad, "contracts depends on "+path)
		}
	}
	if seen == 0 {
		return fmt.Errorf("go list finds no packages in %s", contracts)
	}
	return sorted(bad)
}
