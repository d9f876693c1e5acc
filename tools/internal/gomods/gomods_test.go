package gomods_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/tools/internal/gomods"
)

func write(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		name = filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func dirs(ms []gomods.Module) string {
	var names []string
	for _, m := range ms {
		names = append(names, m.Dir)
	}
	return strings.Join(names, " ")
}

func TestLoad(t *testing.T) {
	files := map[string]string{"go.work": "go 1.26.0\nuse (\n./a\n./a/b\n./a/xsqltest\n./examples/e\n)\n", "a/testdata/m/go.mod": "module other.example/m\n"}
	for _, dir := range []string{"a", "a/b", "a/xsqltest", "examples/e", "tools", "tools/bench", "tools/lexigram"} {
		files[dir+"/go.mod"] = "module example.com/r/" + dir + "\n\ngo 1.26.0\n"
	}
	tree, err := gomods.Load(write(t, files))
	if err != nil {
		t.Fatal(err)
	}
	if tree.Base != "example.com/r" {
		t.Errorf("Base = %q", tree.Base)
	}
	if got, want := dirs(tree.Published()), "a a/b tools/lexigram"; got != want {
		t.Errorf("Published() = %s, want %s", got, want)
	}
	if got, want := dirs(tree.Outside()), "tools tools/bench tools/lexigram"; got != want {
		t.Errorf("Outside() = %s, want %s", got, want)
	}
	for path, want := range map[string]string{
		"example.com/r/a":         "a",
		"example.com/r/a/c":       "a",
		"example.com/r/a/b/x":     "a/b",
		"example.com/r/ab":        "",
		"example.com/r/tools/cmd": "tools",
	} {
		if m, ok := tree.Owner(path); m.Dir != want || ok != (want != "") {
			t.Errorf("Owner(%s) = %q, %v, want %q", path, m.Dir, ok, want)
		}
	}
	root, err := gomods.FindRoot(filepath.Join(tree.Root, "a", "b"))
	if err != nil || root != tree.Root {
		t.Errorf("FindRoot = %q, %v, want %q", root, err, tree.Root)
	}
}

func TestLoadRefuses(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"no go.work":      {"a/go.mod": "module example.com/a\n"},
		"no module":       {"go.work": "go 1.26.0\n"},
		"misplaced":       {"go.work": "go 1.26.0\n", "a/go.mod": "module example.com/b\n"},
		"two bases":       {"go.work": "go 1.26.0\n", "a/go.mod": "module example.com/a\n", "b/go.mod": "module example.org/b\n"},
		"broken go.mod":   {"go.work": "go 1.26.0\n", "a/go.mod": "modul example.com/a\n"},
		"nameless go.mod": {"go.work": "go 1.26.0\n", "a/go.mod": "go 1.26.0\n"},
	} {
		if _, err := gomods.Load(write(t, files)); err == nil {
			t.Errorf("%s: Load = nil, want an error", name)
		}
	}
}
