package sqlsearch

import (
	"context"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// A dialect is what one database does in its own way.
type dialect interface {
	conditions

	// put adds or replaces entries; it runs in a transaction.
	put(ctx context.Context, db sqldb.DB, w *weights, index int64, entries []entry) error
	// remove runs in a transaction; there are at most maxRemoved ids.
	remove(ctx context.Context, db sqldb.DB, index int64, ids []any) error

	// match returns what finds the documents with terms and how they rank. It may ask the database.
	match(ctx context.Context, db sqldb.DB, a *arguments, m matching) (found, error)

	// kind returns the name of an attribute's kind, NULL where it cannot be
	// sorted by; sortKeys what documents of one kind are sorted by in turn.
	kind(a *arguments, attribute string) string
	sortKeys(a *arguments, attribute string) []string
}

// matching is what is looked for: some term, at least one of them.
type matching struct {
	index   int64
	terms   []term
	any     bool
	weights *weights
}

// found are parts of a statement, in which d is the documents.
type found struct {
	from, where, score, texts string
}

// maxRemoved leaves room for the other placeholders of a statement.
const maxRemoved = 900

// placeholders binds values and returns their placeholders, with commas.
func placeholders(a *arguments, values []any) string {
	b := make([]byte, 0, 5*len(values))
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, a.bind(v)...)
	}
	return string(b)
}
