package extract

import (
	"fmt"
	"path"
	"strings"
)

// textSection is how many lines of plain text make a section at most.
const textSection = 40

// parseText cuts plain text at empty lines into sections of up to textSection
// lines, named for their first line as editors and forges do: "L41".
func parseText(name string, src []byte) (Document, error) {
	doc := Document{Title: path.Base(name)}
	var part strings.Builder
	start, line, lines := 1, 0, 0
	flush := func(next int) {
		if text := tidy(part.String()); text != "" {
			doc.Sections = append(doc.Sections, Section{Anchor: fmt.Sprintf("L%d", start), Title: firstLine(text), Text: text})
		}
		part.Reset()
		start, lines = next, 0
	}
	for l := range strings.Lines(string(src)) {
		line++
		blank := strings.TrimSpace(l) == ""
		if blank && lines >= textSection/2 || lines >= textSection {
			flush(line)
		}
		if blank && lines == 0 {
			start = line + 1
			continue
		}
		part.WriteString(l)
		lines++
	}
	flush(line)
	return doc, nil
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	if r := []rune(line); len(r) > 80 {
		return string(r[:80]) + "…"
	}
	return line
}
