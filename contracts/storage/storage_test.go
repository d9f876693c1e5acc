package storage_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"math"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/storage"
)

// one is a store of the blob "from", which remembers what is put.
type one struct {
	size int64 // that Info claims
	put  *string
}

func (o one) Open(_ context.Context, key string, _ ...storage.OpenOption) (*storage.Blob, error) {
	if key != "from" {
		return nil, storage.ErrNotFound.Wrap(nil, "one: open %q", key)
	}
	return &storage.Blob{
		ReadCloser: io.NopCloser(strings.NewReader("text")),
		Info:       storage.Info{Key: key, Size: o.size, ContentType: "text/plain", Metadata: map[string]string{"a": "b"}},
	}, nil
}

func (o one) Put(_ context.Context, key string, r io.Reader, opts ...storage.PutOption) (storage.Info, error) {
	data, err := io.ReadAll(r)
	p := storage.NewPutOptions(opts...)
	*o.put = key + "|" + string(data) + "|" + p.ContentType + "|" + p.Metadata["a"] + "|" + p.IfMatch
	return storage.Info{Key: key}, err
}

func (one) Stat(context.Context, string) (storage.Info, error) { return storage.Info{}, nil }
func (one) Delete(context.Context, string, ...storage.DeleteOption) error {
	return nil
}

// decorator has Copy and cannot: its inner store has none.
type decorator struct{ one }

func (decorator) Copy(context.Context, string, string, storage.Preconditions) (storage.Info, error) {
	return storage.Info{}, errors.ErrUnsupported
}

func TestCopyFallsBack(t *testing.T) {
	for name, s := range map[string]storage.Store{"plain": one{4, new(string)}, "decorator": decorator{one{4, new(string)}}} {
		info, err := storage.Copy(t.Context(), s, "from", "to", storage.Preconditions{IfMatch: "tag"})
		var got string
		switch s := s.(type) {
		case one:
			got = *s.put
		case decorator:
			got = *s.put
		}
		if err != nil || info.Key != "to" || got != "to|text|text/plain|b|tag" {
			t.Errorf("%s: Copy = %+v, %v, put %q", name, info, err, got)
		}
		if _, err := storage.Copy(t.Context(), s, "none", "to", storage.Preconditions{}); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: Copy of nothing = %v", name, err)
		}
	}
}

func TestReadAll(t *testing.T) {
	data, info, err := storage.ReadAll(t.Context(), one{size: 4}, "from", 4)
	if string(data) != "text" || info.Key != "from" || err != nil {
		t.Errorf("ReadAll = %q, %+v, %v", data, info, err)
	}
	if _, _, err := storage.ReadAll(t.Context(), one{size: 4}, "from", 3); !errors.Is(err, storage.ErrSize) || errs.KindOf(err) != errs.Exhausted {
		t.Errorf("ReadAll above its limit = %v, want ErrSize", err)
	}
	if _, _, err := storage.ReadAll(t.Context(), one{size: 5}, "from", 9); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("ReadAll of a short blob = %v", err)
	}
}

func TestListWithoutALister(t *testing.T) {
	n := 0
	for _, err := range storage.List(t.Context(), one{}, "") {
		if n++; !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("List = %v, want ErrUnsupported", err)
		}
	}
	if n != 1 {
		t.Errorf("List yields %d times, want once", n)
	}
}

func FuzzCheckKey(f *testing.F) {
	for _, s := range []string{"", "a", "a/b", "/a", "a/", "a//b", "..", "a/./b", "a\x00", "\xff", strings.Repeat("k", 1024), strings.Repeat("k", 1025)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, key string) {
		// io/fs has nearly the same rule: it also refuses nothing else, and allows "." alone.
		want := fs.ValidPath(key) && key != "." && len(key) <= 1024 && !strings.Contains(key, "\x00")
		err := storage.CheckKey(key)
		if (err == nil) != want || err != nil && !errors.Is(err, storage.ErrKey) {
			t.Errorf("CheckKey(%q) = %v, want valid: %v", key, err, want)
		}
	})
}

func TestPutOptionsCheck(t *testing.T) {
	long := strings.Repeat("x", 256)
	for name, opts := range map[string][]storage.PutOption{
		"none":       nil,
		"full":       {storage.ContentType(long[:255]), storage.Metadata(map[string]string{long[:64]: strings.Repeat("v", 2048-64)})},
		"type":       {storage.ContentType("text/plain\n")},
		"long type":  {storage.ContentType(long)},
		"long key":   {storage.Metadata(map[string]string{long[:65]: ""})},
		"upper case": {storage.Metadata(map[string]string{"A": ""})},
		"control":    {storage.Metadata(map[string]string{"a": "\x7f"})},
		"too much":   {storage.Metadata(map[string]string{"a": strings.Repeat("v", 2048)})},
	} {
		err := storage.NewPutOptions(opts...).Check()
		if ok := name == "none" || name == "full"; (err == nil) != ok || !ok && !errors.Is(err, storage.ErrMetadata) {
			t.Errorf("%s: Check = %v", name, err)
		}
	}
}

func TestRange(t *testing.T) {
	for _, c := range []struct{ offset, length, size, wantLength int64 }{
		{0, 0, 0, 0},
		{0, 0, 5, 5},
		{2, 0, 5, 3},
		{2, 1, 5, 1},
		{2, 9, 5, 3},
		{5, 0, 5, 0},
		{5, math.MaxInt64, 5, 0},
		{6, 0, 5, -1},
		{-1, 0, 5, -1},
		{0, -1, 5, -1},
		{math.MaxInt64, math.MaxInt64, 5, -1},
	} {
		offset, length, err := storage.NewOpenOptions(storage.Range(c.offset, c.length)).Range(c.size)
		switch {
		case c.wantLength < 0:
			if !errors.Is(err, storage.ErrRange) {
				t.Errorf("Range(%d, %d) of %d = %v, want ErrRange", c.offset, c.length, c.size, err)
			}
		case err != nil || offset != c.offset || length != c.wantLength:
			t.Errorf("Range(%d, %d) of %d = %d, %d, %v, want %d bytes", c.offset, c.length, c.size, offset, length, err, c.wantLength)
		}
	}
}

func TestErrorsMatchTheStandardLibrary(t *testing.T) {
	for sentinel, std := range map[*errs.Error]error{storage.ErrNotFound: fs.ErrNotExist, storage.ErrKey: fs.ErrInvalid, storage.ErrClosed: fs.ErrClosed} {
		if err := sentinel.Wrap(nil, "x"); !errors.Is(err, std) || !errors.Is(err, storage.Err) {
			t.Errorf("%v is not %v of the family", err, std)
		}
	}
}
