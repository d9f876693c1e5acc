package storage

import (
	"context"
	"errors"
	"io"
	"iter"
	"net/http"
	"time"
)

// A Lister is a [Store] that can be listed.
type Lister interface {
	Store
	// List yields blobs whose key begins with prefix, any bytes and not only
	// whole segments, in byte order of key; "" is all. A blob that is there from
	// beginning to end comes once; one that comes or goes meanwhile may. An
	// Info may lack ContentType and Metadata, which Stat has. An error comes
	// once, last, with the zero Info.
	List(ctx context.Context, prefix string) iter.Seq2[Info, error]
}

// A Presigner lets others read or write one blob for a while without credentials.
type Presigner interface {
	Store
	Presign(ctx context.Context, key string, p Presign) (Presigned, error)
}

// A Presign says what a presigned request may do. For PUT the other fields
// are signed: a request that differs is refused by the store.
type Presign struct {
	Method      string // "GET" or "PUT"
	TTL         time.Duration
	ContentType string
	Size        int64 // 0 leaves it open
	IfAbsent    bool
}

// A Presigned request must carry Header as it is.
type Presigned struct {
	URL     string
	Header  http.Header
	Expires time.Time
}

// A Copier copies inside the store. Use [Copy], which falls back.
type Copier interface {
	Store
	// Copy writes from's bytes, content type and metadata under to, as one Put;
	// pre is about to. The error wraps [ErrNotFound] if there is no from.
	Copy(ctx context.Context, from, to string, pre Preconditions) (Info, error)
}

// List yields what [Lister] does, or an error wrapping errors.ErrUnsupported if s is none.
func List(ctx context.Context, s Store, prefix string) iter.Seq2[Info, error] {
	if l, ok := s.(Lister); ok {
		return l.List(ctx, prefix)
	}
	return func(yield func(Info, error) bool) {
		yield(Info{}, Err.Wrap(errors.ErrUnsupported, "storage: list %q", prefix))
	}
}

// Copy copies a blob inside the store, or through this process where the store
// cannot. The blob that is read stays the same to the end.
func Copy(ctx context.Context, s Store, from, to string, pre Preconditions) (Info, error) {
	if c, ok := s.(Copier); ok {
		if info, err := c.Copy(ctx, from, to, pre); !errors.Is(err, errors.ErrUnsupported) {
			return info, err
		}
	}
	b, err := s.Open(ctx, from)
	if err != nil {
		return Info{}, err
	}
	defer b.Close()
	return s.Put(ctx, to, b, ContentType(b.Info.ContentType), Metadata(b.Info.Metadata), SizeHint(b.Info.Size), Require(pre))
}

// ReadAll returns the bytes of a blob of at most limit bytes, or an error
// wrapping [ErrSize].
func ReadAll(ctx context.Context, s Store, key string, limit int64) ([]byte, Info, error) {
	b, err := s.Open(ctx, key)
	if err != nil {
		return nil, Info{}, err
	}
	defer b.Close()
	if b.Info.Size > limit {
		return nil, b.Info, ErrSize.Wrap(nil, "storage: read %q: %d bytes, limit %d", key, b.Info.Size, limit)
	}
	data := make([]byte, b.Info.Size)
	if _, err := io.ReadFull(b, data); err != nil {
		return nil, b.Info, Err.Wrap(err, "storage: read %q", key)
	}
	return data, b.Info, nil
}
