package main

import (
	"fmt"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"text/tabwriter"
	"time"
)

// A report is what one run measured, and where.
type report struct {
	Date      time.Time
	Machine   string
	LoadAfter string
	Rows      []result
}

// text is the table for a terminal.
func (r report) text() string {
	var b strings.Builder
	for _, row := range r.Rows {
		w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
		fmt.Fprintf(&b, "%s: goal %s: %s\n", row.Name, row.Goal, verdict(row.Met))
		fmt.Fprint(w, "\ttime/op\tallocs/op\tB/op\tratio\t\n")
		for i, s := range row.Sides {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t\n", s.Name, duration(s.Ns), count(s.Allocs), count(s.Bytes), ratio(row, i))
		}
		if err := w.Flush(); err != nil {
			panic(err) // a strings.Builder does not fail
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "%s; load after the run %s\n", r.Machine, r.LoadAfter)
	return b.String()
}

// markdown is the page that is kept in the repository.
func (r report) markdown() string {
	var b strings.Builder
	b.WriteString("# Measured beside its peers\n\nWritten by `make bench`: every contestant does the same work on the same data, in one process, in turns;\n")
	b.WriteString("figures are medians, with the fastest and the slowest turn in brackets. The ratio is the peer's time over ours.\n\n")
	fmt.Fprintf(&b, "%s, %s; load after the run %s.\n", r.Date.Format(time.DateOnly), r.Machine, r.LoadAfter)
	for _, row := range r.Rows {
		fmt.Fprintf(&b, "\n## %s\n\nOne operation: %s. Goal: %s: **%s**.\n\n", row.Name, row.Work, row.Goal, verdict(row.Met))
		b.WriteString("| | time/op | allocs/op | B/op | ratio |\n|---|---:|---:|---:|---:|\n")
		for i, s := range row.Sides {
			fmt.Fprintf(&b, "| %s | %s (%s – %s) | %s | %s | %s |\n", s.Name, duration(s.Ns), duration(s.Fastest), duration(s.Slowest),
				count(s.Allocs), count(s.Bytes), ratio(row, i))
		}
	}
	return b.String()
}

func verdict(met bool) string {
	if met {
		return "met"
	}
	return "missed"
}

// ratio is how many times longer than ours side i takes.
func ratio(r result, i int) string {
	if i == 0 {
		return "1"
	}
	return fmt.Sprintf("%.2f", r.Sides[i].Ns/r.ours().Ns)
}

// duration prints nanoseconds with three digits.
func duration(ns float64) string {
	for _, u := range []struct {
		unit string
		ns   float64
	}{{"s", 1e9}, {"ms", 1e6}, {"µs", 1e3}} {
		if ns >= u.ns {
			return digits(ns/u.ns) + " " + u.unit
		}
	}
	return digits(ns) + " ns"
}

func digits(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

// count prints a median number of things; what other goroutines add by chance disappears in rounding.
func count(v float64) string { return fmt.Sprintf("%.0f", math.Round(v)) }

// machine says on what was measured: processor, number of them, Go, and the peers' versions.
func machine() string {
	s := fmt.Sprintf("%s, %d CPUs, %s %s/%s", processor(), runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, dep := range info.Deps {
			if isPeer(dep.Path) {
				s += ", " + dep.Path + " " + dep.Version
			}
		}
	}
	return s
}

// processor returns the model that Linux names.
func processor() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "unknown processor"
	}
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown processor"
}

// load returns the load averages that Linux tells.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	f := strings.Fields(string(text))
	return strings.Join(f[:min(3, len(f))], " ")
}
