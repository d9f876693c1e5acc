package filestorage

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// The directories below the root.
const (
	blobsDir = "blobs"
	tempDir  = "tmp"
	locksDir = "locks"
)

const (
	fileMode = 0o600
	dirMode  = 0o700
)

// A disk makes the system calls that change something, within one root: a
// symbolic link that leaves it is an error. fault, which only tests set, comes
// before each and may fail it.
type disk struct {
	root   *os.Root
	noSync bool
	fault  func(op string) error
}

func (d *disk) inject(op string) error {
	if d.fault == nil {
		return nil
	}
	return d.fault(op)
}

func (d *disk) openFile(name string, flag int) (*os.File, error) {
	if err := d.inject("open"); err != nil {
		return nil, err
	}
	return d.root.OpenFile(name, flag, fileMode)
}

// flock locks f unless another open file has it; see tryLock.
func (d *disk) flock(f *os.File) (bool, error) {
	if err := d.inject("flock"); err != nil {
		return false, err
	}
	return tryLock(f)
}

// write writes p at off. A fault leaves half of it, as a full disk may.
func (d *disk) write(f *os.File, p []byte, off int64) error {
	if err := d.inject("write"); err != nil {
		_, half := f.WriteAt(p[:len(p)/2], off)
		return errors.Join(err, half)
	}
	_, err := f.WriteAt(p, off)
	return err
}

func (d *disk) sync(f *os.File) error { return d.syncWith(f, (*os.File).Sync) }

func (d *disk) syncDir(dir *os.File) error { return d.syncWith(dir, syncDir) }

func (d *disk) syncWith(f *os.File, sync func(*os.File) error) error {
	if d.noSync {
		return nil
	}
	if err := d.inject("fsync"); err != nil {
		return err
	}
	return sync(f)
}

func (d *disk) close(f *os.File) error {
	if err := d.inject("close"); err != nil {
		return errors.Join(err, f.Close())
	}
	return f.Close()
}

func (d *disk) rename(from, to string) error {
	if err := d.inject("rename"); err != nil {
		return err
	}
	return d.root.Rename(from, to)
}

func (d *disk) remove(name string) error {
	if err := d.inject("remove"); err != nil {
		return err
	}
	return d.root.Remove(name)
}

// mkdirAll makes dir and its parents.
func (d *disk) mkdirAll(dir string) error {
	if err := d.inject("mkdir"); err != nil {
		return err
	}
	return d.root.MkdirAll(dir, dirMode)
}

// syncUp makes the entries of dir durable, and dir itself in its parents: another
// process may have made one of those a moment ago. A directory that is gone
// was removed after its last blob was deleted, and needs no more.
func (d *disk) syncUp(dir string) error {
	if d.noSync {
		return nil
	}
	for ; dir != "."; dir = path.Dir(dir) {
		f, err := d.openFile(dir, os.O_RDONLY)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if err := errors.Join(d.syncDir(f), f.Close()); err != nil {
			return err
		}
	}
	return nil
}

// prune removes dir and its parents below blobsDir while they are empty. It
// does what it can: an empty directory that stays is not seen by anybody.
func (d *disk) prune(dir string) {
	for ; dir != blobsDir; dir = path.Dir(dir) {
		if err := d.remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return
		}
	}
}

// makeRoot makes dir and its parents, durably, and returns it opened.
func makeRoot(dir string) (*os.Root, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if err := makeDurable(dir); err != nil {
		return nil, err
	}
	return os.OpenRoot(dir)
}

func makeDurable(dir string) error {
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	parent := filepath.Dir(dir)
	if err := makeDurable(parent); err != nil {
		return err
	}
	if err := os.Mkdir(dir, dirMode); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	f, err := os.Open(parent)
	if err != nil {
		return err
	}
	return errors.Join(syncDir(f), f.Close())
}
