package library

import "strings"

// content returns the query without the words of which every question has
// some, or the query itself if it has no others. They would only blur ranking
// and highlights.
func content(query string) string {
	kept := make([]string, 0, 16)
	for word := range strings.FieldsSeq(query) {
		if !function(strings.ToLower(strings.Trim(word, "?!.,;:()\"'"))) {
			kept = append(kept, word)
		}
	}
	if len(kept) == 0 {
		return query
	}
	return strings.Join(kept, " ")
}

// function reports whether w is a function word of English.
func function(w string) bool {
	switch w {
	case "a", "an", "the", "is", "are", "was", "were", "be", "been", "do", "does", "did", "how", "what", "when", "where", "which",
		"who", "whom", "whose", "why", "can", "could", "should", "would", "will", "may", "might", "must", "i", "my", "me", "we", "our",
		"you", "your", "it", "its", "of", "to", "in", "on", "at", "by", "for", "from", "with", "and", "or", "if", "that", "this",
		"these", "those", "there", "has", "have", "had", "as", "about", "into", "own":
		return true
	}
	return false
}
