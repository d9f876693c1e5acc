package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// papers checks what a reader of a module's page needs. The LICENSE is in each
// module because a zip made of a directory cannot borrow the one of the root.
func papers(_ context.Context, e *env) error {
	var bad []string
	for _, m := range e.tree.Published() {
		for name, want := range map[string]string{"LICENSE": "", "README.md": "go get " + m.Path, "CHANGELOG.md": "## "} {
			text, err := os.ReadFile(filepath.Join(e.dir(m), name))
			switch {
			case err != nil:
				bad = append(bad, fmt.Sprintf("%s has no %s", m.Dir, name))
			case len(text) == 0 || !strings.Contains(string(text), want):
				bad = append(bad, fmt.Sprintf("%s/%s lacks %q", m.Dir, name, want))
			}
		}
	}
	return sorted(bad)
}
