package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

var link = regexp.MustCompile(`\]\(([^()\s]+)\)`)

// links checks that what Markdown files link to in the repository exists.
func links(_ context.Context, e *env) error {
	var bad []string
	err := e.files(".md", func(name string) error {
		text, err := os.ReadFile(filepath.Join(e.tree.Root, filepath.FromSlash(name)))
		if err != nil {
			return err
		}
		for _, m := range link.FindAllStringSubmatch(prose(string(text)), -1) {
			u, err := url.Parse(m[1])
			if err != nil || u.Scheme != "" || u.Host != "" || u.Path == "" {
				continue
			}
			target := path.Join(path.Dir(name), u.Path)
			if strings.HasPrefix(u.Path, "/") {
				target = u.Path[1:]
			}
			if _, err := os.Stat(filepath.Join(e.tree.Root, filepath.FromSlash(target))); err != nil {
				bad = append(bad, fmt.Sprintf("%s links to %s, which does not exist", name, m[1]))
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return sorted(bad)
}

// prose returns text without its fenced blocks and code spans.
func prose(text string) string {
	var b strings.Builder
	fenced := false
	for line := range strings.Lines(text) {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			fenced = !fenced
			continue
		}
		if fenced {
			continue
		}
		for i, part := range strings.Split(line, "`") {
			if i%2 == 0 {
				b.WriteString(part)
			}
		}
	}
	return b.String()
}
