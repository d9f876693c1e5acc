package library

import (
	"strings"
	"unicode"
)

// symbols returns the dotted names in text with their dots taken out, so that
// "errors.Is" is found as one word and not as two common ones. A name of three
// parts stands for its last two as well: sync.WaitGroup.Add, WaitGroup.Add.
func symbols(text string) string {
	var out []string
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool {
		return r != '.' && r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}) {
		parts := strings.Split(strings.Trim(word, "."), ".")
		for len(parts) > 1 {
			out = append(out, strings.ToLower(strings.Join(parts, "")))
			parts = parts[1:]
		}
	}
	return strings.Join(out, " ")
}
