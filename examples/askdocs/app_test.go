package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/lexigram/lexigram-go/contracts/cli"
)

func TestMain(m *testing.M) {
	for _, v := range os.Environ() { // the configuration of whoever runs the tests
		if name, _, _ := strings.Cut(v, "="); strings.HasPrefix(name, "LEX_") || name == "ASKDOCS_KEY" {
			if err := os.Unsetenv(name); err != nil {
				panic(err)
			}
		}
	}
	goleak.VerifyTestMain(m)
}

// askdocs runs the command as main does and returns what it printed.
func askdocs(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	code = run(t.Context(), args, &out, &err)
	return code, out.String(), err.String()
}

// firstProcess is a command that will own the data directory.
func firstProcess(data string, stderr io.Writer) *program {
	return &program{
		settings: &settings{data: data, stderr: stderr}, noImport: true, logLevel: slog.LevelError,
		Call: &cli.Call{Stdout: io.Discard, Stderr: stderr},
	}
}

// write makes a directory of files.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

var keyLine = regexp.MustCompile(`its key, shown only now: (\S+)`)

func TestImportAndAsk(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	docs := write(t, map[string]string{
		"oncall.md":      "# On call\n\nThe person on call this week is Ada Lovelace.\n\n## Escalation\n\nIf nobody answers within ten minutes, phone the director.\n",
		"deep/menu.html": "<title>Canteen</title><h2 id=soup>Soup</h2><p>The soup of the day is leek and potato.</p>",
		"image.png":      "\x89PNG",
		".hidden.txt":    "secret",
	})
	code, out, stderr := askdocs(t, "import", docs, "--tenant", "acme", "--data", data, "--no-import")
	if code != 0 || !strings.Contains(out, "imported 2 of 2 files into tenant acme") {
		t.Fatalf("import: %d\n%s%s", code, out, stderr)
	}
	key := keyLine.FindStringSubmatch(out)
	if key == nil {
		t.Fatalf("no key in:\n%s", out)
	}

	code, out, stderr = askdocs(t, "--data="+data, "ask", "--no-import", "who is on call?", "--tenant", "acme", "--key", key[1])
	if code != 0 || !strings.Contains(out, "Ada Lovelace") || !strings.Contains(out, "\n[1] oncall.md#on-call\n") {
		t.Errorf("ask: %d\n%s%s", code, out, stderr)
	}
	code, out, stderr = askdocs(t, "ask", "what is the soup of the day?", "--tenant", "acme", "--key", key[1], "--data", data, "--no-import", "--json")
	if code != 0 || !strings.Contains(out, `"ref": "deep/menu.html#soup"`) {
		t.Errorf("ask --json: %d\n%s%s", code, out, stderr)
	}
	code, out, _ = askdocs(t, "ask", "zyzzyva quux flurble?", "--tenant", "acme", "--key", key[1], "--data", data, "--no-import")
	if code != 0 || strings.Contains(out, "[1]") {
		t.Errorf("an answer without support: %d\n%s", code, out)
	}

	for name, args := range map[string][]string{
		"without a key":      {"ask", "who is on call?", "--tenant", "acme"},
		"with a wrong key":   {"ask", "who is on call?", "--tenant", "acme", "--key", "wrong"},
		"an unknown tenant":  {"ask", "who is on call?", "--tenant", "nobody", "--key", key[1]},
		"import without key": {"import", docs, "--tenant", "acme"},
	} {
		code, out, stderr := askdocs(t, append(args, "--data", data, "--no-import")...)
		if code != 1 || strings.Contains(out, "Ada") || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%s: %d\n%s%s", name, code, out, stderr)
		}
	}
	code, out, _ = askdocs(t, "ask", "who is on call?", "--data", data, "--no-import")
	if code != 0 || strings.Contains(out, "Ada") {
		t.Errorf("the public tenant sees acme's documents: %d\n%s", code, out)
	}
}

