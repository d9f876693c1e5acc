package filestorage

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"iter"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"

	"github.com/lexigram/lexigram-go/contracts/storage"
)

// List yields the blobs whose key begins with prefix, in byte order of key; see
// [storage.Lister]. It reads the directories that can hold such keys and the
// headers of the blobs that it yields, one after the other, with everything
// that Stat returns. Files that no key has are passed over; a damaged blob ends
// the listing with [storage.ErrCorrupt], which names its key.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[storage.Info, error] {
	return func(yield func(storage.Info, error) bool) {
		l := lister{store: s, prefix: prefix, yield: yield}
		if err := l.walk(ctx, blobsDir, ""); err != nil && !errors.Is(err, errStop) {
			yield(storage.Info{}, err)
		}
	}
}

// errStop says that the loop over the listing was left.
var errStop = errors.New("stop")

type lister struct {
	store  *Store
	prefix string
	yield  func(storage.Info, error) bool
}

type entry struct {
	name string
	key  string // of the blob, or what the keys below have in common
	kind entryKind
}

// walk yields what is in dir and below; the keys there begin with base.
func (l *lister) walk(ctx context.Context, dir, base string) error {
	entries, err := l.read(ctx, dir, base)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.kind == blob {
			err = l.emit(ctx, path.Join(dir, e.name), e.key)
		} else {
			err = l.walk(ctx, path.Join(dir, e.name), e.key)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// read returns the entries of dir that can hold keys with the prefix, in the
// order of their keys: no two have a common part that begins the other, but for
// a blob that ends where others go on, and it comes first.
func (l *lister) read(ctx context.Context, dir, base string) ([]entry, error) {
	done, err := l.store.begin(ctx, "list", l.prefix)
	if err != nil {
		return nil, err
	}
	defer done()
	names, err := readNames(l.store.disk.root, dir)
	if err != nil {
		return nil, failed(err, "list", l.prefix)
	}
	entries := make([]entry, 0, len(names))
	for _, name := range names {
		part, kind := parseName(name)
		key := base + part
		switch {
		case kind == foreign:
		case kind == blob && (!strings.HasPrefix(key, l.prefix) || storage.CheckKey(key) != nil):
		case kind != blob && !strings.HasPrefix(key, l.prefix) && !strings.HasPrefix(l.prefix, key):
		default:
			entries = append(entries, entry{name, key, kind})
		}
	}
	slices.SortFunc(entries, func(a, b entry) int { return cmp.Compare(a.key, b.key) })
	return entries, nil
}

// readNames returns the names in dir, none if dir is gone: its last blob was deleted.
func readNames(root *os.Root, dir string) ([]string, error) {
	f, err := root.Open(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	names, err := f.Readdirnames(-1)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		names, err = nil, nil // it went while it was open, or is a file that we did not make
	}
	return names, errors.Join(err, f.Close())
}

// emit yields the blob at name unless it was deleted meanwhile.
func (l *lister) emit(ctx context.Context, name, key string) error {
	h, err := l.stat(ctx, name, key)
	if errors.Is(err, errAbsent) {
		return nil
	}
	if err != nil {
		return err
	}
	if !l.yield(h.info(), nil) {
		return errStop
	}
	return nil
}

func (l *lister) stat(ctx context.Context, name, key string) (*header, error) {
	done, err := l.store.begin(ctx, "list", key)
	if err != nil {
		return nil, err
	}
	defer done()
	h, err := l.store.header(name, key)
	if err != nil && !errors.Is(err, errAbsent) {
		err = failed(err, "list", key)
	}
	return h, err
}
