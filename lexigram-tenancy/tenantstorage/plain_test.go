package tenantstorage_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/storage"
)

// plain is a store over a map that can neither list nor copy.
type plain struct {
	mu    sync.Mutex
	blobs map[string]held
}

type held struct {
	info storage.Info
	data []byte
}

func newPlain() *plain { return &plain{blobs: map[string]held{}} }

func check(ctx context.Context, key string) error {
	if err := storage.CheckKey(key); err != nil {
		return err
	}
	return context.Cause(ctx)
}

func (p *plain) Put(ctx context.Context, key string, r io.Reader, opts ...storage.PutOption) (storage.Info, error) {
	o := storage.NewPutOptions(opts...)
	if err := errors.Join(o.Check(), check(ctx, key)); err != nil {
		return storage.Info{}, err
	}
	var data []byte
	err := errs.Catch(func() (err error) { data, err = io.ReadAll(r); return err })
	if err = errors.Join(err, context.Cause(ctx)); err != nil {
		return storage.Info{}, err
	}
	return p.store(held{data: data, info: storage.Info{
		Key: key, Size: int64(len(data)), ETag: fmt.Sprintf("%x", sha256.Sum256(data)), ContentType: o.ContentType, Metadata: o.Metadata,
	}}, o.Preconditions)
}

func (p *plain) store(b held, pre storage.Preconditions) (storage.Info, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	old, ok := p.blobs[b.info.Key]
	if pre.IfAbsent && ok || pre.IfMatch != "" && (!ok || old.info.ETag != pre.IfMatch || pre.IfAbsent) {
		return storage.Info{}, storage.ErrPrecondition
	}
	b.info.ModTime, b.info.Metadata = time.Now(), maps.Clone(b.info.Metadata)
	p.blobs[b.info.Key] = b
	return out(b.info), nil
}

func out(info storage.Info) storage.Info {
	info.Metadata = maps.Clone(info.Metadata)
	return info
}

func (p *plain) find(ctx context.Context, key string) (held, error) {
	if err := check(ctx, key); err != nil {
		return held{}, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	b, ok := p.blobs[key]
	if !ok {
		return held{}, storage.ErrNotFound
	}
	return b, nil
}

func (p *plain) Open(ctx context.Context, key string, opts ...storage.OpenOption) (*storage.Blob, error) {
	o := storage.NewOpenOptions(opts...)
	if _, _, err := o.Range(math.MaxInt64); err != nil {
		return nil, err
	}
	b, err := p.find(ctx, key)
	if err != nil {
		return nil, err
	}
	if o.IfMatch != "" && o.IfMatch != b.info.ETag {
		return nil, storage.ErrPrecondition
	}
	offset, length, err := o.Range(b.info.Size)
	if err != nil {
		return nil, err
	}
	return &storage.Blob{ReadCloser: reader{ctx, bytes.NewReader(b.data[offset : offset+length])}, Info: out(b.info)}, nil
}

type reader struct {
	ctx context.Context
	r   *bytes.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if r.ctx.Err() != nil {
		return 0, context.Cause(r.ctx)
	}
	return r.r.Read(p)
}

func (reader) Close() error { return nil }

func (p *plain) Stat(ctx context.Context, key string) (storage.Info, error) {
	b, err := p.find(ctx, key)
	return out(b.info), err
}

func (p *plain) Delete(ctx context.Context, key string, opts ...storage.DeleteOption) error {
	if err := check(ctx, key); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if b, ok := p.blobs[key]; ok {
		if etag := storage.NewDeleteOptions(opts...).IfMatch; etag != "" && etag != b.info.ETag {
			return storage.ErrPrecondition
		}
	}
	delete(p.blobs, key)
	return nil
}

// able is a plain store with every ability.
type able struct{ *plain }

func (a able) List(ctx context.Context, prefix string) iter.Seq2[storage.Info, error] {
	return func(yield func(storage.Info, error) bool) {
		if ctx.Err() != nil {
			yield(storage.Info{}, context.Cause(ctx))
			return
		}
		a.mu.Lock()
		keys := slices.Sorted(maps.Keys(a.blobs))
		a.mu.Unlock()
		for _, key := range keys {
			if !strings.HasPrefix(key, prefix) {
				continue
			}
			info, err := a.Stat(ctx, key)
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if !yield(info, err) {
				return
			}
		}
	}
}

func (a able) Copy(ctx context.Context, from, to string, pre storage.Preconditions) (storage.Info, error) {
	if err := storage.CheckKey(to); err != nil {
		return storage.Info{}, err
	}
	b, err := a.find(ctx, from)
	if err != nil {
		return storage.Info{}, err
	}
	b.info.Key = to
	return a.store(b, pre)
}

func (able) Presign(_ context.Context, key string, p storage.Presign) (storage.Presigned, error) {
	return storage.Presigned{URL: "https://store/" + key, Expires: time.Now().Add(p.TTL)}, nil
}
