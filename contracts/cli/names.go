package cli

import (
	"strings"
	"unicode"
)

// Snake returns a name in snake_case: "HTTPServer", "http-server" and
// "httpServer" are http_server.
func Snake(name string) string { return strings.Join(words(name), "_") }

// Camel returns a name in CamelCase: "order_line" and "order-line" are OrderLine.
func Camel(name string) string {
	var b strings.Builder
	for _, w := range words(name) {
		r := []rune(w)
		b.WriteString(string(unicode.ToUpper(r[0])) + string(r[1:]))
	}
	return b.String()
}

// words returns the words of a name in lower case. A capital begins one after a
// small letter or digit, and before a small letter.
func words(name string) []string {
	var all []string
	var word []rune
	end := func() {
		if len(word) > 0 {
			all = append(all, strings.ToLower(string(word)))
		}
		word = nil
	}
	runes := []rune(name)
	for i, r := range runes {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			end()
			continue
		}
		if i > 0 && unicode.IsUpper(r) {
			afterSmall := !unicode.IsUpper(runes[i-1])
			beforeSmall := i+1 < len(runes) && unicode.IsLower(runes[i+1])
			if afterSmall || beforeSmall {
				end()
			}
		}
		word = append(word, r)
	}
	end()
	return all
}
