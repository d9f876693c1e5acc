package journal

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// A Dir is a directory of journals that this process alone may use. Its methods
// may be called at the same time for different files.
type Dir struct {
	path   string
	root   *os.Root
	lock   *os.File
	noSync bool
	limit  int // of a record: MaxPayload, but less in tests
}

const (
	lockName  = "LOCK"
	temporary = ".tmp"
)

// OpenDir makes the directory if it is absent, and locks it, or returns an
// error wrapping [ErrInUse]. With noSync appended records are not synced. It
// removes what an interrupted rewrite left.
func OpenDir(path string, noSync bool) (*Dir, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	d := &Dir{path: path, root: root, noSync: noSync, limit: MaxPayload}
	if err := d.begin(); err != nil {
		return nil, also(err, d.Close())
	}
	return d, nil
}

func (d *Dir) begin() (err error) {
	if d.lock, err = d.root.OpenFile(lockName, os.O_CREATE|os.O_RDWR, 0o600); err != nil {
		return err
	}
	if err := lock(d.lock); err != nil {
		return fmt.Errorf("directory %q: %w", d.path, err)
	}
	left, err := d.Names(temporary)
	for _, name := range left {
		err = errors.Join(err, d.root.Remove(name+temporary))
	}
	return err
}

// Names returns the names of files that end in suffix, without it.
func (d *Dir) Names(suffix string) ([]string, error) {
	entries, err := fs.ReadDir(d.root.FS(), ".")
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), suffix); ok && e.Type().IsRegular() {
			names = append(names, name)
		}
	}
	return names, nil
}

// Create makes a journal with a first record, in place of one that there is.
func (d *Dir) Create(name string, kind Kind, first []byte) (*Journal, error) {
	j := &Journal{dir: d, name: name, kind: kind}
	err := j.Rewrite(func(add func([]byte) error) error { return add(first) })
	if err != nil && j.file != nil { // it is there, but may not stay
		err = also(err, j.file.Close(), d.Remove(name))
	}
	return j, err
}

// Remove deletes a journal for good. One that is not there is no error.
func (d *Dir) Remove(name string) error {
	if err := d.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return d.sync()
}

// sync makes what was created, renamed and removed last.
func (d *Dir) sync() error {
	f, err := d.root.Open(".")
	if err != nil {
		return err
	}
	return errors.Join(syncDir(f), f.Close())
}

// Check reports whether the directory can still be read.
func (d *Dir) Check() error {
	_, err := d.root.Stat(lockName)
	return err
}

// Close unlocks the directory. Its journals are closed before.
func (d *Dir) Close() error {
	var err error
	if d.lock != nil {
		err = d.lock.Close() // which unlocks it
	}
	return errors.Join(err, d.root.Close())
}

func newSalt() (salt [8]byte) {
	_, _ = rand.Read(salt[:]) // never fails: see its documentation
	return salt
}
