package filestorage

import (
	"bytes"
	"context"
	"crypto/sha256"
	"hash"
	"io"
	"os"
)

// A reader reads a range of a blob. It is for one goroutine at a time.
type reader struct {
	ctx    context.Context // the contract ends reading with it
	file   *os.File
	key    string
	off    int64 // in the file
	remain int64
	sum    hash.Hash // of what was read; nil for a part, which cannot be checked
	want   [sha256.Size]byte
	err    error // of every Read from now on
}

func newReader(ctx context.Context, f *os.File, h *header, offset, length int64) *reader {
	r := &reader{ctx: ctx, file: f, key: h.description.Key, off: h.length + offset, remain: length}
	if length == h.size {
		r.sum, r.want = sha256.New(), h.sum
	}
	return r
}

// Read reads the next bytes. The last ones of a whole blob come only if all of them are right.
func (r *reader) Read(p []byte) (int, error) {
	if r.err == nil && r.ctx.Err() != nil {
		r.err = failed(context.Cause(r.ctx), "read", r.key)
	}
	if r.err != nil {
		return 0, r.err
	}
	p = p[:min(int64(len(p)), r.remain)]
	if len(p) == 0 && r.remain > 0 {
		return 0, nil
	}
	n, err := r.file.ReadAt(p, r.off)
	r.off += int64(n)
	r.remain -= int64(n)
	if r.sum != nil {
		r.sum.Write(p[:n])
	}
	switch {
	case n < len(p):
		r.err = failed(cut(err), "read", r.key)
	case r.remain == 0 && r.sum != nil && !bytes.Equal(r.sum.Sum(nil), r.want[:]):
		n, r.err = 0, failed(damage("has other bytes than were written"), "read", r.key)
	case r.remain == 0:
		r.err = io.EOF
	}
	if n > 0 {
		return n, nil
	}
	return 0, r.err
}

// Close closes the file. Read afterwards is an error.
func (r *reader) Close() error {
	if r.err == nil || r.err == io.EOF {
		r.err = failed(os.ErrClosed, "read", r.key)
	}
	return failed(r.file.Close(), "close", r.key)
}
