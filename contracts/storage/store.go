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
	ModTime     time.Time // when it was written, to the second or finer; Put may return an estimate
	Metadata    map[string]string
}

// A Store holds blobs. It is safe for concurrent use. A reader sees either the
// old blob or the new one, bytes and Info, whole; a blob that is open stays
// what it was. Maps are copied in and out.
//
// Arguments are checked first: errors wrap [ErrKey], [ErrMetadata] or, for a
// range, [ErrRange]. After that, a ctx that has ended is an error wrapping its
// cause ([context.Cause]) from every method, which then has no effect. Bytes
// that are cut or changed are [ErrCorrupt] at the latest where the last byte
// of the whole blob would be read, never a short blob.
type Store interface {
	// Put writes r to the end under key. The blob replaces the old one in one
	// step, which happens after r ended without an error and before Put returns
	// nil. If r or ctx ends earlier, or Put returns an error that is not
	// [ErrOutcome], or the process dies before the step, the old blob stands.
	// An error of r is wrapped; the error wraps [ErrPrecondition] if opts asked for one that does not
	// hold, whatever the size and number of parts. Put does not close r and
	// does not read it after it returned; it waits for a Read that blocks. A
	// panic of r is an error, an [errs.PanicError].
	Put(ctx context.Context, key string, r io.Reader, opts ...PutOption) (Info, error)
	// Open returns the blob or an error wrapping [ErrNotFound]. The caller
	// closes it. Cancelling ctx ends reading. If opts asked for an ETag that a
	// blob does not have, the error wraps [ErrPrecondition].
	Open(ctx context.Context, key string, opts ...OpenOption) (*Blob, error)
	// Stat returns what Open would say, without the bytes.
	Stat(ctx context.Context, key string) (Info, error)
	// Delete removes the blob. A key without one is no error, whatever opts
	// ask; a blob with another ETag than they name is [ErrPrecondition].
	Delete(ctx context.Context, key string, opts ...DeleteOption) error
}

// A Blob is an open blob.
type Blob struct {
	io.ReadCloser
	Info Info // of the whole blob, also if a range was asked for
}
