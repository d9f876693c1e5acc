package library

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"path"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/storage"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
	"github.com/lexigram/lexigram-go/examples/askdocs/internal/extract"
)

// Types of the events of a library.
const (
	EventStored  = "askdocs.document.stored"  // in the outbox: Data is a change
	EventRemoved = "askdocs.document.removed" // in the outbox: Data is a change
	EventIndexed = "askdocs.document.indexed" // activity: Data is a Document
	EventFailed  = "askdocs.document.failed"  // activity: Data is a Document
	EventDeleted = "askdocs.document.deleted" // activity: Data is a Document
	EventAsked   = "askdocs.question.asked"   // activity: Data is an Asked
)

// source is the producer named in events.
const source = "askdocs"

// A change is what the handler is told of a document.
type change struct {
	Path string `json:"path"`
	Blob string `json:"blob"`
}

// Add stores a document under path, replacing the one that is there, and
// returns its row: status [Pending], or as it is if the bytes are the same. It
// is indexed soon after. size is what r will give, or -1 if that is not known.
// An error that wraps [ErrDocument] means that nothing was stored.
func (l *Library) Add(ctx context.Context, name string, r io.Reader, size int64) (Document, error) {
	if _, err := tenancy.From(ctx); err != nil {
		return Document{}, err
	}
	if err := CheckPath(name); err != nil {
		return Document{}, err
	}
	data, err := l.read(name, r, size)
	if err != nil {
		return Document{}, err
	}
	if err := extract.Check(name, data); err != nil {
		return Document{}, ErrDocument.Wrap(err, "askdocs: add")
	}
	doc := Document{Path: name, Version: versionOf(data), Title: path.Base(name), Size: int64(len(data)), Status: Pending}
	for range maxRaces {
		old, err := l.Get(ctx, name)
		switch {
		case errors.Is(err, ErrNotFound):
		case err != nil:
			return Document{}, err
		case old.Version == doc.Version && (old.Status == Indexed || old.Status == Pending):
			return old, nil
		}
		doc.blob = newBlob(name)
		if err := l.store(ctx, doc, old.blob, data); err != nil {
			return Document{}, err
		}
		if err := l.commit(ctx, &doc, old.blob); !errors.Is(err, errRace) {
			return doc, err
		}
		if err := l.abandon(ctx, doc.blob); err != nil {
			return Document{}, Err.Wrap(err, "askdocs: add %q", name)
		}
	}
	return Document{}, Err.Wrap(errRace, "askdocs: add %q", name)
}

// errRace means that another upload of the same path came first. After so many
// races the path is fought over, and the caller is told.
var errRace = Err.Sub("ASKDOCS_007", errs.Conflict, "askdocs: document is being replaced by others")

const maxRaces = 5

// read returns all of r, of which at most MaxDocument bytes are held.
func (l *Library) read(name string, r io.Reader, size int64) ([]byte, error) {
	tooLarge := func() error {
		return ErrTooLarge.Wrap(nil, "askdocs: document %q is larger than the limit of %d bytes (library.max_document)", name, l.o.MaxDocument)
	}
	if size > l.o.MaxDocument {
		return nil, tooLarge()
	}
	var buf bytes.Buffer
	if size > 0 {
		buf.Grow(int(size) + bytes.MinRead)
	}
	n, err := io.Copy(&buf, io.LimitReader(r, l.o.MaxDocument+1))
	switch {
	case err != nil:
		return nil, ErrDocument.Wrap(err, "askdocs: read document %q", name)
	case n > l.o.MaxDocument:
		return nil, tooLarge()
	case size >= 0 && n != size:
		return nil, ErrDocument.Wrap(nil, "askdocs: document %q ended after %d of %d bytes", name, n, size)
	}
	return buf.Bytes(), nil
}

// store writes the bytes, after a row that tells Recover of them and keeps
// sweep from them.
func (l *Library) store(ctx context.Context, doc Document, replaces string, data []byte) error {
	_, err := l.o.DB.Exec(ctx, "INSERT INTO askdocs_uploads (tenant, blob, path, replaces) VALUES ($tenant, $1, $2, $3)", doc.blob, doc.Path, replaces)
	if err != nil {
		return Err.Wrap(err, "askdocs: begin upload of %q", doc.Path)
	}
	if _, err = l.o.Blobs.Put(ctx, doc.blob, bytes.NewReader(data), storage.SizeHint(doc.Size)); err != nil {
		return Err.Wrap(err, "askdocs: store %q", doc.Path)
	}
	return l.o.At(ctx, "after the blob")
}

// commit makes the document known: its row, in place of the one whose bytes are
// replaces, and the event that has it indexed; or neither, and errRace.
func (l *Library) commit(ctx context.Context, doc *Document, replaces string) error {
	doc.Updated = time.Now().UTC().Truncate(time.Microsecond)
	err := l.o.DB.InTx(ctx, func(ctx context.Context) error {
		n, err := l.o.DB.Exec(ctx, `
			INSERT INTO askdocs_documents (tenant, path, version, blob, title, size, status, reason, chunks, updated)
			VALUES ($tenant, $1, $2, $3, $4, $5, $6, '', 0, $7)
			ON CONFLICT (tenant, path) DO UPDATE SET version = $2, blob = $3, title = $4, size = $5, status = $6, reason = '', updated = $7
			WHERE askdocs_documents.blob = $8`,
			doc.Path, doc.Version, doc.blob, doc.Title, doc.Size, string(Pending), doc.Updated, replaces)
		if err != nil {
			return err
		}
		began, err := l.forget(ctx, doc.blob)
		if err != nil {
			return err
		}
		if n == 0 || !began { // sweep has given up what others overtook
			return errRace
		}
		if err := l.revise(ctx); err != nil {
			return err
		}
		if err := l.announce(ctx, EventStored, *doc); err != nil {
			return err
		}
		return l.o.At(ctx, "before the commit")
	})
	if err != nil {
		return Err.Wrap(err, "askdocs: record %q", doc.Path)
	}
	return l.o.At(ctx, "after the commit")
}

