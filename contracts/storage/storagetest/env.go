package storagetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/storage"
)

// put puts text under key.
func (e *env) put(key, text string, opts ...storage.PutOption) (storage.Info, error) {
	info, err := e.s.Put(e.ctx, key, strings.NewReader(text), opts...)
	if err != nil {
		return info, fmt.Errorf("Put(%.40q) = %w", key, err)
	}
	return info, nil
}

// get reads the whole blob under key.
func (e *env) get(key string, opts ...storage.OpenOption) (string, storage.Info, error) {
	b, err := e.s.Open(e.ctx, key, opts...)
	if err != nil {
		return "", storage.Info{}, fmt.Errorf("Open(%.40q) = %w", key, err)
	}
	var data bytes.Buffer
	data.Grow(int(b.Info.Size) + bytes.MinRead)
	_, err = data.ReadFrom(b)
	if err = errors.Join(err, b.Close()); err != nil {
		return "", storage.Info{}, fmt.Errorf("reading %.40q: %w", key, err)
	}
	return data.String(), b.Info, nil
}

// holds checks that the blob under key is want.
func (e *env) holds(key, want string) error {
	got, info, err := e.get(key)
	if err != nil {
		return err
	}
	if got != want {
		return fmt.Errorf("the blob %.40q has %s, want %s", key, short(got), short(want))
	}
	if info.Key != key || info.Size != int64(len(want)) {
		return fmt.Errorf("Open(%.40q).Info has key %.40q and size %d, want size %d", key, info.Key, info.Size, len(want))
	}
	return nil
}

// absent checks that there is no blob under key.
func (e *env) absent(key string) error {
	if _, err := e.s.Stat(e.ctx, key); !errors.Is(err, storage.ErrNotFound) {
		return fmt.Errorf("Stat(%.40q) = %v, want ErrNotFound", key, err)
	}
	return nil
}

// keys lists.
func (e *env) keys(prefix string) ([]string, error) {
	var keys []string
	for info, err := range storage.List(e.ctx, e.s, prefix) {
		if err != nil {
			return keys, fmt.Errorf("List(%q): %w", prefix, err)
		}
		keys = append(keys, info.Key)
	}
	return keys, nil
}

func want(what string, err, sentinel error) error {
	if !errors.Is(err, sentinel) {
		return fmt.Errorf("%s = %v, want an error wrapping %q", what, err, sentinel)
	}
	return nil
}

func sameMetadata(what string, info storage.Info, contentType string, metadata map[string]string) error {
	if info.ContentType != contentType || !maps.Equal(info.Metadata, metadata) {
		return fmt.Errorf("%s has content type %q and metadata %q, want %q and %q", what, info.ContentType, info.Metadata, contentType, metadata)
	}
	return nil
}

func short(s string) string {
	if len(s) <= 40 {
		return fmt.Sprintf("%q", s)
	}
	return fmt.Sprintf("%q… (%d bytes)", s[:40], len(s))
}

// letters returns n bytes of which no block is like the one before.
func letters(n int) string {
	b := make([]byte, min(n, 65_537)) // prime, so that it repeats at no power of two
	x := uint32(1)
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = 'a' + byte(x>>24)%26
	}
	for len(b) < n {
		b = append(b, b[:min(len(b), n-len(b))]...)
	}
	return string(b)
}

// A script is a reader that gives its text and then does something.
type script struct {
	text   *bytes.Reader
	then   func() error // instead of io.EOF
	closed bool
}

func newScript(text string, then func() error) *script {
	return &script{text: bytes.NewReader([]byte(text)), then: then}
}

func (s *script) Read(p []byte) (int, error) {
	n, err := s.text.Read(p)
	if err == io.EOF && s.then != nil {
		return 0, s.then()
	}
	return n, err
}

func (s *script) Close() error {
	s.closed = true
	return nil
}

// ended returns a context that has ended, and its cause.
func ended(ctx context.Context) (context.Context, error) {
	cause := errors.New("the caller left")
	ctx, cancel := context.WithCancelCause(ctx)
	cancel(cause)
	return ctx, cause
}
