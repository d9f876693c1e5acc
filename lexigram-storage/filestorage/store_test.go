//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package filestorage

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/storage"
	"github.com/lexigram/lexigram-go/contracts/storage/storagetest"
)

func TestMain(m *testing.M) {
	if child() {
		return
	}
	goleak.VerifyTestMain(m)
}

func open(t testing.TB, cfg Config) *Store {
	t.Helper()
	if cfg.Dir == "" {
		cfg.Dir = t.TempDir()
	}
	s, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func put(t testing.TB, s storage.Store, key, text string, opts ...storage.PutOption) storage.Info {
	t.Helper()
	info, err := s.Put(t.Context(), key, strings.NewReader(text), opts...)
	if err != nil {
		t.Fatal(err)
	}
	return info
}

func read(t testing.TB, s storage.Store, key string) (string, error) {
	t.Helper()
	data, _, err := storage.ReadAll(t.Context(), s, key, 1<<30)
	return string(data), err
}

func tempFiles(t testing.TB, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(dir, tempDir))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestConformance(t *testing.T) {
	storagetest.Run(t, func(t *testing.T) storage.Store { return open(t, Config{}) })
}

func TestConformanceWithoutSync(t *testing.T) {
	storagetest.Run(t, func(t *testing.T) storage.Store { return open(t, Config{NoSync: true}) }, storagetest.Large(1<<18))
}

// Two stores over one directory keep the contract as one.
func TestConformanceOfTwo(t *testing.T) {
	storagetest.Run(t, func(t *testing.T) storage.Store {
		dir := t.TempDir()
		return &alternating{stores: [2]*Store{open(t, Config{Dir: dir, NoSync: true}), open(t, Config{Dir: dir, NoSync: true})}}
	}, storagetest.Large(1<<18))
}

func TestReopen(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Config{Dir: dir})
	want := put(t, s, "a/b", "text", storage.ContentType("text/plain"), storage.Metadata(map[string]string{"a": "b"}))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, Config{Dir: dir})
	got, err := s.Stat(t.Context(), "a/b")
	if err != nil || got.ETag != want.ETag || got.ContentType != "text/plain" || got.Metadata["a"] != "b" || !got.ModTime.Equal(want.ModTime) {
		t.Errorf("Stat after reopening = %+v, %v, want %+v", got, err, want)
	}
	const sum = "982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1" // of "text"
	if got.ETag != sum {
		t.Errorf("ETag = %s, want the SHA-256 in hexadecimal", got.ETag)
	}
}

func TestPermissions(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made", "by", "open")
	s := open(t, Config{Dir: dir})
	put(t, s, "a/b", "v")
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		want := fs.FileMode(fileMode)
		if d.IsDir() {
			want = dirMode
		}
		if err == nil && info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, want %v", path, info.Mode().Perm(), want)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestOpenRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, dir := range map[string]string{"no directory": "", "a file": file, "below a file": file + "/x"} {
		if s, err := Open(Config{Dir: dir}); err == nil || !errors.Is(err, storage.Err) {
			t.Errorf("Open of %s = %v, %v", name, s, err)
		}
	}
	if _, err := Open(Config{}); !errors.Is(err, errs.ErrValidation) {
		t.Errorf("Open without Dir = %v, want a validation error", err)
	}
}

