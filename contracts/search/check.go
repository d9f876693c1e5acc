package search

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/lexigram/lexigram-go/contracts/filter"
)

// CheckIndex returns an error wrapping [ErrQuery] unless name is 1 to 63 of a-z,
// 0-9 and "_", and begins with a letter. Every method of every engine calls it first.
func CheckIndex(name string) error {
	if len(name) == 0 || len(name) > 63 || name[0] < 'a' || name[0] > 'z' ||
		strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
		return ErrQuery.Wrap(nil, "search: index name %.70q", name)
	}
	return nil
}

// CheckDocument returns doc with its attributes as filter.Value returns them, or
// an error wrapping [ErrQuery] or filter.Err. An ID has 1 to 255 bytes; names of
// fields and attributes are those of package filter; texts are UTF-8 without
// NUL, which databases and JSON can hold. doc is not changed.
func CheckDocument(doc Document) (Document, error) {
	if len(doc.ID) == 0 || len(doc.ID) > 255 {
		return doc, ErrQuery.Wrap(nil, "search: document ID %.40q is not 1 to 255 bytes", doc.ID)
	}
	for name, text := range doc.Text {
		if err := filter.CheckField(name); err != nil {
			return doc, ErrQuery.Wrap(err, "search: document %q", doc.ID)
		}
		if !utf8.ValidString(text) || strings.IndexByte(text, 0) >= 0 {
			return doc, ErrQuery.Wrap(nil, "search: text %q of document %q is not UTF-8 without NUL", name, doc.ID)
		}
	}
	attrs := make(map[string]any, len(doc.Attributes))
	for name, v := range doc.Attributes {
		if err := filter.CheckField(name); err != nil {
			return doc, ErrQuery.Wrap(err, "search: document %q", doc.ID)
		}
		value, err := filter.Value(v)
		if err != nil {
			return doc, ErrQuery.Wrap(err, "search: attribute %q of document %q", name, doc.ID)
		}
		attrs[name] = value
	}
	doc.Attributes = attrs
	return doc, nil
}

// CheckQuery returns q with its defaults filled in, or an error wrapping
// [ErrQuery] or filter.Err.
func CheckQuery(q Query) (Query, error) {
	switch {
	case len(q.Text) > MaxText:
		return q, ErrQuery.Wrap(nil, "search: text of %d bytes, limit %d", len(q.Text), MaxText)
	case q.Limit < 0 || q.Limit > MaxLimit:
		return q, ErrQuery.Wrap(nil, "search: limit %d is not 0 to %d", q.Limit, MaxLimit)
	case q.Offset < 0 || q.Offset > MaxOffset:
		return q, ErrQuery.Wrap(nil, "search: offset %d is not 0 to %d", q.Offset, MaxOffset)
	}
	for _, o := range q.Sort {
		if err := filter.CheckField(o.Attribute); err != nil {
			return q, ErrQuery.Wrap(err, "search: sort")
		}
	}
	if q.Limit == 0 {
		q.Limit = 20
	}
	return q, filter.Validate(q.Where)
}

// Words yields the words of text as [Query] cuts it: runs of letters and digits
// and the marks that follow them, in lower case.
func Words(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for w := range strings.FieldsFuncSeq(text, func(r rune) bool {
			return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.M, r)
		}) {
			if !yield(strings.ToLower(w)) {
				return
			}
		}
	}
}
