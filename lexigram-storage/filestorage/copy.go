package filestorage

import (
	"cmp"
	"context"
	"io"

	"github.com/lexigram/lexigram-go/contracts/storage"
)

// copyStep is how much Copy copies between two looks at its context.
const copyStep = 64 << 20

// Copy writes the blob from under to; see [storage.Copier]. The kernel copies
// the bytes, or shares them where the file system can. They are not checked:
// damage stays detectable in the copy.
func (s *Store) Copy(ctx context.Context, from, to string, pre storage.Preconditions) (storage.Info, error) {
	if err := cmp.Or(storage.CheckKey(from), storage.CheckKey(to)); err != nil {
		return storage.Info{}, err
	}
	done, err := s.begin(ctx, "copy", from)
	if err != nil {
		return storage.Info{}, err
	}
	defer done()
	src, old, err := s.openBlob(blobPath(from), from)
	if err != nil {
		return storage.Info{}, failed(err, "copy", from)
	}
	defer src.Close() // it was only read
	h := &header{sum: old.sum, description: old.description}
	h.description.Key = to
	err = s.put(ctx, h, pre, func(t *temp) error {
		if _, err := src.Seek(old.length, io.SeekStart); err != nil {
			return err
		}
		return t.fillFrom(ctx, src, old.size)
	})
	if err != nil {
		return storage.Info{}, failed(err, "copy to", to)
	}
	return h.info(), nil
}

// fillFrom appends the next size bytes of a file.
func (t *temp) fillFrom(ctx context.Context, src io.Reader, size int64) error {
	if _, err := t.file.Seek(t.off, io.SeekStart); err != nil {
		return err
	}
	for size > 0 {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := t.disk.inject("write"); err != nil {
			return err
		}
		n, err := io.CopyN(t.file, src, min(size, copyStep))
		t.off += n
		size -= n
		if err != nil {
			return cut(err)
		}
	}
	return nil
}
