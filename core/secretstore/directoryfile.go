package secretstore

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"runtime"
	"syscall"
)

var errIsDir = errors.New("is a directory")

// maxFile is more than the largest secret with its line break takes.
const maxFile = 64<<10 + 2

// find says what is wrong with the file of a name, if there is one.
func (d *Directory) find(name string) error {
	for level := path.Dir(name); level != "." && !d.opts.Shared; level = path.Dir(level) {
		info, err := d.root.Stat(level)
		if err != nil {
			return err
		}
		if info.IsDir() && permissions(info)&0o022 != 0 { // as of the store's own directory
			return fmt.Errorf("the directory %q has mode %v: remove write permission of group and others (chmod go-w), or set Shared: %w", level, info.Mode(), fs.ErrPermission)
		}
	}
	info, err := d.root.Stat(name)
	if err != nil {
		return err
	}
	return d.check(info)
}

// check refuses what is not a file for the process's user alone.
func (d *Directory) check(info fs.FileInfo) error {
	switch {
	case info.IsDir():
		return errIsDir
	case !info.Mode().IsRegular():
		return fmt.Errorf("it is not a regular file but %v", info.Mode().Type())
	case !d.opts.Shared && permissions(info)&0o077 != 0:
		return fmt.Errorf("its file has mode %v: remove the permissions of group and others (chmod go=), or set Shared: %w", info.Mode(), fs.ErrPermission)
	case info.Size() > maxFile:
		return fmt.Errorf("its file has %d bytes, and a secret at most 65,536", info.Size())
	}
	return nil
}

// permissions returns the mode's bits, or none where the system has none.
func permissions(info fs.FileInfo) fs.FileMode {
	if runtime.GOOS == "windows" {
		return 0
	}
	return info.Mode().Perm()
}

func (d *Directory) read(name string) (text string, err error) {
	if err := d.find(name); err != nil { // before opening, which waits for the writer of a pipe
		return "", err
	}
	f, err := d.root.Open(name)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat() // of what was opened
	if err == nil {
		err = d.check(info)
	}
	if err != nil {
		return "", err
	}
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(b) > maxFile {
		err = errors.New("its file grows while it is read")
	}
	if err != nil {
		return "", err
	}
	return string(b), nil
}

// write replaces the file of a name in one step: a reader finds the former file or the
// new one, and so does the next process if this one dies.
func (d *Directory) write(name, text string) (err error) {
	for range 3 { // another process may remove the directory between two steps, with its last secret
		if err = d.replace(name, text); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return err
}

func (d *Directory) replace(name, text string) error {
	dir := path.Dir(name)
	if err := d.root.MkdirAll(dir, 0o700); err != nil {
		return leveled(err)
	}
	// No secret has this name: none begins with a dot.
	temporary := path.Join(dir, "."+rand.Text())
	if err := d.create(temporary, text); err != nil {
		return err
	}
	if err := d.root.Rename(temporary, name); err != nil {
		return errors.Join(leveled(err), d.root.Remove(temporary))
	}
	return d.sync(dir)
}

// create writes a file that is on disk when it returns nil, and gone otherwise.
func (d *Directory) create(name, text string) error {
	f, err := d.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, d.root.Remove(name))
	}
	return nil
}

// sync makes the entries of a directory durable.
func (d *Directory) sync(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // which cannot, and does not need it
	}
	f, err := d.root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// leveled returns errLevel for what the system says about a file where a directory
// should be, or a directory where a file should be.
func leveled(err error) error {
	if errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.EISDIR) || errors.Is(err, syscall.ENOTEMPTY) || errors.Is(err, fs.ErrExist) {
		return errLevel
	}
	return err
}
