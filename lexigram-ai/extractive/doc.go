// Package extractive is an [ai.ChatModel] that needs no language model: it
// answers questions about sources by quoting them. It understands the requests
// of rag.Prompt, finds the sentences that share the question's words, and
// returns the best of them, word for word, each followed by the number of its
// source.
//
// It is not a language model and does not pretend to be one: a completion's
// Model is "extractive", nothing in an answer is made up, a question that the
// sources do not answer gets [NoAnswer], and a request without sources is an
// error. It knows words, not meaning: a question must use the words of its
// answer, or forms of them.
package extractive
