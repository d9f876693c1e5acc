package boot_test

import (
	"errors"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/core/boot"
)

func moduleGenerator(t *testing.T) cli.GeneratorDefinition {
	t.Helper()
	found, err := boot.New(boot.Options{}).Contributions(t.Context())
	must(t, err)
	return found[0].Contributor.(cli.GeneratorContributor).Generators()[0]
}

// A generated module is formatted, compiles, and passes its own test.
func TestGeneratedModule(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles a module")
	}
	dir := t.TempDir()
	source, _ := runtime.FuncForPC(reflect.ValueOf(cli.Snake).Pointer()).FileLine(0) // wherever contracts was compiled from
	contracts := filepath.Dir(filepath.Dir(source))
	if !filepath.IsAbs(contracts) {
		t.Skip("built with -trimpath: where contracts lies is not known")
	}
	mod := "module example.org/app\n\ngo 1.26.0\n\nrequire github.com/lexigram/lexigram-go/contracts v0.1.0\n\nreplace github.com/lexigram/lexigram-go/contracts => " + contracts + "\n"
	must(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte(mod), 0o600))
	for name, fields := range map[string][]cli.Field{
		"orders":     {{Name: "limit", Type: "int"}, {Name: "max_wait", Type: "duration"}, {Name: "maxBody", Type: "size"}, {Name: "x", Type: "bool"}},
		"HelloWorld": nil,
	} {
		files, err := moduleGenerator(t).Generate(t.Context(), cli.Request{Name: name, Fields: fields})
		must(t, err)
		for _, f := range files {
			formatted, err := format.Source(f.Data)
			if err != nil || string(formatted) != string(f.Data) {
				t.Errorf("%s is not formatted: %v\n%s", f.Path, err, f.Data)
			}
			path := filepath.Join(dir, filepath.FromSlash(f.Path))
			must(t, os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, f.Data, 0o600))
		}
	}
	cmd := exec.CommandContext(t.Context(), "go", "test", "./...")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod", "GOPROXY=off")
	if out, err := cmd.CombinedOutput(); err != nil || strings.Count(string(out), "ok  ") != 2 {
		t.Errorf("go test: %v\n%s", err, out)
	}
}

func TestGenerateModuleRefuses(t *testing.T) {
	for _, req := range []cli.Request{
		{Name: "func"},
		{Name: "größe"},
		{Name: "a", Fields: []cli.Field{{Name: "b", Type: "uuid"}}},
		{Name: "a", Fields: []cli.Field{{Name: "max_x", Type: "int"}, {Name: "maxX", Type: "int"}}},
		{Name: "a", Fields: []cli.Field{{Name: "b", Type: "int", Unique: true}}},
		{Name: "a", Fields: []cli.Field{{Name: "b", Type: "int", HasDefault: true}}},
	} {
		if _, err := moduleGenerator(t).Generate(t.Context(), req); !errors.Is(err, cli.ErrUsage) {
			t.Errorf("%+v: %v", req, err)
		}
	}
}
