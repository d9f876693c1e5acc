package rag

// A Passage is a piece of a document that an answer may rest on. Its number in
// the prompt, and so in citations, is its place in the list, from 1.
type Passage struct {
	Ref   string // where it comes from: a path, a URL, an ID
	Title string // of the document or the section; "" if there is none
	Text  string
}
