package filestorage

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"time"

	"github.com/lexigram/lexigram-go/contracts/storage"
)

// What the steps of a call say to [failed].
var (
	errPrecondition = errors.New("precondition failed")
	errAbsent       = errors.New("no such blob")
	errUnknown      = errors.New("the change was made, but may not survive a crash of the machine")
)

// Put writes r to the end under key; see [storage.Store]. A precondition that
// fails already at the beginning is reported before r is read. The error wraps
// [storage.ErrOutcome] only if the new blob is there and could not be made durable.
func (s *Store) Put(ctx context.Context, key string, r io.Reader, opts ...storage.PutOption) (storage.Info, error) {
	o := storage.NewPutOptions(opts...)
	if err := storage.CheckKey(key); err != nil {
		return storage.Info{}, err
	}
	if err := o.Check(); err != nil {
		return storage.Info{}, err
	}
	done, err := s.begin(ctx, "put", key)
	if err != nil {
		return storage.Info{}, err
	}
	defer done()
	h := &header{description: description{Key: key, ContentType: o.ContentType, Metadata: maps.Clone(o.Metadata)}}
	err = s.put(ctx, h, o.Preconditions, func(t *temp) error {
		buf := s.buffers.Get().(*[]byte)
		defer s.buffers.Put(buf)
		sum := sha256.New()
		if err := t.fill(ctx, r, sum, *buf); err != nil {
			return err
		}
		sum.Sum(h.sum[:0])
		return nil
	})
	if err != nil {
		return storage.Info{}, failed(err, "put", key)
	}
	return h.info(), nil
}

// put writes a file of h and what fill appends and sums, and switches to it.
func (s *Store) put(ctx context.Context, h *header, pre storage.Preconditions, fill func(*temp) error) error {
	name := blobPath(h.description.Key)
	if err := s.require(name, h.description.Key, pre); err != nil {
		return err
	}
	t, err := newTemp(s.disk)
	if err != nil {
		return err
	}
	defer t.discard()
	b, err := h.encode()
	if err != nil {
		return err
	}
	// Zeros hold the header's place: until it is known, the file is no blob.
	if err := t.write(make([]byte, len(b))); err != nil {
		return err
	}
	if err := fill(t); err != nil {
		return err
	}
	h.size = t.off - h.length
	h.modTime = time.Now().UTC().Truncate(time.Microsecond)
	if b, err = h.encode(); err != nil {
		return err
	}
	if err := s.disk.write(t.file, b, 0); err != nil {
		return err
	}
	if err := s.disk.sync(t.file); err != nil {
		return err
	}
	if err := s.replace(ctx, t, name, h.description.Key, pre); err != nil {
		return err
	}
	// From here on the new blob is what everybody sees.
	if err := errors.Join(s.disk.close(t.file), s.disk.syncUp(path.Dir(name))); err != nil {
		return fmt.Errorf("%w: %w", errUnknown, err)
	}
	return nil
}

// replace makes t the blob at name if pre holds: while it has the key's lock, nobody else changes it.
func (s *Store) replace(ctx context.Context, t *temp, name, key string, pre storage.Preconditions) error {
	unlock, err := s.locks.lock(ctx, key)
	if err != nil {
		return err
	}
	defer unlock()
	if err := s.require(name, key, pre); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	for range tries {
		if err = s.disk.mkdirAll(path.Dir(name)); err == nil {
			err = s.disk.rename(t.name, name)
		}
		if err == nil {
			t.name = ""
			return nil
		}
		// A Delete of another key may have removed the directory, which had just become empty.
		if !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	return err
}

// require returns errPrecondition unless pre holds for the blob at name.
func (s *Store) require(name, key string, pre storage.Preconditions) error {
	if pre.IfAbsent {
		switch _, err := s.disk.root.Lstat(name); {
		case err == nil:
			return errPrecondition
		case !errors.Is(err, fs.ErrNotExist):
			return err
		}
	}
	if pre.IfMatch != "" {
		h, err := s.header(name, key)
		if errors.Is(err, errAbsent) || err == nil && h.info().ETag != pre.IfMatch {
			return errPrecondition
		}
		return err
	}
	return nil
}

// header reads the header of the blob at name.
func (s *Store) header(name, key string) (*header, error) {
	f, h, err := s.openBlob(name, key)
	if err != nil {
		return nil, err
	}
	return h, f.Close()
}

// openBlob opens the blob at name, or returns errAbsent.
func (s *Store) openBlob(name, key string) (*os.File, *header, error) {
	f, err := s.disk.root.OpenFile(name, os.O_RDONLY|noWait, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, errAbsent
	}
	if err != nil {
		return nil, nil, err
	}
	h, err := readHeader(f, key)
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return f, h, nil
}
