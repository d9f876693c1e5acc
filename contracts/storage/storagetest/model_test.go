package storagetest

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

// A model is the smallest store that keeps every rule. With the name of a rule
// in breaks, it breaks that rule, in the way that real stores do.
type model struct {
	mu     sync.Mutex
	blobs  map[string]held
	breaks string
}

type held struct {
	info storage.Info
	data []byte
	late string // the content type after the next look, if it was not switched with the bytes
}

var (
	_ storage.Lister = (*model)(nil)
	_ storage.Copier = (*model)(nil)
)

func newModel(breaks string) *model { return &model{blobs: map[string]held{}, breaks: breaks} }

func (m *model) is(rule string) bool { return m.breaks == rule }

// begin checks the key, which a file system would fold, and the context.
func (m *model) begin(ctx context.Context, key string) (string, error) {
	if err := storage.CheckKey(key); err != nil && !(m.is("invalid keys") && strings.Contains(key, "..")) {
		return "", err
	}
	if ctx.Err() != nil && !m.is("a context that has ended") {
		return "", context.Cause(ctx)
	}
	if m.is("keys are bytes") {
		key = strings.ToLower(key)
	}
	return key, nil
}

func (m *model) Put(ctx context.Context, key string, r io.Reader, opts ...storage.PutOption) (storage.Info, error) {
	o := storage.NewPutOptions(opts...)
	if err := o.Check(); err != nil && !m.is("invalid metadata") {
		return storage.Info{}, err
	}
	id, err := m.begin(ctx, key)
	if err != nil {
		return storage.Info{}, err
	}
	if m.is("a condition that fails while it writes") || m.is("one creates") || m.is("one replaces") {
		m.mu.Lock()
		err := m.require(id, o.Preconditions)
		m.mu.Unlock()
		if err != nil {
			return storage.Info{}, err
		}
		o.Preconditions = storage.Preconditions{}
	}
	data, err := m.read(ctx, id, r, o)
	if err != nil {
		return storage.Info{}, err
	}
	if m.is("one creates") || m.is("one replaces") {
		time.Sleep(time.Millisecond) // another writer's turn
	}
	info := storage.Info{Key: key, Size: int64(len(data)), ETag: m.tag(data), ContentType: o.ContentType, Metadata: o.Metadata}
	return m.store(id, held{info: info, data: data}, o.Preconditions)
}

// read reads r as the broken stores of the rules about readers do.
func (m *model) read(ctx context.Context, id string, r io.Reader, o storage.PutOptions) (data []byte, err error) {
	switch {
	case m.is("round trip"):
		r = io.LimitReader(r, 1<<17)
	case m.is("a wrong size hint") && o.SizeHint > 0:
		r = io.LimitReader(r, o.SizeHint)
	case m.is("a reader of small pieces"):
		data = make([]byte, 4096)
		n, err := r.Read(data)
		if err == nil || err == io.EOF {
			var rest []byte
			rest, err = io.ReadAll(r)
			return append(data[:min(n, 1)], rest[min(1, len(rest)):]...), err
		}
		return nil, err
	case m.is("the reader stays open"):
		if c, ok := r.(io.Closer); ok {
			defer c.Close()
		}
	case m.is("nothing half written is listed"):
		m.store(id+".tmp", held{info: storage.Info{Key: id + ".tmp"}}, storage.Preconditions{})
		defer m.Delete(ctx, id+".tmp")
	}
	read := func() (err error) { data, err = io.ReadAll(r); return err }
	if m.is("a reader that panics") {
		err = read()
	} else {
		err = errs.Catch(read)
	}
	if m.is("a reader that fails") && err != nil {
		m.store(id, held{info: storage.Info{Key: id}, data: data}, storage.Preconditions{})
	}
	if err == nil && ctx.Err() != nil && !m.is("a context that ends during Put") && !m.is("a context that has ended") {
		err = context.Cause(ctx)
	}
	return data, err
}

func (m *model) tag(data []byte) string {
	if m.is("etag") {
		return fmt.Sprint(len(data))
	}
	return fmt.Sprintf("%x", sha256.Sum256(data))
}

func (m *model) require(id string, pre storage.Preconditions) error {
	old, ok := m.blobs[id]
	switch {
	case pre.IfAbsent && ok && !m.is("if absent"),
		pre.IfMatch != "" && (!ok || old.info.ETag != pre.IfMatch) && !m.is("if match"),
		pre.IfMatch != "" && pre.IfAbsent && !m.is("both conditions"):
		return storage.ErrPrecondition.Wrap(nil, "model: put %.40q", id)
	}
	return nil
}

func (m *model) store(id string, b held, pre storage.Preconditions) (storage.Info, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.is("both conditions") && pre.IfMatch != "" {
		pre.IfAbsent = false
	}
	if err := m.require(id, pre); err != nil {
		return storage.Info{}, err
	}
	if m.is("content type and metadata") && b.info.Metadata == nil {
		b.info.Metadata = m.blobs[id].info.Metadata
	}
	if m.is("an open blob stays what it was") {
		copy(m.blobs[id].data, b.data) // it writes into the open file
	}
	if old, ok := m.blobs[id]; ok && m.is("readers see whole blobs") {
		b.late, b.info.ContentType = b.info.ContentType, old.info.ContentType // switched by a later step
	}
	b.info.ModTime = time.Now()
	b.info.Metadata = m.clone(b.info.Metadata)
	m.blobs[id] = b
	return m.out(b.info), nil
}

