package library

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/ai"
	"github.com/lexigram/lexigram-go/contracts/search"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/vector"
	"github.com/lexigram/lexigram-go/lexigram-vector/hybrid"
)

// A Hit is a found part of a document.
type Hit struct {
	Ref     string  `json:"ref"` // path#anchor
	Path    string  `json:"path"`
	Title   string  `json:"title"`
	Text    string  `json:"text"`
	Excerpt string  `json:"excerpt,omitempty"` // matches between \x02 and \x03; "" where only the vector was near
	Score   float64 `json:"score"`             // compares within one answer only
}

// Weights says how much a word counts in each field of the index: what a section
// is called says more about it than what it mentions.
func Weights() map[string]float64 {
	return map[string]float64{"title": 3, "symbol": 3, "path": 1.5, "body": 1, "code": 0.5}
}

// candidates is how many parts each of the two engines proposes.
const candidates = 60

// Find returns up to limit parts that fit the query, best first: by words and
// by nearness of vectors, fused by rank. One part stands for each place.
func (l *Library) Find(ctx context.Context, query string, limit int) ([]Hit, error) {
	if err := l.checkQuestion(query); err != nil {
		return nil, err
	}
	words, excerpts, err := l.byWords(ctx, query)
	if err != nil {
		return nil, err
	}
	near, err := l.byVector(ctx, query)
	if err != nil {
		return nil, err
	}
	fused := hybrid.FuseWeighted(0, hybrid.Weighted{List: words, Weight: 3}, hybrid.Weighted{List: near, Weight: 1})
	ids := make([]string, len(fused))
	for i, f := range fused {
		ids[i] = f.ID
	}
	chunks, err := l.chunks(ctx, ids)
	if err != nil {
		return nil, err
	}
	hits := make([]Hit, 0, limit)
	seen := map[string]bool{}
	for _, f := range fused {
		c, ok := chunks[f.ID]
		if !ok || seen[c.Ref()] {
			continue // of a version that is gone or not yet recorded, or another part of the same section
		}
		seen[c.Ref()] = true
		hits = append(hits, Hit{Ref: c.Ref(), Path: c.Path, Title: c.Title, Text: c.Body, Excerpt: excerpts[f.ID], Score: f.Score})
		if len(hits) == limit {
			break
		}
	}
	return hits, nil
}

// checkQuestion returns an error wrapping [ErrQuestion] unless q can be asked.
func (l *Library) checkQuestion(q string) error {
	switch {
	case strings.TrimSpace(q) == "":
		return ErrQuestion.Wrap(nil, "askdocs: question is empty")
	case len(q) > l.o.MaxQuestion:
		return ErrQuestion.Wrap(nil, "askdocs: question of %d bytes is longer than the limit of %d (library.max_question)", len(q), l.o.MaxQuestion)
	case strings.ToValidUTF8(q, "") != q:
		return ErrQuestion.Wrap(nil, "askdocs: question is not UTF-8")
	}
	return nil
}

func (l *Library) byWords(ctx context.Context, query string) ([]hybrid.Ranked, map[string]string, error) {
	page, err := l.o.Search.Search(ctx, index, search.Query{Text: content(query) + " " + symbols(query), Any: true, Limit: candidates})
	if errors.Is(err, search.ErrNoIndex) {
		return nil, nil, nil // nothing was added yet
	}
	if err != nil {
		return nil, nil, Err.Wrap(err, "askdocs: search words")
	}
	ranked := make([]hybrid.Ranked, len(page.Hits))
	excerpts := make(map[string]string, len(page.Hits))
	for i, h := range page.Hits {
		ranked[i] = hybrid.Ranked{ID: h.ID, Score: h.Score}
		excerpts[h.ID] = h.Highlights["body"]
	}
	return ranked, excerpts, nil
}

func (l *Library) byVector(ctx context.Context, query string) ([]hybrid.Ranked, error) {
	col, err := l.o.Vectors.Open(ctx, collection)
	if errors.Is(err, vector.ErrNoCollection) {
		return nil, nil // nothing was added yet
	}
	if err != nil {
		return nil, Err.Wrap(err, "askdocs: open vectors")
	}
	vectors, err := ai.EmbedTexts(ctx, l.o.Embed, &ai.EmbedRequest{Texts: []string{query}, Query: true})
	if err != nil {
		return nil, ErrEmbed.Wrap(err, "askdocs: embed the question")
	}
	matches, err := col.Search(ctx, vector.Query{Vector: vectors[0], Limit: candidates})
	if err != nil {
		return nil, Err.Wrap(err, "askdocs: search vectors")
	}
	ranked := make([]hybrid.Ranked, len(matches))
	for i, m := range matches {
		ranked[i] = hybrid.Ranked{ID: m.ID, Score: m.Score}
	}
	return ranked, nil
}

// chunks returns those of ids that belong to the recorded version of a document
// that is indexed.
func (l *Library) chunks(ctx context.Context, ids []string) (map[string]chunk, error) {
	found := make(map[string]chunk, len(ids))
	if len(ids) == 0 {
		return found, nil
	}
	var in strings.Builder
	args := make([]any, len(ids))
	for i, id := range ids {
		if i > 0 {
			in.WriteByte(',')
		}
		fmt.Fprintf(&in, "$%d", i+1)
		args[i] = id
	}
	for c, err := range sqldb.Select(ctx, l.o.DB, scanChunk, `
		SELECT c.id, c.path, c.version, c.place, c.anchor, c.title, c.body, c.code
		FROM askdocs_chunks c JOIN askdocs_documents d ON d.tenant = c.tenant AND d.path = c.path AND d.version = c.version
		WHERE c.tenant = $tenant AND d.status = 'indexed' AND c.id IN (`+in.String()+`)`, args...) {
		if err != nil {
			return nil, Err.Wrap(err, "askdocs: read chunks")
		}
		found[c.ID] = c
	}
	return found, nil
}

func scanChunk(r sqldb.Rows) (c chunk, err error) {
	err = r.Scan(&c.ID, &c.Path, &c.Version, &c.Place, &c.Anchor, &c.Title, &c.Body, &c.Code)
	return c, err
}
