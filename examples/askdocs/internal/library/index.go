package library

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/lexigram/lexigram-go/contracts/ai"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/search"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/storage"
	"github.com/lexigram/lexigram-go/contracts/vector"
	"github.com/lexigram/lexigram-go/core/httpapi"
	"github.com/lexigram/lexigram-go/examples/askdocs/internal/extract"
	"github.com/lexigram/lexigram-go/lexigram-ai/rag"
)

// Names of the index in the two engines.
const (
	collection = "chunks"
	index      = "chunks"
)

// Sizes of chunks in bytes, and how many are embedded and written at a time.
const (
	chunkSize = 1400
	noOverlap = -1 // sections are cited whole, so that nothing is lost at a cut
	batchSize = 128

	maxChunks = 1 << 16 // of a document, each of which costs a vector, however short it is
)

// A chunk is what is found and cited.
type chunk struct {
	ID, Path, Version, Anchor, Title, Body, Code string
	Place                                        int
}

// Ref names the chunk's place for people: path#anchor.
func (c chunk) Ref() string {
	if c.Anchor == "" {
		return c.Path
	}
	return c.Path + "#" + c.Anchor
}

// Handle handles the events of [Library.Add] and [Library.Remove]. It may be
// called again for an event that it handled, and an error has it called again.
func (l *Library) Handle(ctx context.Context, ev events.Event) error {
	var c change
	if err := json.Unmarshal(ev.Data, &c); err != nil {
		return events.ErrPoison.Wrap(err, "askdocs: event %q", ev.ID)
	}
	if err := l.o.At(ctx, "after the claim"); err != nil {
		return err
	}
	doc, err := l.Get(ctx, c.Path)
	switch {
	case errors.Is(err, ErrNotFound):
		return nil // removed since
	case err != nil:
		return err
	case doc.blob != c.Blob:
		return nil // replaced since: an event of that upload follows
	case doc.Status == Deleting:
		return l.erase(ctx, doc)
	case doc.Status == Indexed:
		return l.sweep(ctx, doc) // handled before, and killed before the event was marked
	}
	if err := l.index(ctx, &doc); err != nil {
		if !errors.Is(err, events.ErrClosed) {
			l.wait(ctx, doc, err)
		}
		return err
	}
	return l.o.At(ctx, "before the mark")
}

// index makes doc's bytes findable. A document that cannot be read ends as
// [Failed] and is not tried again.
func (l *Library) index(ctx context.Context, doc *Document) error {
	chunks, err := l.split(ctx, doc)
	if errors.Is(err, extract.ErrContent) || errors.Is(err, storage.ErrNotFound) || errors.Is(err, storage.ErrCorrupt) {
		return l.fail(ctx, *doc, err)
	}
	if err != nil {
		return err
	}
	if err := l.record(ctx, chunks); err != nil {
		return Err.Wrap(err, "askdocs: record chunks of %q", doc.Path)
	}
	for batch := range slices.Chunk(chunks, batchSize) {
		if l.stopping.Load() { // no attempt of the document's: see outbox.RelayOptions
			return events.ErrClosed.Wrap(nil, "askdocs: index %q: stopping", doc.Path)
		}
		if err := l.write(ctx, batch); err != nil {
			return err
		}
	}
	if err := l.finish(ctx, doc, len(chunks)); err != nil {
		return Err.Wrap(err, "askdocs: record %q", doc.Path)
	}
	l.handled.Add(1)
	return l.sweep(ctx, *doc)
}

// split reads the blob of doc and cuts it into chunks.
func (l *Library) split(ctx context.Context, doc *Document) ([]chunk, error) {
	data, _, err := storage.ReadAll(ctx, l.o.Blobs, doc.blob, l.o.MaxDocument)
	if err != nil {
		return nil, err
	}
	parsed, err := extract.Parse(doc.Path, data)
	if err != nil {
		return nil, err
	}
	doc.Title = parsed.Title
	var chunks []chunk
	for _, s := range parsed.Sections {
		for i, part := range rag.Chunks(s.Text, rag.Options{Size: chunkSize, Overlap: noOverlap}) {
			n := len(chunks)
			c := chunk{
				ID: chunkID(doc.Path, doc.Version, n), Path: doc.Path, Version: doc.Version,
				Anchor: s.Anchor, Title: s.Title, Body: part.Text, Place: n,
			}
			if i == 0 {
				c.Code = s.Code
			}
			chunks = append(chunks, c)
		}
		if len(chunks) > maxChunks {
			return nil, fmt.Errorf("%w %q: has more than %d sections: cut it into several documents", extract.ErrContent, doc.Path, maxChunks)
		}
	}
	return chunks, nil
}

