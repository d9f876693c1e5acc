package filestorage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path"

	"github.com/lexigram/lexigram-go/contracts/storage"
)

// Open returns the blob under key; see [storage.Store]. Reading the whole blob
// checks its SHA-256: if the bytes were changed, the last of them are withheld
// and the error wraps [storage.ErrCorrupt].
func (s *Store) Open(ctx context.Context, key string, opts ...storage.OpenOption) (*storage.Blob, error) {
	o := storage.NewOpenOptions(opts...)
	if err := storage.CheckKey(key); err != nil {
		return nil, err
	}
	if _, _, err := o.Range(math.MaxInt64); err != nil {
		return nil, err
	}
	done, err := s.begin(ctx, "open", key)
	if err != nil {
		return nil, err
	}
	defer done()
	f, h, err := s.openBlob(blobPath(key), key)
	if err != nil {
		return nil, failed(err, "open", key)
	}
	info := h.info()
	if o.IfMatch != "" && o.IfMatch != info.ETag {
		return nil, failed(errors.Join(errPrecondition, f.Close()), "open", key)
	}
	offset, length, err := o.Range(h.size)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &storage.Blob{ReadCloser: newReader(ctx, f, h, offset, length), Info: info}, nil
}

// Stat returns what Open would say, without the bytes.
func (s *Store) Stat(ctx context.Context, key string) (storage.Info, error) {
	if err := storage.CheckKey(key); err != nil {
		return storage.Info{}, err
	}
	done, err := s.begin(ctx, "stat", key)
	if err != nil {
		return storage.Info{}, err
	}
	defer done()
	h, err := s.header(blobPath(key), key)
	if err != nil {
		return storage.Info{}, failed(err, "stat", key)
	}
	return h.info(), nil
}

// Delete removes the blob under key, durably; see [storage.Store]. It also
// removes a damaged one, unless opts name an ETag.
func (s *Store) Delete(ctx context.Context, key string, opts ...storage.DeleteOption) error {
	o := storage.NewDeleteOptions(opts...)
	if err := storage.CheckKey(key); err != nil {
		return err
	}
	done, err := s.begin(ctx, "delete", key)
	if err != nil {
		return err
	}
	defer done()
	return failed(s.delete(ctx, key, o.IfMatch), "delete", key)
}

func (s *Store) delete(ctx context.Context, key, etag string) error {
	unlock, err := s.locks.lock(ctx, key)
	if err != nil {
		return err
	}
	defer unlock()
	name := blobPath(key)
	if etag != "" {
		h, err := s.header(name, key)
		switch {
		case errors.Is(err, errAbsent):
			return nil
		case err != nil:
			return err
		case h.info().ETag != etag:
			return errPrecondition
		}
	}
	if err := s.disk.remove(name); errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	err = s.disk.syncUp(path.Dir(name))
	s.disk.prune(path.Dir(name))
	if err != nil {
		return fmt.Errorf("%w: %w", errUnknown, err)
	}
	return nil
}
