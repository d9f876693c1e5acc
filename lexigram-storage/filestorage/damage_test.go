//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package filestorage

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/storage"
)

// damages change the file of the blob "k", which has 300,000 bytes.
var damages = map[string]func(path string) error{
	"truncated by a byte": func(p string) error { return resize(p, -1) },
	"truncated to half":   func(p string) error { return resize(p, -150_000) },
	"longer by a byte":    func(p string) error { return resize(p, 1) },
	"empty":               func(p string) error { return os.Truncate(p, 0) },
	"half a header":       func(p string) error { return os.Truncate(p, 40) },
	"zeros":               func(p string) error { return overwrite(p, 0, make([]byte, 4096)) },
	"another magic":       func(p string) error { return overwrite(p, 0, []byte("x")) },
	"a huge header":       func(p string) error { return overwrite(p, 8, []byte{0xff, 0xff, 0xff, 0xff}) },
	"another size":        func(p string) error { return overwrite(p, 16, []byte{1}) },
	"another first byte":  func(p string) error { return overwrite(p, 1000, []byte("~")) },
	"another last byte":   func(p string) error { return overwrite(p, 300_000, []byte("~~~")) },
	"another blob":        func(p string) error { return os.Rename(filepath.Join(filepath.Dir(p), "other="), p) },
	"a pipe":              func(p string) error { return errors.Join(os.Remove(p), syscall.Mkfifo(p, 0o600)) },
	"a directory":         func(p string) error { return errors.Join(os.Remove(p), os.Mkdir(p, 0o700)) },
}

func resize(path string, by int64) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	return os.Truncate(path, info.Size()+by)
}

func overwrite(path string, off int64, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(data, off)
	return errors.Join(err, f.Close())
}

func TestDamageIsNoticed(t *testing.T) {
	text := strings.Repeat("x", 300_000)
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, Config{Dir: dir, NoSync: true})
			put(t, s, "k", text)
			put(t, s, "other", text)
			if err := damage(filepath.Join(dir, blobsDir, "k=")); err != nil {
				t.Fatal(err)
			}
			_, err := read(t, s, "k")
			if !errors.Is(err, storage.ErrCorrupt) || !strings.Contains(err.Error(), `"k"`) {
				t.Errorf("reading a damaged blob = %v, want ErrCorrupt and its key", err)
			}
			t.Log(err)
			if b, err := s.Open(t.Context(), "k"); err == nil {
				n, err := io.Copy(io.Discard, b)
				if !errors.Is(err, storage.ErrCorrupt) || n >= int64(len(text)) {
					t.Errorf("copying a damaged blob = %d, %v, want ErrCorrupt before the end", n, err)
				}
				b.Close()
			}
			if name != "a directory" {
				put(t, s, "k", "new")
				if got, err := read(t, s, "k"); got != "new" || err != nil {
					t.Errorf("after Put over it, the blob reads %q, %v", got, err)
				}
			}
			if err := s.Delete(t.Context(), "k"); err != nil {
				t.Errorf("Delete = %v", err)
			}
		})
	}
}

// A copy of damaged bytes is as damaged, and says so.
func TestCopyKeepsDamageVisible(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Config{Dir: dir, NoSync: true})
	put(t, s, "k", strings.Repeat("x", 1000))
	if err := overwrite(filepath.Join(dir, blobsDir, "k="), 500, []byte("~")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Copy(t.Context(), "k", "copy", storage.Preconditions{}); err != nil {
		t.Fatal(err)
	}
	if got, err := read(t, s, "copy"); !errors.Is(err, storage.ErrCorrupt) {
		t.Errorf("the copy reads %q, %v, want ErrCorrupt", got, err)
	}
}

func TestListNamesTheDamagedBlob(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Config{Dir: dir, NoSync: true})
	for _, k := range []string{"a", "b", "c"} {
		put(t, s, k, "v")
	}
	if err := os.Truncate(filepath.Join(dir, blobsDir, "b="), 10); err != nil {
		t.Fatal(err)
	}
	var keys []string
	var last error
	for info, err := range s.List(t.Context(), "") {
		keys, last = append(keys, info.Key), err
	}
	if len(keys) != 2 || !errors.Is(last, storage.ErrCorrupt) || !strings.Contains(last.Error(), `"b"`) {
		t.Errorf("List = %q, %v, want a, and ErrCorrupt about b", keys, last)
	}
}