// forget ends an upload and reports whether there was one.
func (l *Library) forget(ctx context.Context, blob string) (bool, error) {
	n, err := l.o.DB.Exec(ctx, "DELETE FROM askdocs_uploads WHERE tenant = $tenant AND blob = $1", blob)
	return n > 0, err
}

// abandon removes the bytes of an upload that came too late, and then forgets it.
func (l *Library) abandon(ctx context.Context, blob string) error {
	err := l.o.Blobs.Delete(ctx, blob)
	if err == nil {
		_, err = l.forget(ctx, blob)
	}
	return err
}

// announce puts a change of doc into the outbox, in the ambient transaction.
// Changes of one document are handled one at a time and in order.
func (l *Library) announce(ctx context.Context, typ string, doc Document) error {
	data, err := json.Marshal(change{doc.Path, doc.blob})
	if err != nil {
		return err
	}
	ev := events.New(source, typ, data)
	ev.Key = pathID(doc.Path) // of the tenant: the outbox is behind its decorator
	return l.o.Outbox.Publish(ctx, ev)
}

// Remove takes a document out of the library. It is no longer found when
// Remove returns; its bytes go soon after. A path without one is [ErrNotFound].
func (l *Library) Remove(ctx context.Context, name string) error {
	doc, err := l.Get(ctx, name)
	if err != nil {
		return err
	}
	err = l.o.DB.InTx(ctx, func(ctx context.Context) error {
		if _, err := l.setStatus(ctx, doc, Deleting, "", 0); err != nil {
			return err
		}
		return l.announce(ctx, EventRemoved, doc)
	})
	if err != nil {
		return Err.Wrap(err, "askdocs: remove %q", name)
	}
	return nil
}

// setStatus changes doc's row, or reports false: one of another upload stays.
func (l *Library) setStatus(ctx context.Context, doc Document, s Status, reason string, chunks int) (current bool, err error) {
	err = l.o.DB.InTx(ctx, func(ctx context.Context) error {
		n, err := l.o.DB.Exec(ctx, `
			UPDATE askdocs_documents SET status = $3, reason = $4, chunks = $5, updated = $6, title = $7
			WHERE tenant = $tenant AND path = $1 AND blob = $2`,
			doc.Path, doc.blob, string(s), reason, chunks, time.Now(), doc.Title)
		if current = n > 0; err != nil || !current {
			return err
		}
		return l.revise(ctx)
	})
	return current, err
}

// revise counts a change of what questions may find, in the ambient
// transaction: answers of before are not given again.
func (l *Library) revise(ctx context.Context) error {
	_, err := l.o.DB.Exec(ctx, `INSERT INTO askdocs_revisions (tenant, revision) VALUES ($tenant, 1)
		ON CONFLICT (tenant) DO UPDATE SET revision = askdocs_revisions.revision + 1`)
	return err
}

const documentColumns = "path, version, blob, title, size, status, reason, chunks, updated"

func scanDocument(rows interface{ Scan(dest ...any) error }) (d Document, err error) {
	err = rows.Scan(&d.Path, &d.Version, &d.blob, &d.Title, &d.Size, (*string)(&d.Status), &d.Reason, &d.Chunks, &d.Updated)
	return d, err
}

// Get returns a document's row, or an error wrapping [ErrNotFound].
func (l *Library) Get(ctx context.Context, name string) (Document, error) {
	d, err := scanDocument(sqldb.QueryRow(ctx, l.o.DB,
		"SELECT "+documentColumns+" FROM askdocs_documents WHERE tenant = $tenant AND path = $1", name))
	if errors.Is(err, sqldb.ErrNoRows) {
		return Document{}, ErrNotFound.Wrap(nil, "askdocs: document %q", name)
	}
	return d, err
}

// List returns up to limit documents in order of path, those after the path.
func (l *Library) List(ctx context.Context, after string, limit int) ([]Document, error) {
	docs := []Document{}
	for d, err := range sqldb.Select(ctx, l.o.DB, func(r sqldb.Rows) (Document, error) { return scanDocument(r) },
		"SELECT "+documentColumns+" FROM askdocs_documents WHERE tenant = $tenant AND path > $1 ORDER BY path LIMIT $2",
		after, max(1, min(limit, 1000))) {
		if err != nil {
			return nil, Err.Wrap(err, "askdocs: list")
		}
		docs = append(docs, d)
	}
	return docs, nil
}

// A Tally counts a tenant's documents by status.
type Tally map[Status]int

// Count returns how many documents the tenant has in each status.
func (l *Library) Count(ctx context.Context) (Tally, error) {
	t := Tally{}
	rows, err := l.o.DB.Query(ctx, "SELECT status, count(*) FROM askdocs_documents WHERE tenant = $tenant GROUP BY status")
	if err != nil {
		return nil, Err.Wrap(err, "askdocs: count")
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		var n int
		if err := rows.Scan(&s, &n); err != nil {
			return nil, Err.Wrap(err, "askdocs: count")
		}
		t[Status(s)] = n
	}
	return t, rows.Err()
}