func TestCommandLine(t *testing.T) {
	data := t.TempDir()
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"frobnicate"}, `unknown command "frobnicate"`},
		{[]string{"ask"}, "ask: takes QUESTION, got 0 argument(s); see askdocs ask --help"},
		{[]string{"ask", "a", "b"}, "ask: takes QUESTION, got 2 argument(s)"},
		{[]string{"aks", "a"}, `did you mean "ask"?`},
		{[]string{"import", data}, "import needs --tenant NAME"},
		{[]string{"ask", "x", "--tenant", "../x"}, "--tenant"},
		{[]string{"--frob"}, "unknown flag: --frob"},
	} {
		code, _, stderr := askdocs(t, append(c.args, "--data", data)...)
		if code != 2 || !strings.Contains(stderr, c.want) {
			t.Errorf("%q: %d %s, want %q", c.args, code, stderr, c.want)
		}
	}
	if code, out, stderr := askdocs(t, "help"); code != 0 || !strings.Contains(out, "Examples:") || !strings.Contains(out, "--data DIR") || stderr != "" {
		t.Errorf("help: %d\n%s\n%s", code, out, stderr)
	}
	t.Setenv("ASKDOCS_KEY", "hunter2")
	if code, out, _ := askdocs(t, "help", "ask"); code != 0 || !strings.Contains(out, "$ASKDOCS_KEY") || strings.Contains(out, "hunter2") {
		t.Errorf("help ask: %d\n%s", code, out)
	}
	if code, _, stderr := askdocs(t, "-data", data, "-no-import", "ask", "--", "--what?"); code != 0 {
		t.Errorf("a question behind --: %d %s", code, stderr)
	}
}

