package sqlite

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// create makes sure that the file is there and nobody else may read it. It
// opens no file that exists: to close one drops the locks that other
// connections of this process have on it.
func create(path string) (abs string, err error) {
	if abs, err = filepath.Abs(path); err != nil {
		return "", refused(path, err)
	}
	f, err := os.OpenFile(abs, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	switch {
	case err == nil:
		if err = f.Close(); err != nil {
			return "", refused(path, err)
		}
	case errors.Is(err, fs.ErrExist):
		info, err := os.Stat(abs)
		if err == nil && info.IsDir() {
			err = errors.New("is a directory: name a file in it")
		}
		if err != nil {
			return "", refused(path, err)
		}
	default:
		return "", refused(path, err)
	}
	return abs, nil
}

// refused leaves out what an *fs.PathError would say twice.
func refused(path string, err error) error {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		err = pe.Err
	}
	if errors.Is(err, fs.ErrNotExist) {
		return sqldb.Err.Wrap(err, "sqlite: open %q: make the directory %q first", path, filepath.Dir(path))
	}
	return sqldb.Err.Wrap(err, "sqlite: open %q", path)
}

// A tempDir is the directory of [Memory] databases. It goes with the last of them.
type tempDir struct {
	path  string
	users atomic.Int64
}

func newTempDir() (*tempDir, error) {
	path, err := os.MkdirTemp("", "lexigram-sqlite-")
	if err != nil {
		return nil, refused(Memory, err)
	}
	return &tempDir{path: path}, nil
}

func (d *tempDir) release() error {
	if d == nil || d.users.Add(-1) > 0 {
		return nil
	}
	if err := os.RemoveAll(d.path); err != nil {
		return sqldb.Err.Wrap(err, "sqlite: close")
	}
	return nil
}
