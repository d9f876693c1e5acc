package secretstore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"sync"
	"syscall"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/security"
)

// DirectoryOptions are those of [NewDirectory]. The zero value is the strict one.
type DirectoryOptions struct {
	// Shared accepts files that their group or others may read, and a directory that they
	// may write to, as Docker and Kubernetes mount them unless told otherwise.
	Shared bool `config:"shared"`
}

// Directory is a [security.SecretStore] of a directory with one file for each secret:
// "database/password" is the file password in the directory database. It is safe for
// concurrent use, also by several processes. Close it.
//
// A file has no permission for its group and others, and no directory write permission, or it is
// not read. Symbolic links may
// lead to other files of the directory, as those of Kubernetes do, and not out of it. One
// line break at the end of a file is none of the secret's, because editors and echo write
// it; Set adds one to a secret that ends in one. Names that differ in case alone are one
// secret where the file system says so. Windows has no such permissions: there they are
// not checked.
type Directory struct {
	root *os.Root
	opts DirectoryOptions
	mu   sync.Mutex // of writers: a directory is removed with its last secret
}

var (
	_ security.SecretFinder  = (*Directory)(nil)
	_ security.SecretBatcher = (*Directory)(nil)
)

// NewDirectory opens the store in a directory that exists. One that group or others may
// write to is an error of kind Denied unless opts say Shared: they could replace secrets.
func NewDirectory(dir string, opts DirectoryOptions) (*Directory, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, security.Err.Wrap(err, "secretstore: directory")
	}
	info, err := root.Stat(".")
	if err == nil && !opts.Shared && permissions(info)&0o022 != 0 {
		err = fmt.Errorf("%s has mode %v: remove write permission of group and others (chmod go-w), or set Shared: %w", dir, info.Mode(), fs.ErrPermission)
	}
	if err != nil {
		return nil, errors.Join(security.Err.Wrap(err, "secretstore: directory"), root.Close())
	}
	return &Directory{root: root, opts: opts}, nil
}

// Close releases the directory. It is idempotent; afterwards every method is a
// [*security.SecretAccessError] that wraps [fs.ErrClosed].
func (d *Directory) Close() error { return d.root.Close() }

// Get reads the secret's file; see [security.SecretStore].
func (d *Directory) Get(ctx context.Context, name string) (config.Secret[string], error) {
	none := config.Secret[string]{}
	if err := begin(ctx, "get", name); err != nil {
		return none, err
	}
	text, err := d.read(name)
	switch {
	case isMissing(err):
		return none, notFound(name)
	case err != nil:
		return none, failed("get", name, err)
	}
	return config.NewSecret(decode(text)), nil
}

// Has reports whether the secret has a file; see [security.SecretFinder].
func (d *Directory) Has(ctx context.Context, name string) (bool, error) {
	if err := begin(ctx, "has", name); err != nil {
		return false, err
	}
	err := d.find(name)
	switch {
	case isMissing(err):
		return false, nil
	case err != nil:
		return false, failed("has", name, err)
	}
	return true, nil
}

// GetMany reads the files of the secrets that have one; see [security.SecretBatcher].
func (d *Directory) GetMany(ctx context.Context, names []string) (map[string]config.Secret[string], error) {
	return many(ctx, d, names)
}

// Set writes the secret to a file of its own, which then takes the place of the former
// one; see [security.SecretStore]. It is durable when Set returns nil.
func (d *Directory) Set(ctx context.Context, name string, value config.Secret[string]) error {
	if err := begin(ctx, "set", name); err != nil {
		return err
	}
	if err := security.CheckSecretValue(value.Reveal()); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.write(name, encode(value.Reveal())); err != nil {
		return failed("set", name, denied(err))
	}
	return nil
}

// Delete removes the secret's file, and directories that are empty without it; see
// [security.SecretStore].
func (d *Directory) Delete(ctx context.Context, name string) error {
	if err := begin(ctx, "delete", name); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	info, err := d.root.Lstat(name)
	if err == nil && info.IsDir() {
		return nil // a level of other secrets
	}
	if err == nil {
		err = d.root.Remove(name)
	}
	switch {
	case isMissing(err):
		return nil
	case err != nil:
		return failed("delete", name, denied(err))
	}
	for dir := path.Dir(name); dir != "." && d.root.Remove(dir) == nil; dir = path.Dir(dir) { // fails where one is not empty
	}
	return nil
}

// isMissing reports whether a file is not there: its name, or a level of it, which may be
// a file.
func isMissing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, errIsDir)
}

// denied returns err, of kind Denied also where the whole file system is read-only.
func denied(err error) error {
	if errors.Is(err, syscall.EROFS) {
		return fmt.Errorf("%w: %w", err, fs.ErrPermission)
	}
	return err
}

// decode returns the secret of a file's text, and encode the text of a secret's file.
func decode(text string) string {
	if s, ok := strings.CutSuffix(text, "\n"); ok {
		return strings.TrimSuffix(s, "\r")
	}
	return text
}

func encode(value string) string {
	if strings.HasSuffix(value, "\n") {
		return value + "\n"
	}
	return value
}
