package filestorage

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"

	"github.com/lexigram/lexigram-go/contracts/errs"
)

// A temp is a file that becomes a blob. It is locked while it is open, which
// tells other processes that its writer lives.
type temp struct {
	disk *disk
	file *os.File
	name string // "" once it is a blob
	off  int64  // where the next bytes go
}

// tries is how often something is done again that another process spoiled.
const tries = 100

// newTemp makes an empty file. Between making and locking it, another process
// that opens the store may take it for abandoned: then it is gone, and another one is made.
func newTemp(d *disk) (*temp, error) {
	for range tries {
		name := path.Join(tempDir, rand.Text())
		f, err := d.openFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL)
		if err != nil {
			return nil, err
		}
		t := &temp{disk: d, file: f, name: name}
		ok, err := t.lock()
		if ok {
			return t, nil
		}
		t.discard()
		if err != nil {
			return nil, err
		}
	}
	return nil, errors.New("another process keeps removing new files of " + tempDir)
}

func (t *temp) lock() (bool, error) {
	if ok, err := t.disk.flock(t.file); !ok || err != nil {
		return false, err
	}
	mine, err := t.file.Stat()
	if err != nil {
		return false, err
	}
	there, err := t.disk.root.Lstat(t.name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && os.SameFile(mine, there), err
}

// discard closes and removes what has not become a blob. What cannot be removed
// is harmless, and removed by the next Open.
func (t *temp) discard() {
	if t.name != "" {
		t.disk.remove(t.name)
		t.file.Close()
	}
}

// write appends p.
func (t *temp) write(p []byte) error {
	if err := t.disk.write(t.file, p, t.off); err != nil {
		return err
	}
	t.off += int64(len(p))
	return nil
}

// fill appends what r has, through buf and into sum, until r or ctx ends.
func (t *temp) fill(ctx context.Context, r io.Reader, sum hash.Hash, buf []byte) error {
	return errs.Catch(func() error {
		for idle := 0; idle < tries; idle++ {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			n, rerr := r.Read(buf)
			if n < 0 || n > len(buf) {
				return fmt.Errorf("reader %T returned a count of %d for %d bytes", r, n, len(buf))
			}
			if n > 0 {
				idle = -1
				sum.Write(buf[:n])
				if err := t.write(buf[:n]); err != nil {
					return err
				}
			}
			if rerr == io.EOF {
				return nil
			}
			if rerr != nil {
				return rerr
			}
		}
		return io.ErrNoProgress
	})
}

// sweep removes the files whose writers died.
func sweep(d *disk) error {
	entries, err := fs.ReadDir(d.root.FS(), tempDir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := sweepOne(d, path.Join(tempDir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

func sweepOne(d *disk, name string) error {
	f, err := d.openFile(name, os.O_RDWR)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // it has become a blob
	}
	if err != nil {
		return err
	}
	defer f.Close()
	if ok, err := d.flock(f); !ok {
		return err
	}
	if err := d.remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
