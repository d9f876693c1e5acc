package filestorage

import (
	"context"
	"errors"
	"os"
	"sync"

	"github.com/lexigram/lexigram-go/contracts/storage"
)

var (
	_ storage.Lister = (*Store)(nil)
	_ storage.Copier = (*Store)(nil)
)

// A Store is a [storage.Store] in a directory; it lists and copies. ETags are
// the SHA-256 of the bytes, in hexadecimal. Several stores, in one process or
// many, may share a directory. It uses memory for a buffer per call, and to
// list, for the names of one directory per slash. It is safe for concurrent
// use; the zero value is not usable. The caller closes it.
type Store struct {
	dir     string
	disk    *disk
	locks   *locks
	buffers sync.Pool // of *[]byte

	mu     sync.RWMutex // of closed
	closed bool
	calls  sync.WaitGroup // that began before closed
}

// bufferSize is how much Put reads at once.
const bufferSize = 128 << 10

// Open makes cfg.Dir if it is not there, removes what writers that died left
// behind, and returns its store. An error wraps [storage.Err], and
// [errors.ErrUnsupported] where the operating system lacks what the store relies on.
func Open(cfg Config) (*Store, error) {
	if err := cfg.Validate(); err != nil {
		return nil, storage.Err.Wrap(err, "filestorage: open")
	}
	root, err := makeRoot(cfg.Dir)
	if err != nil {
		return nil, storage.Err.Wrap(err, "filestorage: open %q", cfg.Dir)
	}
	d := &disk{root: root, noSync: cfg.NoSync}
	s := &Store{dir: root.Name(), disk: d, locks: newLocks(d)}
	s.buffers.New = func() any { b := make([]byte, bufferSize); return &b }
	if err := s.prepare(); err != nil {
		return nil, storage.Err.Wrap(errors.Join(err, root.Close()), "filestorage: open %q", cfg.Dir)
	}
	return s, nil
}

// prepare makes the layout, and proves that the directory can be written and locked.
func (s *Store) prepare() error {
	for _, dir := range []string{blobsDir, tempDir, locksDir} {
		if err := s.disk.mkdirAll(dir); err != nil {
			return err
		}
	}
	f, err := s.disk.openFile(".", os.O_RDONLY)
	if err != nil {
		return err
	}
	if err := errors.Join(s.disk.syncDir(f), f.Close()); err != nil {
		return err
	}
	unlock, err := s.locks.lock(context.Background(), "")
	if err != nil {
		return err
	}
	unlock()
	return sweep(s.disk)
}

// Close waits for the calls that began, and closes the directory. It is
// idempotent. Every method afterwards is [storage.ErrClosed]; blobs that are
// open stay so.
func (s *Store) Close() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.calls.Wait()
	if err := s.disk.root.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return storage.Err.Wrap(err, "filestorage: close %q", s.dir)
	}
	return nil
}

// begin checks what every method begins with; done ends the call.
func (s *Store) begin(ctx context.Context, op, key string) (done func(), err error) {
	if ctx.Err() != nil {
		return nil, storage.Err.Wrap(context.Cause(ctx), "filestorage: %s %q", op, key)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return nil, storage.ErrClosed.Wrap(nil, "filestorage: %s %q", op, key)
	}
	s.calls.Add(1)
	return s.calls.Done, nil
}

// failed makes err the boundary's own: it says what was done with which key, and
// wraps the contract's sentinel.
func failed(err error, op, key string) error {
	sentinel := storage.Err
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errPrecondition):
		return storage.ErrPrecondition.Wrap(nil, "filestorage: %s %q", op, key)
	case errors.Is(err, errAbsent):
		return storage.ErrNotFound.Wrap(nil, "filestorage: %s %q", op, key)
	case errors.Is(err, errUnknown):
		sentinel = storage.ErrOutcome
	case errors.Is(err, errDamage):
		sentinel = storage.ErrCorrupt
	}
	return sentinel.Wrap(err, "filestorage: %s %q", op, key)
}
