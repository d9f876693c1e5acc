package main

import (
	"fmt"
	"slices"
	"strings"
)

const (
	supportColumns = "# supporting\tpieces\thow"
	stdPrefix      = "std:" // of a name of the standard library, such as std:io.Closer
)

// A support says what a small type of the original, which is no entry of the
// reference, is here: identifiers of ours and of the standard library.
type support struct {
	name   string
	pieces []string // empty for what is not there yet
	how    string   // one sentence
}

// parseSupporting reads rows with three columns, of which "-" is an empty
// second one; line is the number of the first.
func parseSupporting(rows []string, line int) ([]support, error) {
	var all []support
	for i, row := range rows {
		f := strings.Split(row, "\t")
		if len(f) != 3 || slices.Contains(f, "") || strings.HasPrefix(row, "#") {
			return nil, fmt.Errorf("docs/catalogue.tsv:%d: want a name, pieces and a sentence", line+i)
		}
		s := support{name: f[0], how: f[2]}
		if f[1] != "-" {
			s.pieces = strings.Split(f[1], ",")
		}
		for _, other := range all {
			if other.name == s.name {
				return nil, fmt.Errorf("docs/catalogue.tsv:%d: %s has two lines", line+i, s.name)
			}
		}
		all = append(all, s)
	}
	return all, nil
}

// supportingMarkdown renders what supports the entries, "" if the table does not say.
func (t table) supportingMarkdown() string {
	if len(t.supporting) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("\n## What supports them\n\nSmall types of the original that are no entries. What the standard library has is not built again.\n\n")
	b.WriteString("| there | here | how |\n|---|---|---|\n")
	for _, s := range t.supporting {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", s.name, code(s.pieces...), s.how)
	}
	return b.String()
}