func TestBadInputIsNamed(t *testing.T) {
	data := t.TempDir()
	file := func(name, text string) string {
		p := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	for name, c := range map[string]struct {
		args []string
		want []string
	}{
		"malformed YAML":   {[]string{"--config", file("a.yaml", "library:\n  max_question: [1,\n")}, []string{"a.yaml:"}},
		"unknown key":      {[]string{"--config", file("b.yaml", "library:\n  max_questoin: 5\n")}, []string{"b.yaml:2", "library.max_questoin", `"max_question"`}},
		"unknown section":  {[]string{"--config", file("c.yaml", "libary:\n  workers: 1\n")}, []string{"c.yaml:1", "libary", `"library"`}},
		"wrong type":       {[]string{"--config", file("d.yaml", "library:\n  workers: many\n")}, []string{"d.yaml:2", "library.workers"}},
		"out of range":     {[]string{"--config", file("e.yaml", "library:\n  workers: 1000\n")}, []string{"library.workers", "1 to 64"}},
		"unknown backend":  {[]string{"--config", file("f.yaml", "sql:\n  backend: oracle\n")}, []string{"f.yaml:2", "sql.backend", "sqlite", "postgres"}},
		"missing file":     {[]string{"--config", filepath.Join(data, "none.yaml")}, []string{"none.yaml"}},
		"no Postgres":      {[]string{"--config", file("g.yaml", "sql:\n  backend: postgres\n  postgres:\n    url: postgres://user:hunter2@127.0.0.1:1/x?connect_timeout=2\n")}, []string{"postgres", "127.0.0.1:1"}},
		"no such dir":      {[]string{"import", filepath.Join(data, "none"), "--tenant", "acme"}, []string{"none"}},
		"nothing to read":  {[]string{"import", t.TempDir(), "--tenant", "acme"}, []string{"no .txt, .md, .html or .go files"}},
		"question of 1 MB": {[]string{"ask", strings.Repeat("why ", 1<<18)}, []string{"question", "1048576", "limit of 2000"}},
		"empty question":   {[]string{"ask", " "}, []string{"question is empty"}},
		"not UTF-8":        {[]string{"ask", "caf\xe9"}, []string{"question is not UTF-8"}},
	} {
		args := c.args
		if strings.HasPrefix(args[0], "--config") {
			args = append([]string{"ask", "x"}, args...)
		}
		code, out, stderr := askdocs(t, append(args, "--data", data, "--no-import")...)
		if code != 1 || strings.Count(stderr, "\n") != 1 || out != "" {
			t.Errorf("%s: %d, %q\n%s", name, code, out, stderr)
		}
		for _, w := range c.want {
			if !strings.Contains(stderr, w) {
				t.Errorf("%s: %q is not in: %s", name, w, stderr)
			}
		}
		if strings.Contains(stderr, "hunter2") {
			t.Errorf("%s: the password shows: %s", name, stderr)
		}
	}
}

func TestRefusedFilesDoNotStopTheOthers(t *testing.T) {
	data := t.TempDir()
	docs := write(t, map[string]string{"good.txt": "the good file", "bad.txt": "caf\xe9", "empty.md": "", "nul.txt": "a\x00b"})
	code, out, stderr := askdocs(t, "import", docs, "--tenant", "acme", "--data", data, "--no-import")
	if code != 1 || !strings.Contains(out, "imported 1 of 4 files") {
		t.Errorf("import: %d\n%s%s", code, out, stderr)
	}
	for _, want := range []string{`"bad.txt": is not UTF-8 at byte 3`, `"empty.md": is empty`, `"nul.txt": is not text`} {
		if !strings.Contains(stderr, want) {
			t.Errorf("%q is not in:\n%s", want, stderr)
		}
	}
}

func TestInterruptedStartLeavesNothingBehind(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, stderr bytes.Buffer
	data := t.TempDir()
	if code := run(ctx, []string{"ask", "x", "--data", data, "--no-import"}, &out, &stderr); code != 1 {
		t.Errorf("exit status %d\n%s%s", code, &out, &stderr)
	}
	if code, _, stderr := askdocs(t, "ask", "x", "--data", data, "--no-import"); code != 0 {
		t.Errorf("the next start: %s", stderr)
	}
}

// A flag says more than the environment, and a command that only asks does not
// want the server's address.
func TestAddressOfTheFlagWins(t *testing.T) {
	t.Setenv("LEX_HTTP__ADDR", "192.0.2.1:80") // of no machine: nobody can listen there
	if code, _, stderr := askdocs(t, "ask", "anything?", "--data", t.TempDir(), "--no-import"); code != 0 {
		t.Errorf("ask: %d %s", code, stderr)
	}
	ctx, cancel := context.WithCancel(t.Context())
	served := writerFunc(func(p []byte) { cancel() })
	var stderr bytes.Buffer
	if code := run(ctx, []string{"--addr", "127.0.0.1:0", "--data", t.TempDir(), "--no-import"}, served, &stderr); code != 0 {
		t.Errorf("serve: %d %s", code, &stderr)
	}
}

type writerFunc func(p []byte)

func (w writerFunc) Write(p []byte) (int, error) { w(p); return len(p), nil }

// Another Go distribution takes the place of the first one.
func TestImportFollowsTheDistribution(t *testing.T) {
	data, version := t.TempDir(), "go1.1"
	for _, c := range []struct{ kept, gone string }{{"src/sync/old.go", ""}, {"src/sync/new.go", "src/sync/old.go"}} {
		root := write(t, map[string]string{"VERSION": version, c.kept: "// Package sync has mutexes for zebras.\npackage sync\n"})
		version = "go1.2"
		t.Setenv("GOROOT", root)
		code, out, stderr := askdocs(t, "ask", "which package has mutexes for zebras?", "--data", data)
		if code != 0 || !strings.Contains(out, c.kept) || c.gone != "" && strings.Contains(out, c.gone) {
			t.Errorf("%s: %d\n%s%s", c.kept, code, out, stderr)
		}
	}
}

// A document that can be stored and not be read is told as well.
func TestImportTellsWhatCannotBeIndexed(t *testing.T) {
	docs := write(t, map[string]string{"deep.html": strings.Repeat("<div>", 10000) + "x", "good.txt": "Good.", "many.md": strings.Repeat("# a\nb\n", 1<<16+1)})
	code, out, stderr := askdocs(t, "import", docs, "--tenant", "acme", "--data", t.TempDir(), "--no-import")
	if code != 1 || !strings.Contains(out, "imported 1 of 3 files") || !strings.Contains(stderr, `"deep.html"`) || !strings.Contains(stderr, `"many.md": has more than 65536 sections`) {
		t.Errorf("%d\n%s%s", code, out, stderr)
	}
}

// Some packagers make parts of a distribution links to where their documents belong.
func TestImportFollowsTheLinksOfTheDistribution(t *testing.T) {
	shared := write(t, map[string]string{"src/sync/mutex.go": "// Package sync has mutexes for zebras.\npackage sync\n", "doc/zebras.html": "<h2 id=z>Zebras</h2><p>Zebras graze.</p>"})
	root := write(t, map[string]string{"VERSION": "go1.1"})
	for _, dir := range []string{"src", "doc"} {
		if err := os.Symlink(filepath.Join(shared, dir), filepath.Join(root, dir)); err != nil {
			t.Skip("no links here:", err)
		}
	}
	t.Setenv("GOROOT", root)
	code, out, stderr := askdocs(t, "ask", "which package has mutexes for zebras?", "--data", t.TempDir())
	if code != 0 || !strings.Contains(out, "[1] src/sync/mutex.go#") {
		t.Errorf("%d\n%s%s", code, out, stderr)
	}
}
