package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

const (
	floorPrefix = "# at least "
	columns     = "# entry\tidentifier\timplementations\tsuite"
)

// A table is docs/catalogue.tsv.
type table struct {
	floor      int // how many lines it must have
	lines      []line
	supporting []support
}

// A line says what one entry of the reference is here. Names are of the form
// contracts/cache.Store: a directory of the repository and an identifier.
type line struct {
	entry      string
	identifier string
	impls      []string // empty for what cannot be implemented: a value, an error, a function
	suite      string   // directory of the conformance suite; "" without impls
}

// parse reads the table: the count, the names of the columns, and a line for
// each entry with four columns, of which "-" is an empty one; then, under the names of its
// own columns, what supports them.
func parse(text string) (table, error) {
	rows := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	floor, ok := strings.CutPrefix(rows[0], floorPrefix)
	n, err := strconv.Atoi(floor)
	if !ok || err != nil || len(rows) < 2 || rows[1] != columns {
		return table{}, fmt.Errorf("docs/catalogue.tsv: want the lines %q and %q first", floorPrefix+"N", columns)
	}
	t := table{floor: n}
	for i, row := range rows[2:] {
		if row == supportColumns {
			t.supporting, err = parseSupporting(rows[i+3:], i+4)
			return t, err
		}
		f := strings.Split(row, "\t")
		if len(f) != 4 || slices.Contains(f, "") {
			return table{}, fmt.Errorf("docs/catalogue.tsv:%d: want four columns, of which - is an empty one", i+3)
		}
		l := line{entry: f[0], identifier: f[1]}
		if f[2] != "-" {
			l.impls = strings.Split(f[2], ",")
		}
		if f[3] != "-" {
			l.suite = f[3]
		}
		t.lines = append(t.lines, l)
	}
	return t, nil
}

// checkEntries returns what is wrong with the entries themselves.
func (t table) checkEntries(entries []string) (bad []string) {
	seen := make(map[string]bool)
	last := ""
	for _, l := range t.lines {
		switch {
		case !slices.Contains(entries, l.entry):
			bad = append(bad, l.entry+" is no entry of the reference")
		case seen[l.entry]:
			bad = append(bad, l.entry+" has two lines")
		case l.entry < last:
			bad = append(bad, l.entry+" stands after "+last)
		}
		seen[l.entry], last = true, l.entry
	}
	if len(t.lines) < t.floor {
		bad = append(bad, fmt.Sprintf("the count fell from %d to %d", t.floor, len(t.lines)))
	}
	return bad
}

// raised returns the text of the table with its own count in its first line.
func (t table) raised() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s%d\n%s\n", floorPrefix, max(t.floor, len(t.lines)), columns)
	for _, l := range t.lines {
		fmt.Fprintf(&b, "%s\t%s\t%s\t%s\n", l.entry, l.identifier, dash(strings.Join(l.impls, ",")), dash(l.suite))
	}
	if len(t.supporting) > 0 {
		b.WriteString(supportColumns + "\n")
	}
	for _, s := range t.supporting {
		fmt.Fprintf(&b, "%s\t%s\t%s\n", s.name, dash(strings.Join(s.pieces, ",")), s.how)
	}
	return b.String()
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// markdown renders the page for readers.
func (t table) markdown(entries []string) string {
	var b strings.Builder
	b.WriteString("# The API reference, entry by entry\n\nRendered by `make catalogue` from [catalogue.tsv](catalogue.tsv); a gate checks that every name below exists,\n")
	b.WriteString("that every implementation satisfies its interface and that its suite runs on it.\n\n")
	fmt.Fprintf(&b, "**%d of %d**\n\n| entry | in Go | implementations | suite |\n|---|---|---|---|\n", len(t.lines), len(entries))
	have := make(map[string]bool)
	for _, l := range t.lines {
		have[l.entry] = true
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", l.entry, code(l.identifier), code(l.impls...), code(l.suite))
	}
	var absent []string
	for _, e := range entries {
		if !have[e] {
			absent = append(absent, e)
		}
	}
	if len(absent) > 0 {
		fmt.Fprintf(&b, "\nAbsent: %s.\n", strings.Join(absent, ", "))
	}
	b.WriteString(t.supportingMarkdown())
	return b.String()
}

// code renders names, which are long, by their last element, linked to their directory.
func code(names ...string) string {
	var parts []string
	for _, name := range names {
		if name == "" {
			continue
		}
		if std, ok := strings.CutPrefix(name, stdPrefix); ok {
			dir, ident := split(std)
			parts = append(parts, fmt.Sprintf("[`%s.%s`](https://pkg.go.dev/%s#%s)", dir[strings.LastIndex(dir, "/")+1:], ident, dir, ident))
			continue
		}
		dir, short := name, name[strings.LastIndex(name, "/")+1:]
		if i := strings.Index(short, "."); i >= 0 {
			dir = name[:len(name)-len(short)+i]
		}
		parts = append(parts, fmt.Sprintf("[`%s`](../%s)", short, dir))
	}
	return strings.Join(parts, ", ")
}