// write puts chunks into both indexes. They are not found before finish.
func (l *Library) write(ctx context.Context, chunks []chunk) error {
	texts := make([]string, len(chunks))
	for i, c := range chunks {
		texts[i] = c.Title + "\n" + c.Body
	}
	vectors, err := ai.EmbedTexts(ctx, l.o.Embed, &ai.EmbedRequest{Texts: texts})
	if err != nil {
		return ErrEmbed.Wrap(err, "askdocs: embed %q", chunks[0].Path)
	}
	points := make([]vector.Point, len(chunks))
	docs := make([]search.Document, len(chunks))
	for i, c := range chunks {
		points[i] = vector.Point{ID: c.ID, Vector: vectors[i]}
		docs[i] = search.Document{ID: c.ID, Text: map[string]string{
			"title": c.Title, "symbol": symbols(c.Title), "path": c.Path, "body": c.Body, "code": c.Code,
		}}
	}
	col, err := vector.Ensure(ctx, l.o.Vectors, collection, vector.Config{Dimension: len(vectors[0]), Metric: vector.Cosine})
	if err != nil {
		return Err.Wrap(err, "askdocs: open vectors")
	}
	if err := col.Upsert(ctx, points...); err != nil {
		return Err.Wrap(err, "askdocs: index vectors of %q", chunks[0].Path)
	}
	if err := l.o.At(ctx, "between two index writes"); err != nil {
		return err
	}
	if err := l.o.Search.Index(ctx, index, docs...); err != nil {
		return Err.Wrap(err, "askdocs: index words of %q", chunks[0].Path)
	}
	return nil
}

// record makes the chunks known before the indexes hold any of them, so that
// clear finds them all, whatever happens in between.
func (l *Library) record(ctx context.Context, chunks []chunk) error {
	return l.o.DB.InTx(ctx, func(ctx context.Context) error {
		const columns, perStatement = 8, 100
		for batch := range slices.Chunk(chunks, perStatement) {
			values, args := make([]byte, 0, 64*len(batch)), make([]any, 0, columns*len(batch))
			for i, c := range batch {
				if i > 0 {
					values = append(values, ',')
				}
				n := len(args)
				values = fmt.Appendf(values, "($tenant,$%d,$%d,$%d,$%d,$%d,$%d,$%d,$%d)", n+1, n+2, n+3, n+4, n+5, n+6, n+7, n+8)
				args = append(args, c.ID, c.Path, c.Version, c.Place, c.Anchor, c.Title, c.Body, c.Code)
			}
			if _, err := l.o.DB.Exec(ctx, `INSERT INTO askdocs_chunks (tenant, id, path, version, place, anchor, title, body, code)
				VALUES `+string(values)+` ON CONFLICT (tenant, id) DO NOTHING`, args...); err != nil {
				return err
			}
		}
		return nil
	})
}

// finish makes the document [Indexed], from when on it is found, unless another
// upload has replaced it meanwhile.
func (l *Library) finish(ctx context.Context, doc *Document, chunks int) error {
	current, err := l.setStatus(ctx, *doc, Indexed, "", chunks)
	if err != nil || !current {
		return err
	}
	doc.Status, doc.Chunks = Indexed, chunks
	l.tell(ctx, EventIndexed, *doc)
	return nil
}

// wait notes why doc is still [Pending], as far as its tenant may know. It is
// tried again whether or not that succeeds.
func (l *Library) wait(ctx context.Context, doc Document, cause error) {
	p := httpapi.ProblemOf(cause)
	reason := fmt.Sprintf("%q is not indexed yet and tried again: %s", doc.Path, cmp.Or(p.Hint, p.Detail, p.Title))
	_, err := l.o.DB.Exec(ctx, "UPDATE askdocs_documents SET reason = $3 WHERE tenant = $tenant AND path = $1 AND blob = $2 AND status = $4",
		doc.Path, doc.blob, reason, string(Pending))
	if err != nil && ctx.Err() == nil {
		l.o.Logger.WarnContext(ctx, "reason not recorded", "path", doc.Path, "error", err)
	}
}

// Waiting returns why some document of the tenant could not be indexed yet, or "".
func (l *Library) Waiting(ctx context.Context) (reason string, err error) {
	err = sqldb.QueryRow(ctx, l.o.DB, "SELECT reason FROM askdocs_documents WHERE tenant = $tenant AND status = $1 AND reason <> '' LIMIT 1",
		string(Pending)).Scan(&reason)
	if errors.Is(err, sqldb.ErrNoRows) {
		return "", nil
	}
	return reason, err
}

func (l *Library) fail(ctx context.Context, doc Document, cause error) error {
	doc.Status, doc.Reason = Failed, cause.Error()
	current, err := l.setStatus(ctx, doc, Failed, doc.Reason, 0)
	if err != nil {
		return Err.Wrap(err, "askdocs: record failure of %q", doc.Path)
	}
	l.handled.Add(1)
	if !current {
		return nil
	}
	l.tell(ctx, EventFailed, doc)
	return nil
}

