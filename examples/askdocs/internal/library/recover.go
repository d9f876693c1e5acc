package library

import (
	"context"
	"errors"
	"path"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/storage"
)

// An unfinished is an upload that began and was not recorded.
type unfinished struct{ blob, path, replaces string }

// Recover completes the uploads of the tenant that were interrupted between
// their bytes and their row, and returns how many. It is meant for the start of
// a process, before it takes uploads. An upload whose bytes were not stored
// whole, or that another one has overtaken, is cleared away.
func (l *Library) Recover(ctx context.Context) (completed int, err error) {
	var uploads []unfinished
	for u, err := range sqldb.Select(ctx, l.o.DB, func(r sqldb.Rows) (u unfinished, err error) {
		err = r.Scan(&u.blob, &u.path, &u.replaces)
		return u, err
	}, "SELECT blob, path, replaces FROM askdocs_uploads WHERE tenant = $tenant ORDER BY path, blob") {
		if err != nil {
			return 0, Err.Wrap(err, "askdocs: recover")
		}
		uploads = append(uploads, u)
	}
	for _, u := range uploads {
		done, err := l.complete(ctx, u)
		if err != nil {
			return completed, Err.Wrap(err, "askdocs: recover %q", u.path)
		}
		if done {
			completed++
		}
	}
	return completed, nil
}

// complete commits an upload, or clears it away and reports false.
func (l *Library) complete(ctx context.Context, u unfinished) (bool, error) {
	data, info, err := storage.ReadAll(ctx, l.o.Blobs, u.blob, l.o.MaxDocument)
	if errors.Is(err, storage.ErrNotFound) {
		_, err := l.forget(ctx, u.blob)
		return false, err
	}
	if err == nil {
		doc := Document{Path: u.path, Version: versionOf(data), Title: path.Base(u.path), Size: info.Size, Status: Pending, blob: u.blob}
		err = l.commit(ctx, &doc, u.replaces)
	}
	// overtaken, above a limit that was lowered since, or damaged before anybody was told of it
	if errors.Is(err, errRace) || errors.Is(err, storage.ErrSize) || errors.Is(err, storage.ErrCorrupt) {
		return false, l.abandon(ctx, u.blob)
	}
	return err == nil, err
}
