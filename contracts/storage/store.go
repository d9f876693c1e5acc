package storage

import (
	"context"
	"io"
	"time"
)

// Info describes a blob.
type Info struct {
	Key         string
	Size        int64
	ETag        string // opaque; equal tags of one key mean equal bytes, not equal metadata
	ContentType string
	ModTime     time.Time
	Metadata    map[string]string
}

// A Store holds blobs. It is safe for concurrent use. A reader sees either the
// old blob or the new one, bytes and Info, whole; a blob that is open stays
// what it was.
type Store interface {
	// Put writes r to the end under key. The blob replaces the old one in one
	// step, which happens after r ended without an error and before Put returns
	// nil. If r or ctx ends earlier, or Put returns an error that is not
	// [ErrOutcome], or the process dies before the step, the old blob stands.
	// The error wraps [ErrPrecondition] if opts asked for one that does not
	// hold, whatever the size and number of parts. Put does not close r and
	// does not read it after it returned.
	Put(ctx context.Context, key string, r io.Reader, opts ...PutOption) (Info, error)
	// Open returns the blob or an error wrapping [ErrNotFound]. The caller
	// closes it. Cancelling ctx ends reading.
	Open(ctx context.Context, key string, opts ...GetOption) (*Blob, error)
	// Stat returns what Open would say, without the bytes.
	Stat(ctx context.Context, key string) (Info, error)
	// Delete removes the blob. A key without one is no error.
	Delete(ctx context.Context, key string, opts ...DeleteOption) error
}

// A Blob is an open blob.
type Blob struct {
	io.ReadCloser
	Info Info // of the whole blob, also if a range was asked for
}
