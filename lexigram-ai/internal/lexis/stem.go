package lexis

import "bytes"

// Stem shortens a folded word to what its English forms have in common: wait,
// waits, waited and waiting are "wait"; delete and deleting are "delet". It
// works in place and returns a prefix of word, possibly with its last letter
// changed. Words that are not of plain letters are returned as they are.
func Stem(word []byte) []byte {
	if len(word) < 4 || !plain(word) {
		return word
	}
	w := singular(word)
	switch {
	case bytes.HasSuffix(w, []byte("ing")) && hasVowel(w[:len(w)-3]):
		w = restore(w[:len(w)-3])
	case bytes.HasSuffix(w, []byte("ed")) && len(w) > 3 && hasVowel(w[:len(w)-2]):
		w = restore(w[:len(w)-2])
	case bytes.HasSuffix(w, []byte("ly")) && len(w) > 5:
		w = w[:len(w)-2]
	}
	n := len(w)
	switch {
	case n > 3 && w[n-1] == 'e':
		w = w[:n-1]
	case n > 3 && w[n-1] == 'y' && !vowel(w[n-2]):
		w[n-1] = 'i' // retry, retries and retried
	}
	return w
}

// singular takes the plural's s, and that of the third person, away.
func singular(w []byte) []byte {
	n := len(w)
	switch {
	case w[n-1] != 's' || w[n-2] == 's' || w[n-2] == 'u' || w[n-2] == 'i':
		return w
	case n > 4 && bytes.HasSuffix(w, []byte("ies")):
		w[n-3] = 'y'
		return w[:n-2]
	case n > 4 && w[n-2] == 'e' && (w[n-3] == 'x' || w[n-3] == 's' && w[n-4] == 's' || w[n-3] == 'h'):
		return w[:n-2]
	}
	return w[:n-1]
}

// restore mends what is left before "ing" or "ed": "stopp" becomes "stop" (but
// "call" and "pass" stay), and "us" becomes "use".
func restore(w []byte) []byte {
	n := len(w)
	switch {
	case n == 2:
		w = w[:3]
		w[2] = 'e' // in the place of the ending's first letter
	case n > 3 && w[n-1] == w[n-2] && !vowel(w[n-1]) && w[n-1] != 'l' && w[n-1] != 's' && w[n-1] != 'z':
		return w[:n-1]
	}
	return w
}

func plain(w []byte) bool {
	for _, c := range w {
		if c < 'a' || c > 'z' {
			return false
		}
	}
	return true
}

func hasVowel(w []byte) bool { return bytes.ContainsAny(w, "aeiouy") && len(w) > 1 }

func vowel(c byte) bool {
	return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u'
}
