package library

import (
	"context"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// A Section is a part of a document as a reader sees it.
type Section struct {
	Anchor, Title, Text, Code string
}

// Sections returns the text of doc in order, the parts of a section joined.
func (l *Library) Sections(ctx context.Context, doc Document) ([]Section, error) {
	var out []Section
	for c, err := range sqldb.Select(ctx, l.o.DB, scanChunk, `
		SELECT id, path, version, place, anchor, title, body, code FROM askdocs_chunks
		WHERE tenant = $tenant AND path = $1 AND version = $2 ORDER BY place`, doc.Path, doc.Version) {
		if err != nil {
			return nil, Err.Wrap(err, "askdocs: read %q", doc.Path)
		}
		if n := len(out); n > 0 && out[n-1].Anchor == c.Anchor {
			out[n-1].Text += "\n\n" + c.Body
			continue
		}
		out = append(out, Section{c.Anchor, c.Title, c.Body, c.Code})
	}
	return out, nil
}

// MaxQuestion returns the longest question in bytes.
func (l *Library) MaxQuestion() int { return l.o.MaxQuestion }
