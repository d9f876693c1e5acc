package extractive

import (
	"strings"
	"unicode"

	"github.com/lexigram/lexigram-go/lexigram-ai/internal/lexis"
)

// cue returns what the form of a sentence adds to its score: one that begins
// with what the question is about and says what it is or does, and one that
// holds what the question's first word asks for.
func (r *ranking) cue(c *candidate) float64 {
	bonus := 0.0
	n, subject := 0, false
	for w := range lexis.Words(c.text) {
		if n++; n > 5 {
			break
		}
		folded := lexis.AppendFold(nil, w)
		verb := string(folded)
		switch {
		case subject && (defines(verb) || strings.HasSuffix(verb, "s") && !strings.HasSuffix(verb, "ss")):
			bonus, n = 0.15, 5
		case !lexis.Stop(verb) && r.question.has(string(lexis.Stem(folded))):
			subject = true
		}
	}
	if r.answersKind(c.text) {
		bonus += 0.08
	}
	return bonus
}

// generic reports whether a stem of the question names the wanted kind of
// answer rather than its subject: an answer need not hold it.
func generic(stem string) bool {
	switch stem {
	case "work", "happen", "explain", "describ", "mean", "definit", "defin", "say", "list", "show", "exampl",
		"know", "understand", "thing", "way", "purpos", "differenc", "kind", "sort", "need", "want":
		return true
	}
	return false
}

func defines(word string) bool {
	switch word {
	case "is", "are", "means", "can", "must", "may", "will", "has", "have", "does", "was", "were":
		return true
	}
	return false
}

// answersKind reports whether text holds a word of the kind that the question asks for.
func (r *ranking) answersKind(text string) bool {
	lower := " " + strings.ToLower(text) + " "
	switch r.kind {
	case "why":
		return containsAny(lower, " because ", " so that ", " since ", " therefore ", " in order to ", " otherwise ")
	case "when":
		return containsAny(lower, " when ", " after ", " before ", " until ", " once ", " if ", " while ") || hasDigit(text)
	case "how":
		return hasDigit(text) || containsAny(lower, " by ", " until ", " with ", " use ", " call ", " every ", " at most ", " at least ")
	case "where":
		return containsAny(lower, " in ", " under ", " at ", " on ", "/")
	}
	return false
}

func containsAny(s string, subs ...string) bool {
	for _, sub := range subs {
		if strings.Contains(s, sub) {
			return true
		}
	}
	return false
}

func hasDigit(s string) bool { return strings.ContainsFunc(s, unicode.IsDigit) }
