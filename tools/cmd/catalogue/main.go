// Command catalogue checks docs/catalogue.tsv, which says for each entry of the
// API reference what it is in Go, what implements it and which suite proves
// the implementations, and renders docs/catalogue.md from it.
//
// Usage:
//
//	catalogue [-root DIR] [-write]
//
// A line that is not true fails it, and so does a count below the one that the
// first line of the table states. With -write it renders the page and raises
// that number; nothing but an editor lowers it.
package main

import (
	"context"
	_ "embed"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lexigram/lexigram-go/tools/internal/gomods"
)

//go:embed entries.txt
var entriesText string

func main() {
	root := flag.String("root", "", "the repository; the one around the current directory if empty")
	write := flag.Bool("write", false, "render docs/catalogue.md and raise the count instead of comparing")
	flag.Parse()
	if err := run(context.Background(), *root, strings.Fields(entriesText), *write); err != nil {
		fmt.Fprintln(os.Stderr, "catalogue:", err)
		os.Exit(1)
	}
}

// run checks the catalogue of the repository at root against entries.
func run(ctx context.Context, root string, entries []string, write bool) error {
	if root == "" {
		var err error
		if root, err = gomods.FindRoot("."); err != nil {
			return err
		}
	}
	tree, err := gomods.Load(root)
	if err != nil {
		return err
	}
	name := filepath.Join(tree.Root, "docs", "catalogue.tsv")
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	table, err := parse(string(text))
	if err != nil {
		return err
	}
	bad := table.checkEntries(entries)
	more, err := checkTypes(ctx, tree, table)
	if err != nil {
		return err
	}
	if bad = append(bad, more...); len(bad) > 0 {
		return fmt.Errorf("%s:\n%s", filepath.ToSlash(filepath.Join("docs", "catalogue.tsv")), strings.Join(bad, "\n"))
	}
	fmt.Printf("%d of %d\n", len(table.lines), len(entries))
	page := filepath.Join(tree.Root, "docs", "catalogue.md")
	if write {
		if err := os.WriteFile(name, []byte(table.raised()), 0o644); err != nil {
			return err
		}
		return os.WriteFile(page, []byte(table.markdown(entries)), 0o644)
	}
	return compare(page, table.markdown(entries))
}

// compare returns an error unless the file has the text.
func compare(name, want string) error {
	have, err := os.ReadFile(name)
	if err == nil && string(have) == want {
		return nil
	}
	if err == nil {
		err = fmt.Errorf("%d of its lines differ", differing(string(have), want))
	}
	return fmt.Errorf("docs/catalogue.md is out of date, run make catalogue: %w", err)
}

// differing counts the lines that only one of the texts has.
func differing(a, b string) int {
	as, bs := strings.Split(a, "\n"), strings.Split(b, "\n")
	n := 0
	for _, l := range as {
		if !slices.Contains(bs, l) {
			n++
		}
	}
	for _, l := range bs {
		if !slices.Contains(as, l) {
			n++
		}
	}
	return max(n, 1)
}
