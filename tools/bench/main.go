// Command bench measures this project and its peers doing the same work on the
// same data, in one process and one run: the contestants take turns, several
// times, and the medians are compared.
//
// Usage:
//
//	bench [-only REGEXP] [-rounds N] [-time D] [-json] [-write]
//
// With -write the table is kept in docs/benchmarks.md. Times depend on the
// machine; ratios and allocations much less.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"time"
)

func main() {
	only := flag.String("only", "", "measure the rows whose name matches the regular expression")
	rounds := flag.Int("rounds", 7, "how often each contestant has its turn")
	slice := flag.Duration("time", 200*time.Millisecond, "how long a turn takes")
	asJSON := flag.Bool("json", false, "print the results as JSON instead of a table")
	write := flag.Bool("write", false, "write docs/benchmarks.md, which needs every row to be measured")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, *only, effort{rounds: *rounds, slice: *slice}, *asJSON, *write); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run measures the rows that match only, and prints or writes what came out.
func run(ctx context.Context, out io.Writer, only string, cfg effort, asJSON, write bool) error {
	if write && only != "" {
		return fmt.Errorf("-write replaces the whole table: leave -only=%s out", only)
	}
	match, err := regexp.Compile(only)
	if err != nil {
		return fmt.Errorf("-only: %w", err)
	}
	if err := cfg.check(); err != nil {
		return err
	}
	rep := report{Machine: machine(), Date: time.Now().UTC()}
	for _, r := range rows() {
		if !match.MatchString(r.name) {
			continue
		}
		fmt.Fprintln(os.Stderr, "measuring", r.name)
		res, err := measure(ctx, r, cfg)
		if err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
		rep.Rows = append(rep.Rows, res)
	}
	if len(rep.Rows) == 0 {
		return fmt.Errorf("no row matches %q", only)
	}
	rep.LoadAfter = load()
	if write {
		name, err := target()
		if err != nil {
			return err
		}
		return os.WriteFile(name, []byte(rep.markdown()), 0o644)
	}
	if asJSON {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "\t")
		return enc.Encode(rep)
	}
	_, err = io.WriteString(out, rep.text())
	return err
}

// target returns the file that keeps the table.
func target() (string, error) {
	name := filepath.Join("..", "..", "docs", "benchmarks.md")
	if _, err := os.Stat(filepath.Join("..", "..", "go.work")); err != nil {
		return "", fmt.Errorf("-write: run it in tools/bench: %w", err)
	}
	return name, nil
}