// sweep removes what earlier versions of doc have left behind: first from the
// indexes, then the rows that name it, then the bytes.
func (l *Library) sweep(ctx context.Context, doc Document) error {
	return l.clear(ctx, doc.Path, doc.Version)
}

// erase removes everything of doc, its row last.
func (l *Library) erase(ctx context.Context, doc Document) error {
	if err := l.clear(ctx, doc.Path, ""); err != nil {
		return err
	}
	if _, err := l.o.DB.Exec(ctx, "DELETE FROM askdocs_documents WHERE tenant = $tenant AND path = $1 AND status = $2", doc.Path, string(Deleting)); err != nil {
		return Err.Wrap(err, "askdocs: remove row of %q", doc.Path)
	}
	l.tell(ctx, EventDeleted, doc)
	return nil
}

// clear removes the chunks of every version of path but one ("" keeps none),
// and the bytes that nobody needs.
func (l *Library) clear(ctx context.Context, path, keep string) error {
	var ids []string
	for id, err := range sqldb.Select(ctx, l.o.DB, scanID,
		"SELECT id FROM askdocs_chunks WHERE tenant = $tenant AND path = $1 AND version <> $2", path, keep) {
		if err != nil {
			return Err.Wrap(err, "askdocs: find old chunks of %q", path)
		}
		ids = append(ids, id)
	}
	if len(ids) > 0 {
		if err := l.unindex(ctx, ids); err != nil {
			return Err.Wrap(err, "askdocs: remove old chunks of %q", path)
		}
		if _, err := l.o.DB.Exec(ctx, "DELETE FROM askdocs_chunks WHERE tenant = $tenant AND path = $1 AND version <> $2", path, keep); err != nil {
			return Err.Wrap(err, "askdocs: remove old chunks of %q", path)
		}
	}
	return l.clearBlobs(ctx, path)
}

// clearBlobs removes the bytes of path that neither a document nor an upload
// needs. It first forgets the uploads that others have overtaken, so that none
// of them is recorded without its bytes.
func (l *Library) clearBlobs(ctx context.Context, path string) error {
	_, err := l.o.DB.Exec(ctx, `
		DELETE FROM askdocs_uploads WHERE tenant = $tenant AND path = $1 AND replaces <>
			COALESCE((SELECT d.blob FROM askdocs_documents d WHERE d.tenant = $tenant AND d.path = $1), '')`, path)
	if err != nil {
		return Err.Wrap(err, "askdocs: forget old uploads of %q", path)
	}
	var stored []string
	for info, err := range storage.List(ctx, l.o.Blobs, blobPrefix(path)) {
		if err != nil {
			return Err.Wrap(err, "askdocs: find old bytes of %q", path)
		}
		stored = append(stored, info.Key)
	}
	// What is not needed now, after it was listed, never will be: keys are used once.
	needed := map[string]bool{}
	for blob, err := range sqldb.Select(ctx, l.o.DB, scanID, `
		SELECT blob FROM askdocs_uploads WHERE tenant = $tenant AND path = $1
		UNION ALL SELECT blob FROM askdocs_documents WHERE tenant = $tenant AND path = $1 AND status <> $2`, path, string(Deleting)) {
		if err != nil {
			return Err.Wrap(err, "askdocs: find the bytes of %q", path)
		}
		needed[blob] = true
	}
	for _, blob := range stored {
		if needed[blob] {
			continue
		}
		if err := l.o.Blobs.Delete(ctx, blob); err != nil {
			return Err.Wrap(err, "askdocs: remove old bytes of %q", path)
		}
	}
	return nil
}

func (l *Library) unindex(ctx context.Context, ids []string) error {
	col, err := l.o.Vectors.Open(ctx, collection)
	if err == nil {
		err = col.Delete(ctx, ids...)
	}
	if err != nil && !errors.Is(err, vector.ErrNoCollection) {
		return err
	}
	if err := l.o.Search.Delete(ctx, index, ids...); err != nil && !errors.Is(err, search.ErrNoIndex) {
		return err
	}
	return nil
}

func scanID(r sqldb.Rows) (id string, err error) {
	err = r.Scan(&id)
	return id, err
}

// tell announces activity. It may be lost: nothing depends on it.
func (l *Library) tell(ctx context.Context, typ string, what any) {
	data, err := json.Marshal(what)
	if err == nil {
		err = l.o.Bus.Publish(ctx, events.New(source, typ, data))
	}
	if err != nil {
		l.o.Logger.WarnContext(ctx, "activity not announced", "type", typ, "error", err)
	}
}
