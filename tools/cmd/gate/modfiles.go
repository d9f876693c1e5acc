package main

import (
	"context"
	"fmt"
	"slices"
)

const goVersion = "1.26.0"

// modfiles checks the lines of each go.mod that consumers inherit. A replace
// makes go install refuse a command and hides what an outsider would get, so
// that only modules outside the workspace, which nobody can require, have one.
func modfiles(_ context.Context, e *env) error {
	var bad []string
	for _, m := range e.tree.Modules {
		if m.File.Go == nil || m.File.Go.Version != goVersion {
			bad = append(bad, fmt.Sprintf("%s/go.mod does not say go %s", m.Dir, goVersion))
		}
		if m.File.Toolchain != nil {
			bad = append(bad, fmt.Sprintf("%s/go.mod has a toolchain line", m.Dir))
		}
		if len(m.File.Replace) > 0 && (m.InWork || m.Published()) {
			bad = append(bad, fmt.Sprintf("%s/go.mod has a replace", m.Dir))
		}
	}
	return sorted(bad)
}

// sorted is problems, in an order that does not change from run to run.
func sorted(lines []string) error {
	slices.Sort(lines)
	return problems(lines)
}
