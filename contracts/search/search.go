// Package search is the contract of full-text search.
package search

import (
	"context"
	"io/fs"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/filter"
)

// Errors of engines. [Err] is the family of them all; [ErrClosed] is that of an
// engine that was closed, [ErrQuery] of a query or a document that the checks refuse.
var (
	Err        = errs.New("LEX_ERR_SEARCH_001", errs.Unknown, "search")
	ErrQuery   = Err.Sub("LEX_ERR_SEARCH_007", errs.Invalid, "search: invalid query or document")
	ErrNoIndex = Err.Sub("LEX_ERR_SEARCH_002", errs.NotFound, "search: no such index") // of Search and Delete; Index makes it
	ErrClosed  = Err.Sub("LEX_ERR_SEARCH_011", errs.Unavailable, "search: engine is closed").Also(fs.ErrClosed)
)

// A Document is what is indexed: text fields that are searched, and attributes
// that are filtered and sorted by. Attribute values are what filter.Value accepts.
// An engine copies what it keeps, and does not change documents and queries.
type Document struct {
	ID         string
	Text       map[string]string
	Attributes map[string]any
}

// An Engine indexes documents and finds them. It is safe for concurrent use. A
// ctx that has ended is an error wrapping its cause ([context.Cause]) from every
// method, which then has no effect; a ctx that ends while a backend works may
// leave the effect of Index and Delete unknown.
type Engine interface {
	// Index adds or replaces docs, all or none. They can be found when it returns.
	Index(ctx context.Context, index string, docs ...Document) error
	// Delete removes documents; an ID without one is no error.
	Delete(ctx context.Context, index string, ids ...string) error
	// Search returns the hits of q, best first, ties by ID.
	Search(ctx context.Context, index string, q Query) (Page, error)
}

// A Query asks for documents.
type Query struct {
	// Text is words, not a language: it is cut at everything but letters and
	// digits, and folded to lower case. A document matches if each word is a
	// word of one of its texts or begins one if it is the last; stemming may add
	// matches. No character is special. Without a word all documents match.
	Text string
	// Any has a document match with one of the words, not all of them; it ranks
	// by how many and how rare they are. It is how questions are asked.
	Any    bool
	Where  filter.Filter // nil matches all
	Sort   []Order
	Offset int
	Limit  int // 0 means 20
}

// MaxText, MaxLimit and MaxOffset bound a [Query]: bytes of Text, hits of a
// page, and hits before it.
const (
	MaxText   = 10_000
	MaxLimit  = 1_000
	MaxOffset = 10_000
)

// An Order sorts by an attribute instead of relevance. Documents without it,
// or with a value of another type than the first, come last either way.
type Order struct {
	Attribute string
	Desc      bool
}

// A Page is part of a result. Total counts all matches.
type Page struct {
	Hits  []Hit
	Total int
}

// A Hit is a found document. Scores of one query compare with each other only.
type Hit struct {
	ID         string
	Score      float64
	Highlights map[string]string // field to an excerpt, matches between \x02 and \x03
}
