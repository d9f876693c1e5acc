package appcli

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/cli"
)

// tree returns the files below dir and what they hold.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		rel, _ := filepath.Rel(dir, name)
		all[filepath.ToSlash(rel)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestGen(t *testing.T) {
	t.Chdir(t.TempDir())
	_, o := shelves()
	check(t, o, []expect{
		{"gen text HelloWorld -f a:int,b:text=x -f c:int? -s bold --loud", 0, "created a/hello_world.txt\ncreated end.txt\n", ""},
		{"gen text HelloWorld", 0, "skipped a/hello_world.txt\nskipped end.txt\n", ""},
	})
	got := tree(t, "texts")
	if len(got) != 2 || !strings.HasSuffix(got["a/hello_world.txt"], "bold true anonymous\n") || strings.Count(got["a/hello_world.txt"], "Name:") != 3 {
		t.Errorf("%q", got)
	}
	check(t, o, []expect{
		{"gen text HelloWorld --force --json", 0, `"files_overwritten": [`, ""},
		{"gen text HelloWorld -o elsewhere --author me", 0, "created", ""},
	})
	if got := tree(t, "elsewhere"); got["a/hello_world.txt"] != "plain false me\n" {
		t.Errorf("%q", got)
	}
	check(t, o, []expect{
		{"gen text", 2, "", "takes NAME"},
		{"gen text ../x", 2, "", "is not made of letters"},
		{"gen text x -f a", 2, "", `column 2: ends where : and a type should stand`},
		{"gen text x -f a:int -f a:int", 2, "", `there are two fields "a"`},
		{"gen text x --style italic", 2, "", `"italic" is not one of plain, bold`},
		{"gen text x --loud=maybe", 2, "", `"maybe" is not one of true, false`},
		{"gen txt x", 2, "", `(did you mean "text"?)`},
	})
}

// A dry run writes nothing, and prints a patch that does what a run does.
func TestDryRun(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("git is not installed")
	}
	_, o := shelves()
	dir := t.TempDir()
	for _, args := range [][]string{{"gen", "text", "first"}, {"gen", "text", "first", "--force", "--loud", "-f", "a:int"}} {
		args = append(args, "-o", dir)
		before := tree(t, dir)
		r := call(t, o, append(args, "--dry-run")...)
		if r.code != 0 || len(tree(t, dir)) != len(before) {
			t.Fatalf("%+v", r)
		}
		apply := exec.CommandContext(t.Context(), git, "apply", "--unsafe-paths", "--directory="+dir, "-")
		apply.Dir, apply.Stdin = t.TempDir(), strings.NewReader(r.stdout)
		copied := t.TempDir()
		if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		apply.Args[3] = "--directory=" + copied
		if out, err := apply.CombinedOutput(); err != nil {
			t.Fatalf("git apply: %v\n%s\n%s", err, out, r.stdout)
		}
		if r := call(t, o, args...); r.code != 0 {
			t.Fatalf("%+v", r)
		}
		want, got := tree(t, dir), tree(t, copied)
		for name := range want {
			if got[name] != want[name] {
				t.Errorf("%s: the patch makes %q, the run %q", name, got[name], want[name])
			}
		}
	}
	r := call(t, o, "gen", "text", "first", "-o", dir, "--dry-run", "--json")
	var p plan
	if err := json.Unmarshal([]byte(r.stdout), &p); err != nil || len(p.Skipped) != 2 || p.Patch != "" {
		t.Errorf("%+v, %v", p, err)
	}
}

// Nothing is written outside of the output directory, whatever a generator says
// and whatever links lie there.
func TestNothingOutside(t *testing.T) {
	base := t.TempDir()
	out, outside := filepath.Join(base, "out"), filepath.Join(base, "outside")
	for _, d := range []string{out, outside} {
		if err := os.Mkdir(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(outside, "kept"), []byte("kept"), 0o600); err != nil {
		t.Fatal(err)
	}
	for link, to := range map[string]string{"dir": outside, "file": filepath.Join(outside, "kept"), "dangling": filepath.Join(outside, "made")} {
		if err := os.Symlink(to, filepath.Join(out, link)); err != nil {
			t.Skip("no symbolic links here:", err)
		}
	}
	for _, force := range []bool{false, true} {
		for _, path := range []string{"../outside/a", "/etc/a", "a/../../b", "", ".", "dir/a", `..\a`} {
			_, err := write(out, []cli.File{{Path: path, Data: []byte("x")}}, force)
			if path == `..\a` && filepath.Separator == '/' {
				continue // a name like any other
			}
			if err == nil {
				t.Errorf("%q was written", path)
			}
		}
		for _, path := range []string{"file", "dangling"} {
			if _, err := write(out, []cli.File{{Path: path, Data: []byte("x")}}, force); err != nil {
				t.Error(err) // skipped, or the link itself is replaced
			}
		}
	}
	if got := tree(t, outside); len(got) != 1 || got["kept"] != "kept" {
		t.Errorf("outside there is %q", got)
	}
}

func TestWriteLeavesNoRest(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "taken"), 0o700); err != nil {
		t.Fatal(err)
	}
	files := []cli.File{{Path: "a", Data: []byte("a")}, {Path: "taken", Data: []byte("b")}, {Path: "c", Data: []byte("c")}}
	result, err := write(dir, files, true)
	if err == nil || !strings.Contains(err.Error(), "taken: is a directory") || !slices.Equal(result.Created, []string{"a"}) {
		t.Errorf("%+v, %v", result, err)
	}
	if got := tree(t, dir); len(got) != 1 {
		t.Errorf("%q", got)
	}
	if _, err := write(filepath.Join(dir, "a"), files, true); err == nil {
		t.Error("a file is no directory")
	}
	if _, err := write(dir, []cli.File{{Path: "x"}, {Path: "x"}}, true); err == nil {
		t.Error("a path twice")
	}
}

// Of two that generate at once, one creates a file and the other skips it.
func TestPlace(t *testing.T) {
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for name, text := range map[string]string{"tmp": "second", "there": "first"} {
		if err := writeNew(root, name, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	placed, existed, err := place(root, "tmp", "there", false)
	if got := tree(t, dir); placed || !existed || err != nil || len(got) != 1 || got["there"] != "first" {
		t.Errorf("%v, %v, %v, %q", placed, existed, err, got)
	}
}

func TestRequiredOption(t *testing.T) {
	_, o := shelves()
	g := textGenerator()
	g.Name, g.Options = "must", []cli.GeneratorOption{{Name: "who", Short: "x", Required: true}}
	o.Contributors = []cli.Contributor{contributor{id: "own", generators: []cli.GeneratorDefinition{g}}}
	check(t, o, []expect{{"gen must x", 2, "", "needs --who; see shelves gen must --help"}})
	g.Generate = func(context.Context, cli.Request) ([]cli.File, error) {
		return nil, cli.ErrField.Wrap(nil, "a field of no type")
	}
	g.Options = nil
	o.Contributors = []cli.Contributor{contributor{id: "own", generators: []cli.GeneratorDefinition{g}}}
	check(t, o, []expect{{"gen must x", 2, "", "a field of no type"}})
}
