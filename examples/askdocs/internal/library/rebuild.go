package library

import (
	"context"
	"errors"

	"github.com/lexigram/lexigram-go/contracts/search"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/vector"
)

// Rebuild has the documents of the tenant indexed again if one of the indexes
// is gone, as after somebody deleted a damaged one, and returns how many. It is
// meant for the start of a process, before events are handled.
func (l *Library) Rebuild(ctx context.Context) (documents int, err error) {
	lost, err := l.lost(ctx)
	if err != nil {
		return 0, Err.Wrap(err, "askdocs: look for the indexes")
	}
	if !lost {
		return 0, nil
	}
	err = l.o.DB.InTx(ctx, func(ctx context.Context) error {
		documents = 0
		var indexed []Document
		for doc, err := range sqldb.Select(ctx, l.o.DB, func(r sqldb.Rows) (Document, error) { return scanDocument(r) },
			"SELECT "+documentColumns+" FROM askdocs_documents WHERE tenant = $tenant AND status = $1 ORDER BY path", string(Indexed)) {
			if err != nil {
				return err
			}
			indexed = append(indexed, doc)
		}
		for _, doc := range indexed {
			if _, err := l.setStatus(ctx, doc, Pending, "", 0); err != nil {
				return err
			}
			if err := l.announce(ctx, EventStored, doc); err != nil {
				return err
			}
		}
		documents = len(indexed)
		return nil
	})
	if err != nil {
		return 0, Err.Wrap(err, "askdocs: rebuild the indexes")
	}
	return documents, nil
}

// lost reports whether documents should be in an index that does not exist.
func (l *Library) lost(ctx context.Context) (bool, error) {
	var n int
	err := sqldb.QueryRow(ctx, l.o.DB, "SELECT count(*) FROM askdocs_documents WHERE tenant = $tenant AND status = $1 AND chunks > 0",
		string(Indexed)).Scan(&n)
	if err != nil || n == 0 {
		return false, err
	}
	if _, err := l.o.Vectors.Open(ctx, collection); errors.Is(err, vector.ErrNoCollection) {
		return true, nil
	} else if err != nil {
		return false, err
	}
	_, err = l.o.Search.Search(ctx, index, search.Query{Limit: 1})
	if errors.Is(err, search.ErrNoIndex) {
		return true, nil
	}
	return false, err
}
