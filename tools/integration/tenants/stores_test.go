package tenants

import (
	"context"
	"io"
	"iter"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/search"
	"github.com/lexigram/lexigram-go/contracts/search/searchtest"
	"github.com/lexigram/lexigram-go/contracts/storage"
	"github.com/lexigram/lexigram-go/contracts/storage/storagetest"
	"github.com/lexigram/lexigram-go/contracts/vector"
	"github.com/lexigram/lexigram-go/contracts/vector/vectortest"
	"github.com/lexigram/lexigram-go/lexigram-storage/filestorage"
	"github.com/lexigram/lexigram-go/lexigram-tenancy/tenantsearch"
	"github.com/lexigram/lexigram-go/lexigram-tenancy/tenantstorage"
	"github.com/lexigram/lexigram-go/lexigram-tenancy/tenantvector"
	"github.com/lexigram/lexigram-go/lexigram-vector/memorysearch"
	"github.com/lexigram/lexigram-go/lexigram-vector/memoryvector"
)

// closed has c closed when t ends.
func closed[T io.Closer](t *testing.T, c T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return c
}

// blobs are a tenant's storage.Store, with what filestorage can besides.
type blobs struct{ *tenantstorage.Store }

func (b blobs) Put(ctx context.Context, key string, r io.Reader, opts ...storage.PutOption) (storage.Info, error) {
	return b.Store.Put(in(ctx), key, r, opts...)
}

func (b blobs) Open(ctx context.Context, key string, opts ...storage.OpenOption) (*storage.Blob, error) {
	return b.Store.Open(in(ctx), key, opts...)
}

func (b blobs) Stat(ctx context.Context, key string) (storage.Info, error) {
	return b.Store.Stat(in(ctx), key)
}

func (b blobs) Delete(ctx context.Context, key string, opts ...storage.DeleteOption) error {
	return b.Store.Delete(in(ctx), key, opts...)
}

func (b blobs) List(ctx context.Context, prefix string) iter.Seq2[storage.Info, error] {
	return b.Store.List(in(ctx), prefix)
}

func (b blobs) Copy(ctx context.Context, from, to string, pre storage.Preconditions) (storage.Info, error) {
	return b.Store.Copy(in(ctx), from, to, pre)
}

func (b blobs) Presign(ctx context.Context, key string, p storage.Presign) (storage.Presigned, error) {
	return b.Store.Presign(in(ctx), key, p)
}

func TestStorage(t *testing.T) {
	storagetest.Run(t, func(t *testing.T) storage.Store {
		s, err := filestorage.Open(filestorage.Config{Dir: t.TempDir(), NoSync: true})
		return blobs{tenantstorage.New(closed(t, s, err))}
	}, storagetest.Large(1<<20), storagetest.Rounds(5))
}

// vectors are a tenant's vector.Store.
type vectors struct{ *tenantvector.Store }

func (v vectors) Create(ctx context.Context, name string, cfg vector.Config) (vector.Collection, error) {
	c, err := v.Store.Create(in(ctx), name, cfg)
	return points{c}, err
}

func (v vectors) Open(ctx context.Context, name string) (vector.Collection, error) {
	c, err := v.Store.Open(in(ctx), name)
	return points{c}, err
}

func (v vectors) Drop(ctx context.Context, name string) error { return v.Store.Drop(in(ctx), name) }

func (v vectors) List(ctx context.Context) ([]string, error) { return v.Store.List(in(ctx)) }

type points struct{ vector.Collection }

func (p points) Upsert(ctx context.Context, ps ...vector.Point) error {
	return p.Collection.Upsert(in(ctx), ps...)
}

func (p points) Delete(ctx context.Context, ids ...string) error {
	return p.Collection.Delete(in(ctx), ids...)
}

func (p points) Search(ctx context.Context, q vector.Query) ([]vector.Match, error) {
	return p.Collection.Search(in(ctx), q)
}

func TestVector(t *testing.T) {
	vectortest.Run(t, func(t *testing.T) vector.Store {
		s, err := memoryvector.Open(memoryvector.Config{})
		return vectors{tenantvector.New(closed(t, s, err))}
	})
}

// documents are a tenant's search.Engine.
type documents struct{ *tenantsearch.Engine }

func (d documents) Index(ctx context.Context, index string, docs ...search.Document) error {
	return d.Engine.Index(in(ctx), index, docs...)
}

func (d documents) Delete(ctx context.Context, index string, ids ...string) error {
	return d.Engine.Delete(in(ctx), index, ids...)
}

func (d documents) Search(ctx context.Context, index string, q search.Query) (search.Page, error) {
	return d.Engine.Search(in(ctx), index, q)
}

func TestSearch(t *testing.T) {
	searchtest.Run(t, func(t *testing.T) search.Engine {
		e, err := memorysearch.Open(memorysearch.Config{})
		return documents{tenantsearch.New(closed(t, e, err))}
	})
}
