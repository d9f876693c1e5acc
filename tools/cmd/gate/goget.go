package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/semver"

	"github.com/lexigram/lexigram-go/tools/internal/gomods"
)

// goGet makes a file proxy of the working tree and, for each published module,
// a module of somebody else that gets it, with an empty module cache.
func goGet(ctx context.Context, e *env) error {
	tmp, err := os.MkdirTemp("", "goget")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	vars, err := e.proxy(ctx, tmp)
	if err != nil {
		return err
	}
	var errs []error
	for _, m := range e.tree.Published() {
		dir := filepath.Join(tmp, filepath.FromSlash(m.Dir))
		c := consumer{e: e, m: m, dir: filepath.Join(dir, "consumer"), vars: append(vars[:len(vars):len(vars)], "GOMODCACHE="+filepath.Join(dir, "cache"))}
		if err := c.run(ctx); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", m.Dir, err))
		}
		if err := os.RemoveAll(dir); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// proxy writes the published modules to a file proxy in tmp and returns the
// environment in which the go command takes ours from there and third-party
// modules from the machine's module cache or, if they are not in it, from the network.
func (e *env) proxy(ctx context.Context, tmp string) ([]string, error) {
	tool := filepath.Join(tmp, "modproxy")
	if _, err := e.alone(ctx, e.tools, nil, "build", "-o", tool, "./cmd/modproxy"); err != nil {
		return nil, err
	}
	dir := filepath.Join(tmp, "proxy")
	args := []string{"-repo", e.tree.Root, "-out", dir}
	for _, m := range e.tree.Published() {
		args = append(args, m.Dir+"="+e.version(m))
	}
	if _, err := command(ctx, tmp, nil, tool, args...); err != nil {
		return nil, err
	}
	out, err := e.alone(ctx, e.tools, nil, "env", "GOMODCACHE", "GOPROXY")
	if err != nil {
		return nil, err
	}
	cache, network, _ := strings.Cut(strings.TrimSpace(out), "\n")
	return []string{
		"GOPROXY=file://" + dir + ",file://" + filepath.Join(cache, "cache", "download") + "," + network,
		"GOSUMDB=off", // the sums of third-party modules are checked against our own go.sum files by the gate alone
		"GOPRIVATE=", "GONOPROXY=",
		"GOTOOLCHAIN=local",
		"GOFLAGS=-modcacherw -trimpath -mod=mod",
	}, nil
}

// version returns the highest version of m that another module pins.
func (e *env) version(m gomods.Module) string {
	v := "v0.1.0"
	for _, other := range e.tree.Modules {
		for _, r := range other.File.Require {
			if r.Mod.Path == m.Path && semver.Compare(r.Mod.Version, v) > 0 {
				v = r.Mod.Version
			}
		}
	}
	return v
}

// A consumer is a module of somebody else that requires m.
type consumer struct {
	e    *env
	m    gomods.Module
	dir  string
	vars []string
}

// run does what an outsider does with a new dependency.
func (c *consumer) run(ctx context.Context) error {
	if err := os.MkdirAll(c.dir, 0o755); err != nil {
		return err
	}
	at := "@" + c.e.version(c.m)
	if err := c.golang(ctx, []string{"mod", "init", "example.com/consumer"}, []string{"get", c.m.Path + at}); err != nil {
		return err
	}
	program, err := c.program(ctx)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(c.dir, "main.go"), []byte(program), 0o600); err != nil {
		return err
	}
	err = c.golang(ctx, []string{"mod", "tidy"}, []string{"mod", "verify"}, []string{"build", "-o", os.DevNull, "./..."}, []string{"vet", "./..."})
	if err != nil {
		return err
	}
	running, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := c.golang(running, []string{"run", "."}); err != nil {
		return err
	}
	return c.golang(ctx, []string{"get", "-t", c.m.Path + "/..." + at}, []string{"test", c.m.Path + "/..."})
}

// golang runs the go command with each of args until one fails.
func (c *consumer) golang(ctx context.Context, args ...[]string) error {
	for _, a := range args {
		if _, err := c.e.alone(ctx, c.dir, c.vars, a...); err != nil {
			return err
		}
	}
	return nil
}

// program returns the program in the module's README, or one that imports
// each package that an outsider may import.
func (c *consumer) program(ctx context.Context) (string, error) {
	text, err := os.ReadFile(filepath.Join(c.e.dir(c.m), "README.md"))
	if err != nil {
		return "", err
	}
	if blocks := goBlocks(string(text)); len(blocks) > 0 && isProgram(blocks[0]) {
		block := blocks[0]
		return block, nil
	}
	out, err := c.e.alone(ctx, c.dir, c.vars, "list", "-f", `{{if ne .Name "main"}}{{.ImportPath}}{{end}}`, c.m.Path+"/...")
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString("package main\n\nimport (\n")
	n := 0
	for path := range strings.FieldsSeq(out) {
		if !strings.Contains(path+"/", "/internal/") {
			fmt.Fprintf(&b, "\t_ %q\n", path)
			n++
		}
	}
	if n == 0 {
		return "", errors.New("the module has no package that can be imported")
	}
	b.WriteString(")\n\nfunc main() {}\n")
	return b.String(), nil
}
