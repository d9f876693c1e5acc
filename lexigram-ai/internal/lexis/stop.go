package lexis

// Stop reports whether the folded word says nothing about a text's subject.
func Stop(word string) bool {
	switch word {
	case "a", "about", "after", "again", "all", "also", "am", "an", "and", "any", "are", "as", "at",
		"be", "because", "been", "being", "but", "by",
		"can", "could", "d", "did", "do", "does", "doing", "done",
		"each", "either", "every", "few", "for", "from",
		"get", "gets", "give", "given", "had", "has", "have", "having", "he", "her", "here", "his", "how",
		"i", "if", "in", "into", "is", "it", "its", "just", "ll", "many", "may", "me", "might", "more", "most", "much", "must", "my",
		"no", "nor", "not", "of", "off", "on", "only", "or", "other", "our", "out", "over", "own",
		"please", "re", "s", "same", "shall", "she", "should", "so", "some", "such",
		"t", "tell", "than", "that", "the", "their", "them", "then", "there", "these", "they", "this", "those", "through", "to", "too",
		"under", "up", "us", "ve", "very", "was", "we", "were", "what", "when", "where", "whether", "which", "while", "who",
		"whom", "whose", "why", "will", "with", "would", "you", "your":
		return true
	}
	return false
}