func (m *model) clone(md map[string]string) map[string]string {
	if m.is("maps are copied") {
		return md
	}
	return maps.Clone(md)
}

func (m *model) out(info storage.Info) storage.Info {
	info.Metadata = m.clone(info.Metadata)
	return info
}

func (m *model) Open(ctx context.Context, key string, opts ...storage.OpenOption) (*storage.Blob, error) {
	o := storage.NewOpenOptions(opts...)
	if _, _, err := o.Range(math.MaxInt64); err != nil {
		return nil, err
	}
	b, err := m.find(ctx, key)
	if err != nil {
		return nil, err
	}
	if o.IfMatch != "" && o.IfMatch != b.info.ETag && !m.is("open if match") {
		return nil, storage.ErrPrecondition
	}
	offset, length, err := o.Range(b.info.Size)
	if err != nil && !m.is("ranges outside") {
		return nil, err
	}
	info := m.out(b.info)
	if m.is("ranges") {
		info.Size = length
	}
	return &storage.Blob{ReadCloser: &modelReader{ctx, m, bytes.NewReader(b.data[offset : offset+length])}, Info: info}, nil
}

type modelReader struct {
	ctx context.Context
	m   *model
	r   *bytes.Reader
}

func (r *modelReader) Read(p []byte) (int, error) {
	if r.ctx.Err() != nil && !r.m.is("cancelling ends reading") {
		return 0, context.Cause(r.ctx)
	}
	return r.r.Read(p)
}

func (r *modelReader) Close() error { return nil }

func (m *model) find(ctx context.Context, key string) (held, error) {
	id, err := m.begin(ctx, key)
	if err != nil {
		return held{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	b, ok := m.blobs[id]
	switch {
	case ok:
		if late := b; late.late != "" {
			late.info.ContentType = late.late
			m.blobs[id] = late
		}
		return b, nil
	case m.is("not found"):
		return held{}, fmt.Errorf("model: %.40q: %w", key, fs.ErrNotExist)
	}
	return held{}, storage.ErrNotFound.Wrap(nil, "model: %.40q", key)
}

func (m *model) Stat(ctx context.Context, key string) (storage.Info, error) {
	b, err := m.find(ctx, key)
	if m.is("stat") && err == nil {
		b.info.ModTime = time.Now().Add(time.Hour)
	}
	return m.out(b.info), err
}

func (m *model) Delete(ctx context.Context, key string, opts ...storage.DeleteOption) error {
	id, err := m.begin(ctx, key)
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	b, ok := m.blobs[id]
	if etag := storage.NewDeleteOptions(opts...).IfMatch; ok && etag != "" && etag != b.info.ETag && !m.is("delete if match") {
		return storage.ErrPrecondition
	}
	if m.is("delete") {
		maps.DeleteFunc(m.blobs, func(k string, _ held) bool { return strings.HasPrefix(k, id+"/") })
	}
	if m.is("concurrent use") {
		if dir, _, found := strings.Cut(id, "/"); found { // it removes the directory, empty or not
			maps.DeleteFunc(m.blobs, func(k string, _ held) bool { return strings.HasPrefix(k, dir+"/") })
		}
	}
	delete(m.blobs, id)
	return nil
}

func (m *model) List(ctx context.Context, prefix string) iter.Seq2[storage.Info, error] {
	return func(yield func(storage.Info, error) bool) {
		if ctx.Err() != nil && !m.is("a context that has ended") {
			for range map[bool]int{true: 2, false: 1}[m.is("a listing that fails")] {
				yield(storage.Info{}, context.Cause(ctx))
			}
			return
		}
		if m.is("list") && prefix != "" && !strings.HasSuffix(prefix, "/") {
			prefix += "/" // it takes the prefix for a directory
		}
		for _, key := range m.keys(prefix) {
			b, err := m.find(ctx, key)
			if errors.Is(err, fs.ErrNotExist) && !m.is("a loop that changes what it lists") {
				continue
			}
			if m.is("list says what Stat says") {
				b.info.Size = 0
			}
			if !yield(m.out(b.info), err) && !m.is("leaving a listing") {
				return
			}
		}
	}
}

func (m *model) keys(prefix string) []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	keys := slices.DeleteFunc(slices.Collect(maps.Keys(m.blobs)), func(k string) bool { return !strings.HasPrefix(k, prefix) })
	slices.Sort(keys)
	if m.is("a long listing") {
		keys = keys[:min(len(keys), 1000)] // it asks for one page
	}
	return keys
}

func (m *model) Copy(ctx context.Context, from, to string, pre storage.Preconditions) (storage.Info, error) {
	if err := storage.CheckKey(from); err != nil {
		return storage.Info{}, err
	}
	id, err := m.begin(ctx, to)
	if err != nil {
		return storage.Info{}, err
	}
	b, err := m.find(ctx, from)
	if err != nil {
		return storage.Info{}, err
	}
	if m.is("copy") {
		b.info.ContentType, b.info.Metadata = "application/octet-stream", nil
	}
	if m.is("copy under conditions") {
		pre = storage.Preconditions{}
	}
	b.info.Key = to
	b.data = bytes.Clone(b.data)
	return m.store(id, b, pre)
}