func TestSymbolicLinksDoNotEscape(t *testing.T) {
	outside, dir := t.TempDir(), t.TempDir()
	s := open(t, Config{Dir: dir})
	put(t, s, "secret", "inside")
	blobs := filepath.Join(dir, blobsDir)
	data, err := os.ReadFile(filepath.Join(blobs, "secret="))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(outside, "secret="), data, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, target := range map[string]string{"link": outside, "absolute=": filepath.Join(outside, "secret="), "up": "../../../../../../../.."} {
		if err := os.Symlink(target, filepath.Join(blobs, name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, key := range []string{"link/secret", "absolute"} {
		if got, err := read(t, s, key); err == nil {
			t.Errorf("reading %q through a link = %q", key, got)
		}
	}
	if _, err := s.Put(t.Context(), "link/owned", strings.NewReader("v")); err == nil {
		t.Error("Put through a link succeeded")
	}
	if err := s.Delete(t.Context(), "link/secret"); err == nil {
		t.Error("Delete through a link succeeded")
	}
	entries, err := os.ReadDir(outside)
	if err != nil || len(entries) != 1 {
		t.Errorf("outside there are now %v, %v", entries, err)
	}
	put(t, s, "absolute", "replaces the link itself")
	if got, err := os.ReadFile(filepath.Join(outside, "secret=")); err != nil || string(got) != string(data) {
		t.Errorf("the link's target is %q, %v", got, err)
	}
}

func TestForeignFilesAreNotListed(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Config{Dir: dir})
	put(t, s, "k", "v")
	for _, name := range []string{".DS_Store", "README.md", "notes.txt", "upper=A=", "K=", "%=", "%zz=", "a%2fb=", "=", "short+", "con="} {
		if err := os.WriteFile(filepath.Join(dir, blobsDir, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var keys []string
	for info, err := range s.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, info.Key)
	}
	if !slices.Equal(keys, []string{"k"}) {
		t.Errorf("List = %q, want only %q", keys, "k")
	}
}

func TestEmptyDirectoriesGo(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Config{Dir: dir})
	put(t, s, "a/b/c", "v")
	put(t, s, "a/d", "v")
	for _, key := range []string{"a/b/c", "a/d"} {
		if err := s.Delete(t.Context(), key); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(filepath.Join(dir, blobsDir))
	if err != nil || len(entries) > 0 {
		t.Errorf("after the last Delete there are %v, %v", entries, err)
	}
}

func TestClosed(t *testing.T) {
	s := open(t, Config{})
	put(t, s, "k", "value")
	b, err := s.Open(t.Context(), "k")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if data, err := io.ReadAll(b); string(data) != "value" || err != nil {
		t.Errorf("a blob that was open reads %q, %v", data, err)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	if _, err := b.Read(make([]byte, 1)); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("Read of a closed blob = %v", err)
	}
	_, errPut := s.Put(t.Context(), "k", strings.NewReader(""))
	_, errOpen := s.Open(t.Context(), "k")
	_, errStat := s.Stat(t.Context(), "k")
	_, errCopy := s.Copy(t.Context(), "k", "l", storage.Preconditions{})
	for method, err := range map[string]error{"Put": errPut, "Open": errOpen, "Stat": errStat, "Copy": errCopy, "Delete": s.Delete(t.Context(), "k")} {
		if !errors.Is(err, storage.ErrClosed) {
			t.Errorf("%s after Close = %v, want ErrClosed", method, err)
		}
	}
	for _, err := range s.List(t.Context(), "") {
		if !errors.Is(err, storage.ErrClosed) {
			t.Errorf("List after Close = %v, want ErrClosed", err)
		}
	}
}

func TestWaitingForALockEndsWithTheContext(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s, other := open(t, Config{Dir: dir}), open(t, Config{Dir: dir})
		unlock, err := other.locks.lock(t.Context(), "k")
		if err != nil {
			t.Fatal(err)
		}
		cause := errors.New("too slow")
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, cause)
		defer cancel()
		begin := time.Now()
		if _, err := s.Put(ctx, "k", strings.NewReader("v")); !errors.Is(err, cause) {
			t.Errorf("Put while another process has the lock = %v, want the cause", err)
		}
		if d := time.Since(begin); d != time.Minute {
			t.Errorf("Put waited %v, want a minute", d)
		}
		go func() { time.Sleep(time.Second); unlock() }()
		put(t, s, "k", "v")
	})
	if left := tempFiles(t, dir); len(left) > 0 {
		t.Errorf("a Put that gave up left %q", left)
	}
}

func TestPutUsesLittleMemory(t *testing.T) {
	s := open(t, Config{NoSync: true})
	const size = 64 << 20
	put(t, s, "warm", "up")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := s.Put(t.Context(), "k", io.LimitReader(zeros{}, size)); err != nil {
		t.Fatal(err)
	}
	b, err := s.Open(t.Context(), "k")
	if err != nil {
		t.Fatal(err)
	}
	if n, err := io.Copy(io.Discard, b); n != size || err != nil {
		t.Fatal(n, err)
	}
	b.Close()
	if _, err := s.Copy(t.Context(), "k", "l", storage.Preconditions{}); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
		t.Errorf("Put, Open and Copy of 64 MiB allocated %d bytes", n)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
