package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A shell runs the real binary.
type shell struct {
	t         *testing.T
	bin, data string
}

func (s shell) run(args ...string) (code int, stdout, stderr string) {
	s.t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(s.t.Context(), s.bin, append(args, "--data", s.data)...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = s.t.TempDir(), &out, &errs
	err := cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode(), out.String(), errs.String()
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return 0, out.String(), errs.String()
}

var listed = regexp.MustCompile(`(?m)^  ([a-z-]+)  +\S`)

// paths returns every command that help lists below words.
func (s shell) paths(words ...string) (all []string) {
	code, out, stderr := s.run(append([]string{"help"}, words...)...)
	_, list, isGroup := strings.Cut(out, "\nCommands:\n")
	if code != 0 || stderr != "" {
		s.t.Fatalf("help %q: %d %s", words, code, stderr)
	}
	if !isGroup {
		return []string{strings.Join(words, " ")}
	}
	list, _, _ = strings.Cut(list, "\n\n")
	for _, m := range listed.FindAllStringSubmatch(list, -1) {
		all = append(all, s.paths(append(words[:len(words):len(words)], m[1])...)...)
	}
	return all
}

// Every command that is listed has help with examples and exit statuses, and works.
func TestEveryListedCommandWorks(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs the real binary")
	}
	s := shell{t, filepath.Join(t.TempDir(), "askdocs"), t.TempDir()}
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", s.bin, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	all := s.paths()
	for _, want := range []string{"migrate up", "outbox dlq list", "tenants list", "config explain", "config dump", "config env", "graph", "health", "doctor", "gen migration", "version", "completion", "serve", "ask", "import"} {
		if !strings.Contains("\n"+strings.Join(all, "\n")+"\n", "\n"+want+"\n") {
			t.Errorf("%q is not listed in %q", want, all)
		}
	}
	docs := write(t, map[string]string{"oncall.md": "# On call\n\nAda Lovelace is on call.\n"})
	inputs := map[string][]string{ // of commands that need more than their path
		"ask": {"who is on call?", "--no-import"}, "import": {docs, "--tenant", "acme", "--no-import"}, "completion": {"bash"},
		"gen migration": {"create_shelves", "-f", "name:string!unique"}, "gen module": {"shelves", "-f", "size:int"}, "tenants set-status": {"golang", "active"},
		"outbox dlq replay": {"--all"}, "outbox dlq discard": {"--all"},
		"migrate down": {"lexigram-tenancy/sqltenants", "--dry-run"},
	}
	for _, path := range append([]string{"ask"}, all...) { // the first one makes the tables and the tenant golang
		words := strings.Fields(path)
		code, out, stderr := s.run(append(words, "--help")...)
		for _, want := range []string{"Usage:\n  askdocs " + path, "Examples:\n  askdocs " + path, "Exit status:\n  0  done", "--json"} {
			if code != 0 || !strings.Contains(out, want) || stderr != "" {
				t.Errorf("%s --help: %d, no %q in\n%s%s", path, code, want, out, stderr)
			}
		}
		if path == "serve" {
			continue // other tests do
		}
		code, out, stderr = s.run(append(append(words, inputs[path]...), "--json")...)
		if code != 0 || !json.Valid([]byte(out)) || strings.Contains(stderr, "askdocs:") {
			t.Errorf("%s --json: %d\n%s\n%s", path, code, out, stderr)
		}
	}
}

// A broken configuration is told by every command that needs it; the others help to mend it.
func TestBrokenConfiguration(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.yaml")
	if err := os.WriteFile(file, []byte("library:\n  workers: many\nsql:\n  sqlite:\n    paht: x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	for _, c := range []struct {
		args   []string
		code   int
		stdout []string
		lines  int // of stderr
	}{
		{[]string{"migrate", "up"}, 1, nil, 2},
		{[]string{"doctor"}, 1, []string{"a.yaml:2: library.workers", "a.yaml:5: sql.sqlite.paht", `"path"`}, 1},
		{[]string{"config", "explain", "library.workers"}, 0, []string{`"many"`, "a.yaml:2"}, 0},
		{[]string{"version"}, 0, []string{"askdocs"}, 0},
	} {
		code, out, stderr := askdocs(t, append(c.args, "--config", file, "--data", data)...)
		if code != c.code || strings.Count(stderr, "\n") != c.lines {
			t.Errorf("%q: %d\n%s%s", c.args, code, out, stderr)
		}
		for _, want := range c.stdout {
			if !strings.Contains(out, want) {
				t.Errorf("%q: no %q in\n%s", c.args, want, out)
			}
		}
	}
}
