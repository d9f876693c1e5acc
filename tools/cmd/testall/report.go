package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// An event is one line of go test -json; see go doc test2json.
type event struct {
	Action     string
	Package    string
	ImportPath string // of build-output and build-fail
	Test       string
	Output     string
}

// A report counts the tests of any number of runs of go test. Its zero value is empty.
type report struct {
	passed, failed int
	broken         []string            // packages that failed without a failed test: build, vet, TestMain, crash
	skips          map[string][]string // reason to the tests that gave it
	output         map[[2]string][]string
	culprits       map[string]bool // packages with a failed test
}

// read takes the events of one run from in. It prints to out the line of each
// package and all output of the tests that failed.
func (r *report) read(in io.Reader, out io.Writer) error {
	if r.output == nil {
		r.skips, r.output, r.culprits = map[string][]string{}, map[[2]string][]string{}, map[string]bool{}
	}
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadString('\n')
		if line != "" {
			r.line(line, out)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// line handles one line, which is not always an event: go prints some errors plainly.
func (r *report) line(line string, out io.Writer) {
	var e event
	if err := json.Unmarshal([]byte(line), &e); err != nil || e.Action == "" {
		fmt.Fprint(out, line)
		return
	}
	key := [2]string{e.Package, e.Test}
	switch e.Action {
	case "build-output":
		fmt.Fprint(out, e.Output)
	case "output":
		r.output[key] = append(r.output[key], e.Output)
	case "pass", "fail", "skip":
		if e.Test == "" {
			r.packageDone(e, out)
		} else {
			r.testDone(e, out)
		}
	}
}

func (r *report) testDone(e event, out io.Writer) {
	key := [2]string{e.Package, e.Test}
	text := r.output[key]
	delete(r.output, key)
	switch e.Action {
	case "pass":
		r.passed++
	case "fail":
		r.failed++
		r.culprits[e.Package] = true
		fmt.Fprint(out, strings.Join(text, ""))
	case "skip":
		why := reason(text)
		r.skips[why] = append(r.skips[why], e.Package+"."+e.Test)
	}
}

// packageDone prints what go test prints of a package: of one that passed its
// last line, of one that failed everything that no test of it printed.
func (r *report) packageDone(e event, out io.Writer) {
	key := [2]string{e.Package, ""}
	text := r.output[key]
	delete(r.output, key)
	if e.Action != "fail" {
		for _, l := range text {
			if strings.HasPrefix(l, "ok ") || strings.HasPrefix(l, "? ") || strings.HasPrefix(l, "\t") {
				fmt.Fprint(out, l)
			}
		}
		return
	}
	for k, lines := range r.output { // tests that a crash cut short
		if k[0] == e.Package {
			fmt.Fprint(out, strings.Join(lines, ""))
			delete(r.output, k)
		}
	}
	fmt.Fprint(out, strings.Join(text, ""))
	if !r.culprits[e.Package] {
		r.broken = append(r.broken, e.Package)
	}
}

// reason returns what a skipped test said, without the place where it said it.
func reason(text []string) string {
	var said []string
	for _, l := range text {
		l = strings.TrimSpace(l)
		if l == "" || strings.HasPrefix(l, "=== ") || strings.HasPrefix(l, "--- ") {
			continue
		}
		if place, rest, ok := strings.Cut(l, ": "); ok && strings.Contains(place, ".go:") {
			l = rest
		}
		said = append(said, l)
	}
	if len(said) == 0 {
		return "no reason given"
	}
	return strings.Join(said, " ")
}

// summarise prints the skips by reason and the counts. Packages that failed
// without a failed test count as one failure each.
func (r *report) summarise(out io.Writer) {
	skipped := 0
	for _, why := range slices.Sorted(maps.Keys(r.skips)) {
		tests := r.skips[why]
		skipped += len(tests)
		fmt.Fprintf(out, "SKIPPED %d: %s\n", len(tests), why)
		for i, t := range tests {
			if i == 3 {
				fmt.Fprintf(out, "\tand %d more\n", len(tests)-i)
				break
			}
			fmt.Fprintf(out, "\t%s\n", t)
		}
	}
	for _, p := range r.broken {
		fmt.Fprintf(out, "FAILED outside its tests: %s\n", p)
	}
	fmt.Fprintf(out, "%d passed, %d failed, %d skipped\n", r.passed, r.failed+len(r.broken), skipped)
}
