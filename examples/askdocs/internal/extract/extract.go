// Package extract turns the bytes of a document into titled sections of plain
// text: Go source (its exported documentation), HTML, Markdown and plain text.
package extract

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ErrContent is matched by every error about a document's content. Trying the
// same bytes again cannot help.
var ErrContent = errors.New("document")

// A Document is what a reader sees of a file.
type Document struct {
	Title    string
	Sections []Section
}

// A Section is a part of a document that can be cited.
type Section struct {
	Anchor string // names the section within its document, such as "Defer_statements"
	Title  string // for people and for search
	Text   string // plain text, paragraphs separated by an empty line
	Code   string // a declaration that Text documents, or ""; found by search, not quoted
}

// Supported reports whether the name has an ending that Parse reads.
func Supported(name string) bool { return parserOf(name) != nil }

type parseFunc func(name string, src []byte) (Document, error)

func parserOf(name string) parseFunc {
	switch strings.ToLower(path.Ext(name)) {
	case ".go":
		return parseGo
	case ".html", ".htm":
		return parseHTML
	case ".md", ".markdown":
		return parseMarkdown
	case ".txt", ".text", "":
		return parseText
	}
	return nil
}

// Check returns an error wrapping [ErrContent] unless data is a document that
// can be read: not empty, text in UTF-8, of a known kind.
func Check(name string, data []byte) error {
	switch {
	case !Supported(name):
		return fmt.Errorf("%w %q: ending %q is not one of .txt .md .html .go", ErrContent, name, path.Ext(name))
	case len(bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\ufeff")))) == 0:
		return fmt.Errorf("%w %q: is empty", ErrContent, name)
	}
	if bytes.IndexByte(data, 0) >= 0 {
		return fmt.Errorf("%w %q: is not text: NUL at byte %d", ErrContent, name, bytes.IndexByte(data, 0))
	}
	for i := 0; i < len(data); {
		r, n := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && n == 1 {
			return fmt.Errorf("%w %q: is not UTF-8 at byte %d: save it as UTF-8", ErrContent, name, i)
		}
		i += n
	}
	return nil
}

// Parse checks data and returns its sections; a document without any text to
// cite has none. Malformed Go is read as plain text.
func Parse(name string, data []byte) (Document, error) {
	if err := Check(name, data); err != nil {
		return Document{}, err
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	data = bytes.Map(printable, data)
	return parserOf(name)(name, data)
}

// printable drops what would steer a terminal on which a document is quoted.
func printable(r rune) rune {
	if unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r' {
		return -1
	}
	return r
}

// tidy folds runs of blanks within lines and of empty lines.
func tidy(text string) string {
	var b strings.Builder
	empty := 0
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \t\r\n")
		if strings.HasPrefix(line, " ") && !strings.HasPrefix(line, "  ") {
			line = line[1:] // of markup, not an indent
		}
		if line == "" {
			empty++
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
			if empty > 0 {
				b.WriteByte('\n')
			}
		}
		empty = 0
		b.WriteString(line)
	}
	return b.String()
}
