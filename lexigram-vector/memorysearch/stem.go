package memorysearch

import "strings"

// stem returns a beginning of a folded word that its English inflections share:
// plurals, -ed and -ing are taken off, then a final e or y, then one of two
// equal consonants. Stems are compared with each other and never shown, so
// they need not be words. Words of other scripts are their own stems.
func stem(word string) string {
	if len(word) < 4 {
		return word
	}
	for i := range len(word) {
		if c := word[i]; c < 'a' || c > 'z' {
			return word
		}
	}
	w := inflected(singular(word))
	if n := len(w); n > 3 && (w[n-1] == 'e' || w[n-1] == 'y') {
		w = w[:n-1]
	}
	if n := len(w); n > 3 && w[n-1] == w[n-2] && !isVowel(w[n-1]) {
		w = w[:n-1]
	}
	return w
}

// singular follows the three rules of Harman's S stemmer ("How effective is
// suffixing?", 1991), but leaves the y of "queries" out, as stem does.
func singular(w string) string {
	n := len(w)
	switch {
	case strings.HasSuffix(w, "ies") && n > 5 && w[n-4] != 'e' && w[n-4] != 'a':
		return w[:n-3]
	case strings.HasSuffix(w, "es") && w[n-3] != 'a' && w[n-3] != 'e' && w[n-3] != 'o':
		return w[:n-1]
	case w[n-1] == 's' && w[n-2] != 's' && w[n-2] != 'u':
		return w[:n-1]
	}
	return w
}

// inflected takes off -ied, -ed and -ing if at least three letters, one of
// them a vowel, remain.
func inflected(w string) string {
	for _, suffix := range [...]string{"ied", "ed", "ing"} {
		rest, ok := strings.CutSuffix(w, suffix)
		if ok && len(rest) >= 3 && strings.ContainsAny(rest, "aeiouy") && !strings.HasSuffix(w, "eed") {
			return rest
		}
	}
	return w
}

func isVowel(c byte) bool { return strings.IndexByte("aeiou", c) >= 0 }
