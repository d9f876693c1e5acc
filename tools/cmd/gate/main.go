// Command gate checks the rules of the repository that no compiler checks.
//
// Usage:
//
//	gate [-list] [-write] [NAME...]
//
// Without names every gate runs, the quick ones first, and one that fails does
// not keep the others from running. With -write a gate that compares with a
// checked-in file rewrites the file.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/tools/internal/gomods"
)

// A gate is one rule of the repository and the check of it. A check returns an
// error that names each place where the rule is broken.
type gate struct {
	name  string
	says  string
	check func(ctx context.Context, e *env) error
}

var gates = [...]gate{
	{"papers", "every published module has LICENSE, README.md and CHANGELOG.md", papers},
	{"modfiles", "every module says go 1.26.0 and no toolchain, and no module of the workspace has a replace", modfiles},
	{"links", "every relative link of a Markdown file leads somewhere", links},
	{"readme", "every Go block of a document is a program or part of a compiled example", readme},
	{"format", "gofumpt changes no file", format},
	{"imports", "a module imports contracts and itself, never a sibling", imports},
	{"names", "no two packages have the same name", names},
	{"codes", "no two sentinel errors share a code", codes},
	{"stdonly", "contracts and its tests use the standard library alone", stdOnly},
	{"vet", "go vet is silent on every module", vet},
	{"budget", "the third-party modules of each module are those of tools/budget.txt", budget},
	{"contributing", "the adapter in CONTRIBUTING.md compiles and passes its suite", contributing},
	{"catalogue", "every line of docs/catalogue.tsv is true", catalogue},
	{"tidy", "go mod tidy changes no go.mod and no go.sum", tidy},
	{"alone", "each published module passes vet and its tests outside the workspace", alone},
	{"goget", "an outsider can get, verify, build, run and test each published module", goGet},
}

func main() {
	list := flag.Bool("list", false, "print the gates and run none")
	write := flag.Bool("write", false, "rewrite checked-in files instead of comparing with them")
	flag.Parse()
	if *list {
		for _, g := range gates {
			fmt.Printf("%-12s %s\n", g.name, g.says)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *write, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "gate:", err)
		os.Exit(1)
	}
}

// run runs the named gates, or all.
func run(ctx context.Context, write bool, wanted []string) error {
	root, err := gomods.FindRoot(".")
	if err != nil {
		return err
	}
	tree, err := gomods.Load(root)
	if err != nil {
		return err
	}
	chosen, err := choose(wanted)
	if err != nil {
		return err
	}
	e := &env{tree: tree, tools: filepath.Join(root, "tools"), write: write}
	var failed []string
	for _, g := range chosen {
		start := time.Now()
		err := g.check(ctx, e)
		took := time.Since(start).Round(100 * time.Millisecond)
		if err != nil {
			failed = append(failed, g.name)
			fmt.Printf("FAIL  %-12s %8s  %s\n\t%s\n", g.name, took, g.says, strings.ReplaceAll(err.Error(), "\n", "\n\t"))
			continue
		}
		fmt.Printf("ok    %-12s %8s  %s\n", g.name, took, g.says)
	}
	if len(failed) > 0 {
		return fmt.Errorf("%d of %d gates failed: %s", len(failed), len(chosen), strings.Join(failed, " "))
	}
	return nil
}

// choose returns the gates of those names, all of them if there are none.
func choose(wanted []string) ([]gate, error) {
	if len(wanted) == 0 {
		return gates[:], nil
	}
	var chosen []gate
	for _, name := range wanted {
		found := false
		for _, g := range gates {
			if g.name == name {
				chosen, found = append(chosen, g), true
			}
		}
		if !found {
			return nil, fmt.Errorf("there is no gate %q; gate -list prints them", name)
		}
	}
	return chosen, nil
}
