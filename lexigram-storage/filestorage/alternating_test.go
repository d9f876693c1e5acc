//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package filestorage

import (
	"context"
	"io"
	"iter"
	"sync/atomic"

	"github.com/lexigram/lexigram-go/contracts/storage"
)

// alternating sends every second call to another store over the same directory.
type alternating struct {
	stores [2]*Store
	calls  atomic.Int64
}

func (a *alternating) next() *Store { return a.stores[a.calls.Add(1)%2] }

func (a *alternating) Put(ctx context.Context, key string, r io.Reader, opts ...storage.PutOption) (storage.Info, error) {
	return a.next().Put(ctx, key, r, opts...)
}

func (a *alternating) Open(ctx context.Context, key string, opts ...storage.OpenOption) (*storage.Blob, error) {
	return a.next().Open(ctx, key, opts...)
}

func (a *alternating) Stat(ctx context.Context, key string) (storage.Info, error) {
	return a.next().Stat(ctx, key)
}

func (a *alternating) Delete(ctx context.Context, key string, opts ...storage.DeleteOption) error {
	return a.next().Delete(ctx, key, opts...)
}

func (a *alternating) List(ctx context.Context, prefix string) iter.Seq2[storage.Info, error] {
	return a.next().List(ctx, prefix)
}

func (a *alternating) Copy(ctx context.Context, from, to string, pre storage.Preconditions) (storage.Info, error) {
	return a.next().Copy(ctx, from, to, pre)
}
