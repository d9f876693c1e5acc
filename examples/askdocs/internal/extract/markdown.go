package extract

import (
	"path"
	"strconv"
	"strings"
	"unicode"
)

// parseMarkdown cuts at ATX headings ("# …") outside fenced code. Anchors are
// those that forges give to headings.
func parseMarkdown(name string, src []byte) (Document, error) {
	doc := Document{Title: path.Base(name)}
	seen := map[string]int{}
	cur := Section{Title: doc.Title}
	var text strings.Builder
	flush := func() {
		if cur.Text = tidy(text.String()); cur.Text != "" {
			doc.Sections = append(doc.Sections, cur)
		}
		text.Reset()
	}
	fence := ""
	for line := range strings.Lines(string(src)) {
		trimmed := strings.TrimSpace(line)
		if mark := fenceOf(trimmed); mark != "" && (fence == "" || strings.HasPrefix(mark, fence) && trimmed == mark) {
			if fence == "" {
				fence = mark
			} else {
				fence = ""
			}
			continue
		}
		level, title := heading(trimmed)
		if fence != "" || level == 0 {
			text.WriteString(line)
			continue
		}
		flush()
		if level == 1 && len(doc.Sections) == 0 {
			doc.Title = title
		}
		cur = Section{Title: title, Anchor: unique(seen, slug(title))}
	}
	flush()
	return doc, nil
}

// fenceOf returns the run of backticks or tildes that opens or closes a code block.
func fenceOf(line string) string {
	for _, c := range []string{"`", "~"} {
		n := len(line) - len(strings.TrimLeft(line, c))
		if n >= 3 {
			return line[:n]
		}
	}
	return ""
}

func heading(line string) (level int, title string) {
	rest := strings.TrimLeft(line, "#")
	level = len(line) - len(rest)
	if level < 1 || level > 6 || !strings.HasPrefix(rest, " ") {
		return 0, ""
	}
	title = strings.TrimSpace(strings.TrimRight(strings.TrimSpace(rest), "#"))
	if title == "" {
		return 0, ""
	}
	return level, title
}

func slug(title string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
			return unicode.ToLower(r)
		case r == ' ':
			return '-'
		}
		return -1
	}, title)
}

// unique returns anchor, or with a number behind it if it was returned before.
func unique(seen map[string]int, anchor string) string {
	for {
		n := seen[anchor]
		seen[anchor] = n + 1
		if n == 0 {
			return anchor
		}
		if next := anchor + "-" + strconv.Itoa(n); seen[next] == 0 {
			anchor = next
		}
	}
}
