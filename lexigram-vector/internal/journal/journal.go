package journal

import (
	"bufio"
	"fmt"
	"io"
	"os"
)

// A Journal is a file of records. It is not safe for concurrent use.
type Journal struct {
	dir    *Dir
	name   string
	kind   Kind
	salt   [8]byte
	file   file
	size   int64  // of what is good
	number uint32 // of the next frame
	buf    []byte
	broken error
	cut    int64
}

// A file is what a journal needs of an [os.File].
type file interface {
	io.Writer
	io.Closer
	Sync() error
	Truncate(size int64) error
	Seek(offset int64, whence int) (int64, error)
}

// keepBuffer is the largest buffer that is kept for the next append.
const keepBuffer = 1 << 20

// Size returns the bytes of the file.
func (j *Journal) Size() int64 { return j.size }

// Cut returns how many bytes of a call that was interrupted were dropped when
// the journal was opened.
func (j *Journal) Cut() int64 { return j.cut }

// Err returns why the journal takes no more records, or nil.
func (j *Journal) Err() error { return j.broken }

// Append adds a record and syncs it. After an error the record is not there,
// unless the error wraps [ErrBroken]: then it may be found when the journal is
// opened again, and until then nothing can be appended.
func (j *Journal) Append(payload []byte) error {
	switch {
	case j.broken != nil:
		return j.broken
	case len(payload) > j.dir.limit:
		return ErrTooLarge
	}
	b := frame{uint32(len(payload)), checksum(payload), j.number}.append(j.buf[:0], j.salt)
	b = append(b, payload...)
	if j.buf = b[:0]; cap(b) > keepBuffer {
		j.buf = nil
	}
	if _, err := j.file.Write(b); err != nil {
		return j.rollback(err)
	}
	if !j.dir.noSync {
		if err := j.file.Sync(); err != nil {
			// What the kernel still holds, and what of it will reach the disk, is unknown.
			j.broken = fmt.Errorf("%w: sync %s: %w", ErrBroken, j.name, err)
			return j.broken
		}
	}
	j.size += int64(len(b))
	j.number++
	return nil
}

// also adds what went wrong on the way out to err, in one line.
func also(err error, more ...error) error {
	for _, m := range more {
		if m != nil {
			err = fmt.Errorf("%w; then %w", err, m)
		}
	}
	return err
}

// rollback takes back what a failed write left.
func (j *Journal) rollback(cause error) error {
	err := j.file.Truncate(j.size)
	if err == nil {
		_, err = j.file.Seek(j.size, io.SeekStart)
	}
	if err != nil {
		j.broken = fmt.Errorf("%w: %s: %w; then %w", ErrBroken, j.name, cause, err)
		return j.broken
	}
	return cause
}

// Rewrite replaces the file by one with the records that all adds, in one step:
// whenever the process ends, the old one or the new one is found, whole.
func (j *Journal) Rewrite(all func(add func(payload []byte) error) error) error {
	if j.broken != nil {
		return j.broken
	}
	next := &Journal{dir: j.dir, name: j.name, kind: j.kind, salt: newSalt()}
	f, err := j.dir.root.OpenFile(j.name+temporary, os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	next.file = f
	if err := next.fill(f, all); err != nil {
		return also(err, f.Close(), j.dir.root.Remove(j.name+temporary))
	}
	if err := j.dir.root.Rename(j.name+temporary, j.name); err != nil {
		return also(err, f.Close(), j.dir.root.Remove(j.name+temporary))
	}
	if j.file != nil {
		_ = j.file.Close() // nothing unwritten is in it, and nobody can find it
	}
	*j = *next
	if err := j.dir.sync(); err != nil {
		// The old file may come back: what is appended to the new one would be lost.
		j.broken = fmt.Errorf("%w: sync directory %q: %w", ErrBroken, j.dir.path, err)
		return j.broken
	}
	return nil
}

// fill writes and syncs a whole new file.
func (j *Journal) fill(f file, all func(add func(payload []byte) error) error) error {
	w := bufio.NewWriterSize(f, keepBuffer)
	n, err := w.Write(appendHeader(nil, j.kind, j.salt))
	if err != nil {
		return err
	}
	j.size = int64(n)
	err = all(func(payload []byte) error {
		if len(payload) > j.dir.limit {
			return ErrTooLarge
		}
		j.buf = frame{uint32(len(payload)), checksum(payload), j.number}.append(j.buf[:0], j.salt)
		if _, err := w.Write(j.buf); err != nil {
			return err
		}
		j.size += int64(len(j.buf) + len(payload))
		j.number++
		_, err := w.Write(payload)
		return err
	})
	if err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Sync()
}

// Close closes the file. Append afterwards fails.
func (j *Journal) Close() error {
	if j.broken == nil {
		j.broken = fmt.Errorf("%s: %w", j.name, os.ErrClosed)
	}
	return j.file.Close()
}
