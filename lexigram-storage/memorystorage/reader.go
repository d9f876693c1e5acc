package memorystorage

import (
	"bytes"
	"context"
	"io"
	"io/fs"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/storage"
)

// A reader reads an open blob until its context ends or it is closed.
type reader struct {
	ctx    context.Context // the contract ends reading with it
	r      *bytes.Reader
	key    string
	closed bool
}

func (r *reader) Read(p []byte) (int, error) {
	switch {
	case r.closed:
		return 0, storage.Err.Wrap(fs.ErrClosed, "memorystorage: read %q", r.key)
	case r.ctx.Err() != nil:
		return 0, storage.Err.Wrap(context.Cause(r.ctx), "memorystorage: read %q", r.key)
	}
	return r.r.Read(p)
}

func (r *reader) Close() error {
	r.closed = true
	return nil
}

// readAll reads r until it or ctx ends. A panic of r is an error.
func readAll(ctx context.Context, r io.Reader) ([]byte, error) {
	var data bytes.Buffer
	err := errs.Catch(func() error {
		_, err := data.ReadFrom(&source{ctx, r})
		return err
	})
	if err == nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return data.Bytes(), err
}

// A source is a reader that ends with a context.
type source struct {
	ctx context.Context
	r   io.Reader
}

func (s *source) Read(p []byte) (int, error) {
	if s.ctx.Err() != nil {
		return 0, context.Cause(s.ctx)
	}
	return s.r.Read(p)
}
