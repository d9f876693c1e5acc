package memorystorage

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"maps"
	"math"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/storage"
)

var (
	_ storage.Lister = (*Store)(nil)
	_ storage.Copier = (*Store)(nil)
)

// A Store is a [storage.Store] in memory; it lists and copies. ETags are the
// SHA-256 of the bytes, in hexadecimal. It has no bound. It is safe for
// concurrent use; make one with [New]. There is nothing to close.
type Store struct {
	mu    sync.RWMutex
	blobs map[string]blob
}

// A blob is never changed: readers keep the one they opened.
type blob struct {
	info storage.Info
	data []byte
}

// New returns an empty store.
func New() *Store { return &Store{blobs: map[string]blob{}} }

// describe returns the blob's Info with a map that the caller may change.
func (b blob) describe() storage.Info {
	info := b.info
	info.Metadata = maps.Clone(info.Metadata)
	return info
}

// Put reads r to the end, in memory, and stores it under key; see [storage.Store].
func (s *Store) Put(ctx context.Context, key string, r io.Reader, opts ...storage.PutOption) (storage.Info, error) {
	o := storage.NewPutOptions(opts...)
	if err := storage.CheckKey(key); err != nil {
		return storage.Info{}, err
	}
	if err := o.Check(); err != nil {
		return storage.Info{}, err
	}
	data, err := readAll(ctx, r)
	if err != nil {
		return storage.Info{}, storage.Err.Wrap(err, "memorystorage: put %q", key)
	}
	sum := sha256.Sum256(data)
	b := blob{data: data, info: storage.Info{
		Key: key, Size: int64(len(data)), ETag: hex.EncodeToString(sum[:]),
		ContentType: o.ContentType, Metadata: maps.Clone(o.Metadata),
	}}
	return s.replace(b, "put", o.Preconditions)
}

// replace stores b under its key if pre holds.
func (s *Store) replace(b blob, op string, pre storage.Preconditions) (storage.Info, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, ok := s.blobs[b.info.Key]
	if ok && pre.IfAbsent || pre.IfMatch != "" && (!ok || old.info.ETag != pre.IfMatch) {
		return storage.Info{}, storage.ErrPrecondition.Wrap(nil, "memorystorage: %s %q", op, b.info.Key)
	}
	b.info.ModTime = time.Now().UTC()
	s.blobs[b.info.Key] = b
	return b.describe(), nil
}

// Open returns the blob under key; see [storage.Store].
func (s *Store) Open(ctx context.Context, key string, opts ...storage.OpenOption) (*storage.Blob, error) {
	o := storage.NewOpenOptions(opts...)
	if err := storage.CheckKey(key); err != nil {
		return nil, err
	}
	if _, _, err := o.Range(math.MaxInt64); err != nil {
		return nil, err
	}
	b, err := s.get(ctx, "open", key)
	if err != nil {
		return nil, err
	}
	if o.IfMatch != "" && o.IfMatch != b.info.ETag {
		return nil, storage.ErrPrecondition.Wrap(nil, "memorystorage: open %q", key)
	}
	offset, length, err := o.Range(b.info.Size)
	if err != nil {
		return nil, err
	}
	part := bytes.NewReader(b.data[offset : offset+length])
	return &storage.Blob{ReadCloser: &reader{ctx: ctx, r: part, key: key}, Info: b.describe()}, nil
}

// Stat returns what Open would say, without the bytes.
func (s *Store) Stat(ctx context.Context, key string) (storage.Info, error) {
	if err := storage.CheckKey(key); err != nil {
		return storage.Info{}, err
	}
	b, err := s.get(ctx, "stat", key)
	return b.describe(), err
}

func (s *Store) get(ctx context.Context, op, key string) (blob, error) {
	if ctx.Err() != nil {
		return blob{}, storage.Err.Wrap(context.Cause(ctx), "memorystorage: %s %q", op, key)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	b, ok := s.blobs[key]
	if !ok {
		return blob{}, storage.ErrNotFound.Wrap(nil, "memorystorage: %s %q", op, key)
	}
	return b, nil
}

// Delete removes the blob under key; see [storage.Store].
func (s *Store) Delete(ctx context.Context, key string, opts ...storage.DeleteOption) error {
	o := storage.NewDeleteOptions(opts...)
	if err := storage.CheckKey(key); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return storage.Err.Wrap(context.Cause(ctx), "memorystorage: delete %q", key)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if b, ok := s.blobs[key]; ok && o.IfMatch != "" && b.info.ETag != o.IfMatch {
		return storage.ErrPrecondition.Wrap(nil, "memorystorage: delete %q", key)
	}
	delete(s.blobs, key)
	return nil
}
