package memorysearch

import (
	"cmp"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/filter"
	"github.com/lexigram/lexigram-go/contracts/search"
)

// A match is a document that satisfies a query.
type match struct {
	doc   *document
	score float32
}

// byScore puts the best first, equals by ID.
func byScore(a, b match) int {
	return cmp.Or(cmp.Compare(b.score, a.score), strings.Compare(a.doc.id, b.doc.id))
}

// ordering returns the comparison that orders asks for. What others are
// compared with is the value of the match with the least ID that has one: the
// "first" of search.Order.
func ordering(orders []search.Order, matches []match) func(a, b match) int {
	if len(orders) == 0 {
		return byScore
	}
	models := make([]any, len(orders))
	for i, o := range orders {
		models[i] = model(o.Attribute, matches)
	}
	return func(a, b match) int {
		for i, o := range orders {
			if c := compareAttr(a.doc.attrs[o.Attribute], b.doc.attrs[o.Attribute], models[i], o.Desc); c != 0 {
				return c
			}
		}
		return strings.Compare(a.doc.id, b.doc.id)
	}
}

// model returns the value of attribute in the match with the least ID that has
// one that can be sorted by.
func model(attribute string, matches []match) any {
	var least *document
	for _, m := range matches {
		v, ok := m.doc.attrs[attribute]
		if !ok || least != nil && least.id < m.doc.id {
			continue
		}
		if _, sortable := filter.Compare(v, v); sortable {
			least = m.doc
		}
	}
	if least == nil {
		return nil
	}
	return least.attrs[attribute]
}

func compareAttr(a, b, model any, desc bool) int {
	_, aFits := filter.Compare(a, model)
	_, bFits := filter.Compare(b, model)
	switch {
	case aFits && bFits:
		c, _ := filter.Compare(a, b)
		if desc {
			return -c
		}
		return c
	case aFits:
		return -1
	case bFits:
		return 1
	}
	return 0
}
