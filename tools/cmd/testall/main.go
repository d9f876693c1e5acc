// Command testall runs the tests of every module of the repository: those of
// go.work in one go, the others each with GOWORK=off. It prints go test's own
// line for each package, the output of what failed, and at the end what was
// skipped and why, and how many tests passed and failed.
//
// Usage:
//
//	testall [-race=false] [-run REGEXP] [-only DIR]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"

	"github.com/lexigram/lexigram-go/tools/internal/gomods"
)

func main() {
	race := flag.Bool("race", true, "detect data races")
	run := flag.String("run", "", "only the tests that match the regular expression")
	only := flag.String("only", "", "only the module in this directory, outside the workspace")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var r report
	err := testAll(ctx, &r, *only, flags(*race, *run))
	r.summarise(os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "testall:", err)
		os.Exit(1)
	}
}

// flags returns the arguments of go test before the packages.
func flags(race bool, run string) []string {
	args := []string{"test", "-json"}
	if race {
		args = append(args, "-race")
	}
	if run != "" {
		args = append(args, "-run="+run)
	}
	return args
}

// testAll runs go test for the workspace and for each module outside it. A
// failure does not keep the rest from running.
func testAll(ctx context.Context, r *report, only string, args []string) error {
	root, err := gomods.FindRoot(".")
	if err != nil {
		return err
	}
	tree, err := gomods.Load(root)
	if err != nil {
		return err
	}
	var errs []error
	if only == "" {
		errs = append(errs, goTest(ctx, r, root, "", append(args[:len(args):len(args)], "work")))
	}
	found := false
	for _, m := range tree.Outside() {
		if only != "" && filepath.ToSlash(filepath.Clean(only)) != m.Dir {
			continue
		}
		found = true
		dir := filepath.Join(root, filepath.FromSlash(m.Dir))
		errs = append(errs, goTest(ctx, r, dir, "off", append(args[:len(args):len(args)], "./...")))
	}
	if only != "" && !found {
		return fmt.Errorf("no module outside go.work is in %q", only)
	}
	return errors.Join(errs...)
}

// goTest runs the go command in dir and feeds its events to r.
func goTest(ctx context.Context, r *report, dir, gowork string, args []string) error {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK="+gowork)
	cmd.Stderr = os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	rerr := r.read(out, os.Stdout)
	if err := errors.Join(rerr, cmd.Wait()); err != nil {
		return fmt.Errorf("%s: go %s: %w", filepath.Base(dir), args[0], err)
	}
	return nil
}
